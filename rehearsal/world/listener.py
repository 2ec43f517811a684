"""A web server on loopback that can close its port and open the same one again."""

from __future__ import annotations

import ssl
from typing import Any

from aiohttp import web


class Listener:
    """Serves `app` on 127.0.0.1, on a free port that it keeps."""

    def __init__(
        self, app: web.Application, *, tls: ssl.SSLContext | None = None, **protocol: Any
    ) -> None:
        """`protocol` is what aiohttp's server takes. With `tls` it listens on a second port, for TLS."""
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=1, **protocol
        )
        self._tls = tls
        self._site: web.TCPSite | None = None
        self._secure_site: web.TCPSite | None = None
        self._port = 0
        self._secure_port = 0

    @property
    def address(self) -> tuple[str, int]:
        """The host and port; the port is known once it has been opened."""
        return "127.0.0.1", self._port

    @property
    def secure_address(self) -> tuple[str, int]:
        """The host and port at which it speaks TLS."""
        return "127.0.0.1", self._secure_port

    async def open(self) -> None:
        """Listen; does nothing where it listens already."""
        if self._site is not None:
            return
        if self._runner.server is None:
            await self._runner.setup()
        self._site, self._port = await self._listen(self._port)
        if self._tls is not None:
            self._secure_site, self._secure_port = await self._listen(self._secure_port, self._tls)

    async def _listen(
        self, port: int, tls: ssl.SSLContext | None = None
    ) -> tuple[web.TCPSite, int]:
        site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True, ssl_context=tls)
        await site.start()
        assert site._server is not None
        return site, site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]

    async def close(self) -> None:
        """Stop listening and drop the connections that are open; the application stays."""
        site, self._site = self._site, None
        if site is None:
            return
        secure, self._secure_site = self._secure_site, None
        for one in (site, secure):
            if one is not None:
                await one.stop()
        if self._runner.server is not None:
            # To aiohttp 0 is no limit: it would wait until the other end hangs up, after 5 s perhaps.
            await self._runner.server.shutdown(timeout=0.01)

    async def end(self) -> None:
        """Stop for good."""
        await self.close()
        await self._runner.cleanup()
