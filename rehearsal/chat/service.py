"""A chat as people know it: log in, read answers as they are written, upload, stay connected.

It does what real ones do and small test services do not. It builds absolute redirects from Host, refuses what
has no session (401) or comes from another site's page (403), streams for as long as it likes, takes files of
any size, and names its own files by their content.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from rehearsal.chat.build import Build
from rehearsal.chat.sessions import COOKIE, USER, Sessions

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
WORDS: Final = 20
"""Of an answer."""
EVENTS: Final = 40
"""Of the event stream; whoever wants more comes back, as a browser does by itself."""
_HTML: Final = "text/html"
_NEVER_CHANGES: Final = "public, max-age=31536000, immutable"


class Chat:
    """One side's chat.

    `key` signs sessions: with the same key on both sides a session is good on both. Between two words, and
    between two events, it waits `pause` seconds.
    """

    def __init__(self, build: str, key: bytes, *, pause: float = 0.25) -> None:
        self._name = build
        self._build = Build(build)
        self._sessions = Sessions(key)
        self._pause = pause
        self._routes: dict[tuple[str, str], Handler] = {
            ("GET", "/chat"): self._page,
            ("GET", "/login"): self._ask_who,
            ("POST", "/login"): self._log_in,
            ("GET", "/me"): self._tell_who,
            ("POST", "/ask"): self._answer,
            ("GET", "/events"): self._events,
            ("POST", "/upload"): self._take_file,
            ("GET", "/ws"): self._converse,
        }

    def handler(self, method: str, path: str) -> Handler | None:
        """Return what answers `method` at `path`, where the chat has it."""
        if path.startswith("/static/"):
            return self._asset
        return self._routes.get(("GET" if method == "HEAD" else method, path))

    # Who is there

    def _cookie(self, request: web.Request) -> str:
        return request.cookies.get(COOKIE, "")

    def _user(self, request: web.Request) -> str:
        return self._sessions.user(self._cookie(request))

    def _known(self, request: web.Request) -> str:
        """Return who asks; 401 for a stranger."""
        user = self._user(request)
        if not user:
            raise web.HTTPUnauthorized(text="log in first\n")
        return user

    def _writes(self, request: web.Request) -> str:
        """Return who writes; 401 for a stranger, 403 for what does not come from a page of ours."""
        user = self._known(request)
        self._from_here(request)
        token = request.headers.get("x-csrf-token", "")
        if not self._sessions.is_token(self._cookie(request), token):
            raise web.HTTPForbidden(text="the token is not this session's\n")
        return user

    def _from_here(self, request: web.Request) -> None:
        """See that a page of this host sends it: browsers send Origin with every POST."""
        origin = request.headers.get("origin", "")
        if urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden(text=f"{origin or 'nothing'} is not {request.host}\n")

    def _absolute(self, request: web.Request, path: str) -> str:
        scheme = request.headers.get("cloudfront-forwarded-proto", request.scheme)
        return f"{scheme}://{request.host}{path}"

    async def _page(self, request: web.Request) -> web.StreamResponse:
        user = self._user(request)
        if not user:
            return _elsewhere(302, self._absolute(request, "/login"))
        page = self._build.page(user, self._sessions.token(self._cookie(request)))
        return web.Response(text=page, content_type=_HTML, headers={"cache-control": "no-store"})

    async def _ask_who(self, _request: web.Request) -> web.StreamResponse:
        return web.Response(text=self._build.login(), content_type=_HTML)

    async def _log_in(self, request: web.Request) -> web.StreamResponse:
        self._from_here(request)
        user = str((await request.post()).get("user", ""))
        if USER.fullmatch(user) is None:
            raise web.HTTPBadRequest(text="a user's name has letters, digits and -\n")
        answer = _elsewhere(303, self._absolute(request, "/chat"))
        answer.set_cookie(
            COOKIE, self._sessions.begin(user), path="/", httponly=True, samesite="Lax"
        )
        return answer

    async def _tell_who(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"user": self._known(request), "build": self._name})

    # What takes long

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """Write an answer word by word: as events where they are asked for, otherwise as text in chunks."""
        user = self._writes(request)
        question = str(json.loads(await request.text()).get("question", ""))
        if request.headers.get("accept") == "text/event-stream":
            return await self._stream(request, WORDS)
        response = web.StreamResponse(headers={"content-type": "text/plain; charset=utf-8"})
        response.enable_chunked_encoding()
        await response.prepare(request)
        async with _until_it_leaves():
            for word in range(WORDS):
                await response.write(f"{user}: {question} {word} ".encode())
                await asyncio.sleep(self._pause)
            await response.write(f"end of {self._name}".encode())
            await response.write_eof()
        return response

    async def _events(self, request: web.Request) -> web.StreamResponse:
        self._known(request)
        return await self._stream(request, EVENTS)

    async def _stream(self, request: web.Request, events: int) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"content-type": "text/event-stream", "cache-control": "no-store"}
        )
        await response.prepare(request)
        async with _until_it_leaves():
            await response.write(b"retry: 100\n\n")
            for number in range(events):
                await response.write(f"id: {number}\ndata: {self._name} {number}\n\n".encode())
                await asyncio.sleep(self._pause)
            await response.write(b"event: end\ndata: end\n\n")
            await response.write_eof()
        return response

    async def _take_file(self, request: web.Request) -> web.StreamResponse:
        """Take a file of any size: it is counted as it comes, and not kept."""
        self._writes(request)
        taken = 0
        async with _until_it_leaves():
            async for chunk in request.content.iter_any():
                taken += len(chunk)
        return web.json_response({"bytes": taken, "build": self._name})

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        """Say back what is said, on a WebSocket that stays open until the other end leaves."""
        user = self._known(request)
        self._from_here(request)
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        async for message in socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                await socket.send_str(f"{self._name} to {user}: {message.data}")
        return socket

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        asset = self._build.assets.get(request.path)
        if asset is None:
            raise web.HTTPNotFound(text="no such file in this build\n")
        return web.Response(
            text=asset.text,
            content_type=asset.content_type,
            headers={"cache-control": _NEVER_CHANGES},
        )


def _elsewhere(status: int, url: str) -> web.Response:
    return web.Response(status=status, headers={"location": url, "cache-control": "no-store"})


@contextlib.asynccontextmanager
async def _until_it_leaves() -> AsyncIterator[None]:
    """Whoever hangs up in the middle has had enough; that is no fault."""
    with contextlib.suppress(ConnectionError):
        yield
