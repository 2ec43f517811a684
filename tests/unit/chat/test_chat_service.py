"""The chat refuses strangers and other sites' pages, leads where it was asked from, and streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest

from rehearsal.chat.build import Build
from rehearsal.chat.sessions import COOKIE, Sessions
from rehearsal.chat.side import SHARED_KEY, ChatSide

HOST = "chat.example.com"
SESSION = Sessions(SHARED_KEY).begin("ada")
TOKEN = Sessions(SHARED_KEY).token(SESSION)
KNOWN = {"host": HOST, "cookie": f"{COOKIE}={SESSION}"}
WRITES = {**KNOWN, "origin": f"http://{HOST}", "x-csrf-token": TOKEN}


def at_the_chat(scene: Callable[[aiohttp.ClientSession], Awaitable[None]]) -> None:
    async def run() -> None:
        side = ChatSide("old", ["/ping"], mean_latency_ms=0, pause=0)
        await side.start()
        try:
            host, port = side.address
            async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
                await scene(session)
        finally:
            await side.stop()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/me", {}, 401),
        ("GET", "/events", {"cookie": f"{COOKIE}=ada.{'0' * 64}"}, 401),
        ("GET", "/ws", {"host": HOST}, 401),
        ("GET", "/ws", {**KNOWN, "origin": "http://elsewhere.example"}, 403),
        ("POST", "/ask", {"host": HOST}, 401),
        ("POST", "/ask", {**WRITES, "origin": "http://elsewhere.example"}, 403),
        ("POST", "/ask", {**WRITES, "x-csrf-token": "0" * 64}, 403),
        ("POST", "/upload", KNOWN, 403),
        ("POST", "/login", {"host": HOST}, 403),
        ("GET", "/me", KNOWN, 200),
        ("POST", "/upload", WRITES, 200),
        ("GET", "/static/page.00000000.js", {}, 404),
        ("GET", "/ping", {}, 200),
        ("DELETE", "/me", KNOWN, 200),
    ],
)
def test_who_may_do_what(method: str, path: str, headers: dict[str, str], status: int) -> None:
    async def scene(session: aiohttp.ClientSession) -> None:
        async with session.request(method, path, headers=headers) as answer:
            assert answer.status == status
            assert answer.headers["x-served-by"] == "old"

    at_the_chat(scene)


def test_a_stranger_is_led_to_the_login_of_the_name_and_scheme_that_were_asked_for() -> None:
    async def scene(session: aiohttp.ClientSession) -> None:
        asked = {"host": HOST, "cloudfront-forwarded-proto": "https"}
        async with session.get("/chat", headers=asked, allow_redirects=False) as answer:
            assert answer.status == 302
            assert answer.headers["location"] == f"https://{HOST}/login"
        async with session.post(
            "/login",
            headers={**asked, "origin": f"https://{HOST}"},
            data={"user": "ada"},
            allow_redirects=False,
        ) as answer:
            assert (answer.status, answer.headers["location"]) == (303, f"https://{HOST}/chat")
            assert answer.cookies[COOKIE].value == SESSION

    at_the_chat(scene)


def test_an_answer_comes_as_events_or_in_chunks() -> None:
    async def scene(session: aiohttp.ClientSession) -> None:
        asked = {"question": "why"}
        as_events = {**WRITES, "accept": "text/event-stream"}
        async with session.post("/ask", headers=as_events, json=asked) as answer:
            assert (await answer.read()).endswith(b"event: end\ndata: end\n\n")
        async with session.post("/ask", headers=WRITES, json=asked) as answer:
            assert answer.headers["transfer-encoding"] == "chunked"
            text = await answer.text()
            assert text.startswith("ada: why 0 ")
            assert text.endswith("end of old")

    at_the_chat(scene)


def test_a_file_of_hundreds_of_megabytes_is_counted() -> None:
    async def scene(session: aiohttp.ClientSession) -> None:
        piece = bytes(1 << 20)

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(200):
                yield piece

        async with session.post("/upload", headers=WRITES, data=pieces()) as answer:
            assert (await answer.json())["bytes"] == 200 << 20

    at_the_chat(scene)


def test_two_builds_share_no_file_and_each_page_names_its_own() -> None:
    old, new = Build("old"), Build("new")
    assert not set(old.assets) & set(new.assets)
    for build in (old, new):
        page = build.page("ada", "token")
        assert all(path in page for path in build.assets)
        assert "{" not in page
