"""A site with a login, a form that writes and a guard against forged requests, for both sides of a test."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

PASSWORD = 'pa/ss w0rd"+&é'
"""Of a test user; each spelling of it differs."""


@dataclass
class Store:
    """What sides may share: sessions and notes."""

    sessions: set[str] = field(default_factory=set)
    notes: dict[str, str] = field(default_factory=dict)


@dataclass
class Site:
    """One side; `asked` holds each request, `bodies` what came with it."""

    store: Store = field(default_factory=Store)
    attributes: str = "Path=/; HttpOnly"
    landing: str = "/account"
    note_status: int = 201
    welcome: str = "Welcome ada"
    change: Callable[[web.Request, web.Response], web.Response] | None = None
    asked: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.asked.append(f"{request.method} {request.path_qs}")
        self.bodies.append(await request.text())
        self.headers.append({k.lower(): v for k, v in request.headers.items()})
        answer = await self._answer(request)
        return answer if self.change is None else self.change(request, answer)

    async def _answer(self, request: web.Request) -> web.Response:
        known = request.cookies.get("sid") in self.store.sessions
        if request.path == "/login" and request.method == "GET":
            csrf = secrets.token_urlsafe(12)
            answer = web.Response(
                text=f'<form><input name="csrf" value="{csrf}"></form>', content_type="text/html"
            )
            answer.headers.add("Set-Cookie", f"csrf={csrf}; {self.attributes}")
            return answer
        if request.path == "/login":
            return await self._log_in(request)
        if not known:
            return web.Response(status=302, headers={"Location": "/login"})
        if request.path == "/notes" and request.method == "POST":
            return await self._write(request)
        if request.path.startswith("/notes/"):
            return web.Response(text=self.store.notes[request.path.rpartition("/")[2]])
        return web.Response(text=self.welcome, content_type="text/html")

    async def _log_in(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("csrf") != request.cookies.get("csrf") or form.get("password") != PASSWORD:
            return web.Response(status=403, text=f"no: {dict(form)}")
        sid = secrets.token_hex(8)
        self.store.sessions.add(sid)
        answer = web.Response(status=303, headers={"Location": self.landing})
        answer.headers.add("Set-Cookie", f"sid={sid}; {self.attributes}")
        return answer

    async def _write(self, request: web.Request) -> web.Response:
        note = secrets.token_hex(4)
        self.store.notes[note] = await request.text()
        return web.json_response(
            {"note": {"id": note}},
            status=self.note_status,
            headers={"Location": f"/notes/{note}"},
        )
