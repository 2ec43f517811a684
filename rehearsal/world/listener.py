"""A web server on loopback that can close its port and open the same one again."""

from __future__ import annotations

from typing import Any

from aiohttp import web


class Listener:
    """Serves `app` on 127.0.0.1, on a free port that it keeps."""

    def __init__(self, app: web.Application, **protocol: Any) -> None:
        """`protocol` is what aiohttp's server takes."""
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=1, **protocol
        )
        self._site: web.TCPSite | None = None
        self._port = 0

    @property
    def address(self) -> tuple[str, int]:
        """The host and port; the port is known once it has been opened."""
        return "127.0.0.1", self._port

    async def open(self) -> None:
        """Listen; does nothing where it listens already."""
        if self._site is not None:
            return
        if self._runner.server is None:
            await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._site = site
        assert site._server is not None
        self._port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]

    async def close(self) -> None:
        """Stop listening and drop the connections that are open; the application stays."""
        site, self._site = self._site, None
        if site is None:
            return
        await site.stop()
        if self._runner.server is not None:
            # To aiohttp 0 is no limit: it would wait until the other end hangs up, after 5 s perhaps.
            await self._runner.server.shutdown(timeout=0.01)

    async def end(self) -> None:
        """Stop for good."""
        await self.close()
        await self._runner.cleanup()
