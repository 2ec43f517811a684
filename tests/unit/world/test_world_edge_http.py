"""The local edge speaks HTTP as CloudFront does: RFC 9110 and 9112, and the CloudFront Developer Guide on
custom origins (RequestAndResponseBehaviorCustomOrigin)."""

from __future__ import annotations

import asyncio
import gzip

import aiohttp
import pytest
from aiohttp import web

from rehearsal.world.edge import VIEWER_IP_HEADER
from tests.unit.support.behind_edge import Behind, behind_edge


class Notes:
    """An origin that keeps what it was sent, and answers what it is told."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.headers: list[list[tuple[str, str]]] = []
        self.bodies: list[bytes] = []
        self.status = 200
        self.answers: list[tuple[str, str]] = []
        self.body = b"hello"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.raw_path)
        self.headers.append([(k.decode(), v.decode()) for k, v in request.raw_headers])
        self.bodies.append(await request.read())
        response = web.Response(status=self.status, body=self.body)
        for name, value in self.answers:
            response.headers.add(name, value)
        return response

    def sent(self, name: str) -> list[str]:
        return [value for key, value in self.headers[-1] if key.lower() == name]


def test_headers_of_one_connection_stay_on_it() -> None:
    new = Notes()
    new.answers = [("Keep-Alive", "timeout=5"), ("Upgrade", "h2c"), ("X-Other", "stays")]

    async def scene(viewer: Behind) -> None:
        said = await viewer.raw(
            b"GET / HTTP/1.1\r\nHost: shop.example\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\n"
            b"TE: trailers\r\nTrailer: x\r\nKeep-Alive: timeout=9\r\nUpgrade: h2c\r\n"
            b"Proxy-Connection: close\r\nProxy-Authorization: Basic x\r\nX-Edge-Key: 1\r\n"
            b"X-Real-IP: 192.0.2.1\r\nX-Forwarded-Proto: http\r\nX-Yours: 2\r\n\r\n"
        )
        assert (said.status, said.hung_up) == (200, True)
        assert {name.lower() for name, _ in new.headers[-1]} == {
            "host",
            "x-yours",
            "x-cutover-side",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-origin-verify",
        }
        assert (said.all("keep-alive"), said.all("upgrade")) == ([], [])
        assert said.all("x-other") == ["stays"]

    behind_edge(scene, new=new.answer)


def test_the_origin_learns_from_whom_a_request_came() -> None:
    new = Notes()

    async def scene(viewer: Behind) -> None:
        for before, after in (({}, ["192.0.2.7"]), ({"X-Forwarded-For": "a"}, ["a, 192.0.2.7"])):
            async with (
                viewer.session() as session,
                session.get("/", headers={VIEWER_IP_HEADER: "192.0.2.7", **before}),
            ):
                assert new.sent("x-forwarded-for") == after

    behind_edge(scene, new=new.answer)


def test_a_viewer_that_waits_for_100_is_told_to_go_on_and_the_origin_is_not_asked_to() -> None:
    new = Notes()

    async def scene(viewer: Behind) -> None:
        said = await viewer.raw(
            b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi"
        )
        assert (said.interim, said.status) == ([100], 200)
        assert (new.sent("expect"), new.bodies) == ([], [b"hi"])

    behind_edge(scene, new=new.answer)


def test_a_body_reaches_the_origin_as_it_was_framed_and_packed() -> None:
    new = Notes()
    packed = gzip.compress(b"packed")

    async def scene(viewer: Behind) -> None:
        said = await viewer.raw(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
        )
        assert said.status == 200
        assert new.bodies == [b"abcdefg"]
        assert (new.sent("transfer-encoding"), new.sent("content-length")) == (["chunked"], [])
        async with (
            viewer.session() as session,
            session.post("/", data=packed, headers={"Content-Encoding": "gzip"}),
        ):
            assert new.bodies[-1] == packed
            assert new.sent("content-length") == [str(len(packed))]
            assert new.sent("transfer-encoding") == []

    behind_edge(scene, new=new.answer)


def test_a_get_with_a_body_is_refused() -> None:
    new = Notes()

    async def scene(viewer: Behind) -> None:
        said = await viewer.raw(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
        assert (said.status, new.paths) == (403, [])
        said = await viewer.raw(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        assert said.status == 200

    behind_edge(scene, new=new.answer)


@pytest.mark.parametrize(
    ("method", "status", "length"), [(b"HEAD", 200, ["5"]), (b"GET", 204, []), (b"GET", 304, None)]
)
def test_an_answer_that_has_no_body_gets_none(
    method: bytes, status: int, length: list[str] | None
) -> None:
    new = Notes()
    new.status = status
    new.answers = [("ETag", '"v1"')]

    async def scene(viewer: Behind) -> None:
        said = await viewer.raw(method + b" / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (said.status, said.body, said.all("etag")) == (status, b"", ['"v1"'])
        assert said.all("transfer-encoding") == []
        assert length is None or said.all("content-length") == length
        # The connection is in step: the next answer is the next answer.
        async with viewer.session() as session:
            for _ in range(2):
                async with session.request(method.decode(), "/") as answer:
                    assert answer.status == status

    behind_edge(scene, new=new.answer)


def test_a_packed_answer_stays_packed() -> None:
    new = Notes()
    new.body = gzip.compress(b"packed")
    new.answers = [("Content-Encoding", "gzip")]

    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session, session.get("/") as answer:
            assert await answer.read() == new.body
            assert answer.headers["Content-Encoding"] == "gzip"

    behind_edge(scene, new=new.answer)


def test_a_header_that_stands_twice_stands_twice_on_the_other_end() -> None:
    new = Notes()
    new.answers = [
        ("Set-Cookie", "a=1; Path=/"),
        ("Set-Cookie", "b=2; Secure"),
        ("Link", "</a>"),
        ("Link", "</b>"),
    ]

    async def scene(viewer: Behind) -> None:
        said = await viewer.raw(
            b"GET / HTTP/1.1\r\nHost: a\r\nAccept: text/a\r\nAccept: text/b\r\n\r\n"
        )
        assert new.sent("accept") == ["text/a", "text/b"]
        assert said.all("link") == ["</a>", "</b>"]
        cookies = said.all("set-cookie")
        assert cookies[:2] == ["a=1; Path=/", "b=2; Secure"]
        assert [cookie.partition("=")[0] for cookie in cookies[2:]] == ["cutover-viewer"]

    behind_edge(scene, new=new.answer)


@pytest.mark.parametrize(
    "path",
    [
        "/a%2Fb/%7Euser/%e4%b8%ad",
        "//twice//over",
        "/a/../b/./c",
        "/?a=1&a=2&b&c=&=d",
        '/?q=%20+%2B;x&json={"a":[1]}|^`',
        "/a;v=1,2/b:c@d$e!f'(g)*",
        "/static//%2e%2e/x",
    ],
)
def test_path_and_query_reach_the_origin_byte_for_byte(path: str) -> None:
    new = Notes()

    async def scene(viewer: Behind) -> None:
        said = await viewer.raw(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        assert (said.status, new.paths) == (200, [path])

    behind_edge(scene, new=new.answer)


def test_cookies_reach_the_origin_byte_for_byte() -> None:
    new = Notes()
    cookies = 'a="q=1,2"; b=%7B%22x%22%3A1%7D; a=again; novalue; c={"j":[1]}; d=x y'

    async def scene(viewer: Behind) -> None:
        said = await viewer.raw(f"GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookies}\r\n\r\n".encode())
        assert (said.status, new.sent("cookie")) == (200, [cookies])

    behind_edge(scene, new=new.answer)


def test_a_request_is_as_long_as_cloudfront_takes_and_no_longer() -> None:
    new = Notes()

    def request(*, query: int = 0, header: int = 0) -> bytes:
        """A request whose URL, or whose line and headers, are so many bytes."""
        line = b"GET /?%s HTTP/1.1\r\nHost: shop.example\r\n"
        query -= len("https://shop.example/?")
        start = line % (b"q" * query)
        return (
            start + b"X-Long: " + b"h" * (header - len(start) - len("X-Long: \r\n")) + b"\r\n\r\n"
        )

    async def scene(viewer: Behind) -> None:
        for longest, too_long in (
            (request(query=8_192), request(query=8_193)),
            (request(header=20_480), request(header=20_481)),
        ):
            assert (await viewer.raw(longest)).status == 200
            said = await viewer.raw(too_long)
            assert (said.status, said.hung_up) == (413, True)
        assert len(new.paths) == 2

    behind_edge(scene, new=new.answer)


def test_an_answer_with_a_longer_header_than_cloudfront_takes_is_a_502() -> None:
    new = Notes()

    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session:
            for length, status in ((20_000, 200), (21_000, 502)):
                new.answers = [("X-Long", "h" * length)]
                async with session.post("/", max_field_size=65536) as answer:
                    assert answer.status == status

    behind_edge(scene, new=new.answer)


def test_a_range_is_answered_by_the_origin_and_from_what_is_kept() -> None:
    async def new(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("range"))
        body = bytes(range(100))
        if request.headers.get("range") == "bytes=10-19":
            head = {"Content-Range": "bytes 10-19/100", "ETag": '"v1"'}
            return web.Response(status=206, body=body[10:20], headers=head)
        return web.Response(body=body, headers={"ETag": '"v1"', "Cache-Control": "max-age=60"})

    asked: list[str | None] = []

    async def scene(viewer: Behind) -> None:
        async def get(path: str, **headers: str) -> tuple[int, bytes, str]:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            async with viewer.session() as session, session.get(path, headers=named) as answer:
                where = answer.headers.get("content-range", "")
                return answer.status, await answer.read(), where

        body = bytes(range(100))
        for path in ("/file", "/static/file"):
            part = (206, body[10:20], "bytes 10-19/100")
            assert await get(path, range="bytes=10-19") == part
        assert (await get("/static/file"))[0] == 200
        before = len(asked)
        for wanted, given in (
            ("bytes=10-19", part),
            ("bytes=95-", (206, body[95:], "bytes 95-99/100")),
            ("bytes=-5", (206, body[95:], "bytes 95-99/100")),
            ("bytes=90-1000", (206, body[90:], "bytes 90-99/100")),
            ("bytes=100-", (416, b"", "bytes */100")),
            ("bytes=1-2,5-6", (200, body, "")),
            ("bytes=5-1", (200, body, "")),
            ("lines=1-2", (200, body, "")),
        ):
            assert await get("/static/file", range=wanted) == given
        assert (await get("/static/file", range="bytes=10-19", if_range='"v1"'))[0] == 206
        assert (await get("/static/file", range="bytes=10-19", if_range='"v0"'))[0] == 200
        assert len(asked) == before

    behind_edge(scene, new=new)


@pytest.mark.parametrize("how", ["chunked", "with its length"])
@pytest.mark.parametrize("fails", ["hangs up", "goes silent"])
def test_an_answer_that_breaks_off_is_broken_off_and_not_kept(how: str, fails: str) -> None:
    async def new(request: web.Request) -> web.StreamResponse:
        asked.append(request.raw_path)
        response = web.StreamResponse()
        response.content_length = None if how == "chunked" else 10
        await response.prepare(request)
        await response.write(b"half")
        if fails == "goes silent":
            await released.wait()
        assert request.transport is not None
        request.transport.abort()
        return response

    asked: list[str] = []

    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session:
            for path in ("/", "/static/a.js", "/static/a.js"):
                async with session.get(path) as answer:
                    assert answer.status == 200
                    with pytest.raises(aiohttp.ClientPayloadError):
                        await answer.read()
        released.set()
        assert asked == ["/", "/static/a.js", "/static/a.js"]

    released = asyncio.Event()
    behind_edge(scene, new=new)
