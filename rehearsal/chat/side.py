"""A side of the rehearsal that is a chat, with all the ways in which a side can misbehave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from rehearsal.chat.service import Chat
from rehearsal.world.side import LocalSide

SHARED_KEY: Final = b"both sides of the rehearsal sign with this"


class ChatSide(LocalSide):
    """Answers as a chat, and the declared endpoints as every local side does.

    `key` signs its sessions: another one than the other side's logs out whoever is moved.
    """

    def __init__(
        self,
        name: str,
        paths: Sequence[str],
        *,
        mean_latency_ms: float,
        key: bytes = SHARED_KEY,
        pause: float = 0.25,
    ) -> None:
        super().__init__(name, paths, mean_latency_ms=mean_latency_ms)
        self._chat = Chat(name, key, pause=pause)

    def _knows(self, path: str) -> bool:
        handler = self._chat.handler("GET", path) or self._chat.handler("POST", path)
        return handler is not None or super()._knows(path)

    async def _respond(self, request: web.Request, status: int) -> web.StreamResponse:
        handler = self._chat.handler(request.method, request.path)
        if handler is None or status != web.HTTPOk.status_code:
            return await super()._respond(request, status)
        return await handler(request)
