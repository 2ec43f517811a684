"""Whatever a server does, a request ends in time, in bounded memory, with an answer or a sentence."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import tracemalloc
import zlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from shared.readiness.http.fetch import Answer, Client, FetchError, client
from shared.readiness.http.unpacking import Gzip
from shared.readiness.http.whole_body import BODY_BYTES
from shared.readiness.spec import Side
from tests.unit.support import bad_servers
from tests.unit.support.bad_servers import never_answers, ok, raw, redirects, repeats, says, site
from tests.unit.support.virtual_time import run_with_sockets

Result = TypeVar("Result")
HEAD = b"HTTP/1.1 200 OK\r\n"
GUARD_SECONDS = 20
"""Ends a test whose server was not got rid of; no figure of any kind."""


async def asked(url: str, ask: Callable[[Client], Awaitable[Result]], limit: float = 0.5) -> Result:
    async with (
        asyncio.timeout(GUARD_SECONDS),
        client(Side(url), timeout_seconds=limit) as connected,
    ):
        return await ask(connected)


def answer_of(serve: bad_servers.Serve, limit: float = 10) -> Answer:
    async def run() -> Answer:
        async with raw(serve) as url:
            return await asked(url, lambda c: c.fetch("/ping"), limit)

    return run_with_sockets(run())


def complaint(serve: bad_servers.Serve, limit: float = 10) -> str:
    """Return the sentence that `fetch` gives up with; `time` must give up too."""

    async def run() -> str:
        async with raw(serve) as url:
            with pytest.raises(FetchError):
                await asked(url, lambda c: c.time("/ping", 200), limit)
            with pytest.raises(FetchError) as caught:
                await asked(url, lambda c: c.fetch("/ping"), limit)
        return str(caught.value)

    return run_with_sockets(run())


def followed(handler: bad_servers.Handler, path: str) -> tuple[list[str], list[Answer]]:
    async def run() -> tuple[list[str], list[Answer]]:
        async with site(handler) as url:

            async def ask(connected: Client) -> tuple[list[str], list[Answer]]:
                return await connected.follow(await connected.fetch(path), path)

            return await asked(url, ask, limit=10)

    return run_with_sockets(run())


def test_a_whole_answer_is_told_with_its_headers_in_small_letters_and_its_time() -> None:
    answer = answer_of(says(ok(b"pong", Content_Type="text/plain", X_Twice="a")))
    assert (answer.status, answer.body, answer.cut) == (200, b"pong", "")
    assert answer.header("content-type") == "text/plain"
    assert answer.header("nowhere") == ""
    assert 0 < answer.seconds < 10


def test_each_value_of_a_header_that_comes_twice_is_kept() -> None:
    answer = answer_of(
        says(HEAD + b"Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n")
    )
    assert answer.all("set-cookie") == ["a=1", "b=2"]


def test_a_port_that_nobody_listens_on_is_no_connection() -> None:
    async def run() -> str:
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{bound.getsockname()[1]}"
            with pytest.raises(FetchError) as caught:
                await asked(url, lambda c: c.fetch("/"))
        return str(caught.value)

    said = run_with_sockets(run())
    assert said.startswith("no connection to 127.0.0.1:")
    assert said.endswith("Connection refused") or "Connect call failed" in said


def test_a_name_that_does_not_resolve_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_args: Any, **_kwargs: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(FetchError, match=r"the name nowhere\.invalid does not resolve"):
        run_with_sockets(asked("http://nowhere.invalid", lambda c: c.fetch("/")))


def test_a_resolver_that_does_not_answer_is_left_at_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_over = threading.Event()

    def silent(*_args: Any, **_kwargs: Any) -> Any:
        is_over.wait(GUARD_SECONDS)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    async def run() -> None:
        try:
            with pytest.raises(FetchError, match="no whole answer within"):
                await asked("http://slow.invalid", lambda c: c.fetch("/"), limit=0.2)
            assert not is_over.is_set()
        finally:
            is_over.set()

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    run_with_sockets(run())


def test_a_name_that_is_no_name_is_a_complaint_too() -> None:
    with pytest.raises(FetchError):
        run_with_sockets(asked(f"http://a..{'b' * 70}.invalid", lambda c: c.fetch("/")))


def test_a_server_that_accepts_and_never_answers_is_left_at_the_limit() -> None:
    said = complaint(never_answers, limit=0.2)
    assert said == "no whole answer within 0.2 s, nothing of the body came"


@pytest.mark.parametrize(
    ("head", "again", "came"),
    [
        (HEAD + b"Content-Length: 1000\r\n\r\n", b"x", "bytes of the body came"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", "bytes of the body came"),
        (HEAD, b"X", "nothing of the body came"),
    ],
    ids=["body", "chunks", "headers"],
)
def test_a_server_that_drips_is_left_at_the_limit(head: bytes, again: bytes, came: str) -> None:
    dripped = 0

    def drip() -> bytes:
        nonlocal dripped
        dripped += 1
        return again

    said = complaint(repeats(head, drip, pause=0.05), limit=0.3)
    assert said.startswith("no whole answer within 0.3 s, ")
    assert said.endswith(came)
    # Two requests of six drops each; the loop that both sides share lets neither run ahead.
    assert dripped < 30


def test_interim_answers_without_end_are_left_at_the_limit() -> None:
    said = complaint(repeats(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", pause=0.01), limit=0.3)
    assert said.startswith("no whole answer within 0.3 s")


def test_whoever_waits_can_stop_waiting() -> None:
    async def run() -> None:
        async with raw(never_answers) as url:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await asked(url, lambda c: c.fetch("/"), limit=10)

    run_with_sockets(run())


def test_an_endless_body_is_cut_in_bounded_memory() -> None:
    serve = repeats(HEAD + b"Content-Type: text/plain\r\n\r\n", bytes(1 << 16))
    tracemalloc.start()
    try:
        answer = answer_of(serve)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(answer.body) == BODY_BYTES
    assert answer.cut == "the body is longer than 1 MiB"
    assert peak < 16 << 20


def test_the_time_of_an_endless_body_is_none() -> None:
    async def run() -> None:
        async with raw(repeats(HEAD + b"\r\n", bytes(1 << 16))) as url:
            with pytest.raises(FetchError, match="longer than 1 MiB"):
                await asked(url, lambda c: c.time("/", 200), limit=10)

    run_with_sockets(run())


def test_a_gzip_bomb_is_cut_in_bounded_memory() -> None:
    bomb = bad_servers.gzip_bomb(128)
    assert len(bomb) < 200_000
    tracemalloc.start()
    try:
        answer = answer_of(says(ok(bomb, Content_Encoding="gzip")))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(answer.body) == BODY_BYTES
    assert answer.cut == f"{len(bomb) >> 10} KiB of gzip unpack to more than 1 MiB"
    assert peak < 16 << 20


@pytest.mark.parametrize("more", [-1, 0, 1, 200])
def test_a_packed_body_is_whole_up_to_the_last_byte_that_is_read(more: int) -> None:
    body = bytes(BODY_BYTES + more)
    answer = answer_of(says(ok(gzip.compress(body), Content_Encoding="gzip")))
    assert answer.body == body[:BODY_BYTES]
    assert bool(answer.cut) is (more > 0)


def test_a_packed_body_that_is_empty_is_an_empty_body() -> None:
    answer = answer_of(says(ok(b"", Content_Encoding="gzip")))
    assert (answer.body, answer.cut) == (b"", "")


def test_what_stands_behind_a_packed_body_is_told() -> None:
    answer = answer_of(says(ok(gzip.compress(b"pong") + b"more", Content_Encoding="gzip")))
    assert (answer.body, answer.cut) == (b"pong", "4 bytes follow the end of the gzip")


@pytest.mark.parametrize(
    ("encoding", "body", "said"),
    [
        ("gzip", b"pong", "the gzip body is broken: "),
        ("gzip", gzip.compress(b"pong" * 99)[:-9], "the gzip body ends too early"),
    ],
    # A packed body holds the time at which it was packed, which is no name for a test.
    ids=["not packed", "cut off"],
)
def test_a_body_that_is_not_packed_as_asked_for_is_a_complaint(
    encoding: str, body: bytes, said: str
) -> None:
    async def run() -> None:
        async with raw(says(ok(body, Content_Encoding=encoding))) as url:
            with pytest.raises(FetchError, match=f"^{said}"):
                await asked(url, lambda c: c.fetch("/"), limit=10)

    run_with_sockets(run())


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"\x0b\x02\x80hello\x03"),
        ("deflate", zlib.compress(b"pong")),
        ("aws-chunked", b"plain"),
        ("UTF-8", b"plain"),
    ],
)
def test_a_body_in_an_encoding_that_was_not_asked_for_is_kept_as_it_came(
    encoding: str, body: bytes
) -> None:
    answer = answer_of(says(ok(body, Content_Encoding=encoding)))
    assert (answer.body, answer.packed, answer.cut) == (body, encoding.lower(), "")


@pytest.mark.parametrize("inner", ["gzip", "aws-chunked"])
def test_a_gzip_around_another_encoding_is_unpacked_and_the_other_kept(inner: str) -> None:
    within = gzip.compress(b"pong", mtime=0)
    told = f"{inner}, gzip"
    answer = answer_of(says(ok(gzip.compress(within), Content_Encoding=told)))
    assert (answer.body, answer.packed, answer.cut) == (within, told, "")
    broken = answer_of(says(ok(b"no gzip", Content_Encoding=told)))
    assert (broken.body, broken.packed) == (b"no gzip", told)


@pytest.mark.parametrize("encoding", ["", "identity", "gzip"])
def test_an_encoding_that_says_nothing_or_was_asked_for_is_none(encoding: str) -> None:
    body = gzip.compress(b"pong") if encoding == "gzip" else b"pong"
    answer = answer_of(says(ok(body, Content_Encoding=encoding)))
    assert (answer.body, answer.packed) == (b"pong", "")


def poured(serve: bad_servers.Serve, most: int, limit: float = 10) -> tuple[Answer, bytes, int]:
    """Return the answer, what was handed over until `most` bytes were, and the longest piece of it."""
    pieces: list[bytes] = []

    async def into(piece: bytes) -> bool:
        pieces.append(piece)
        return sum(map(len, pieces)) < most

    async def run() -> Answer:
        async with raw(serve) as url:
            return await asked(url, lambda c: c.fetch("/", into=into), limit)

    return run_with_sockets(run()), b"".join(pieces), max(map(len, pieces), default=0)


def test_a_body_is_handed_over_in_small_pieces_and_not_kept() -> None:
    answer, body, longest = poured(says(ok(bytes(3 << 20))), 4 << 20)
    assert (answer.body, answer.cut, len(body)) == (b"", "", 3 << 20)
    assert longest <= 1 << 16


def test_a_bomb_is_handed_over_in_small_pieces_while_it_is_wanted() -> None:
    _, body, longest = poured(says(ok(bad_servers.gzip_bomb(64), Content_Encoding="gzip")), 3 << 20)
    assert 3 << 20 <= len(body) < 4 << 20
    assert longest <= 1 << 16


def test_an_endless_body_is_left_when_no_more_of_it_is_wanted() -> None:
    _, body, _ = poured(repeats(HEAD + b"\r\n", bytes(1 << 16)), 1 << 20)
    assert len(body) < 2 << 20


def test_nothing_of_another_status_or_encoding_is_handed_over() -> None:
    gone = says(b"HTTP/1.1 404 Gone\r\nContent-Length: 4\r\n\r\ngone")
    assert poured(gone, 9)[1] == b""
    answer, body, _ = poured(says(ok(b"pong", Content_Encoding="br")), 9)
    assert (answer.packed, body) == ("br", b"")


def test_a_packed_body_that_ends_too_early_is_a_complaint_when_it_is_handed_over() -> None:
    with pytest.raises(FetchError, match=r"^the gzip body ends too early"):
        poured(says(ok(gzip.compress(b"pong" * 99)[:-9], Content_Encoding="gzip")), 1 << 20)


def test_a_body_that_is_handed_over_may_take_longer_than_its_first_byte() -> None:
    slow = repeats(HEAD + b"\r\n", b"x", pause=0.05)
    assert len(poured(slow, 8, limit=0.2)[1]) == 8


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4), st.integers(1, 50))
def test_gzip_in_any_pieces_unpacks_to_what_was_packed(members: list[bytes], size: int) -> None:
    packed = b"".join(map(gzip.compress, members))
    unpack = Gzip()
    pieces = [packed[i : i + size] for i in range(0, len(packed), size)]
    assert b"".join(p for piece in pieces for p in unpack.pieces(piece)) == b"".join(members)
    assert unpack.is_whole
    less = Gzip()
    list(less.pieces(packed[:-1]))
    assert not less.is_whole


def public(
    name: str, ask: Callable[[Client], Awaitable[Result]], handler: bad_servers.Handler
) -> Result:
    async def run() -> Result:
        async with (
            site(handler) as url,
            client(Side(url), timeout_seconds=10, asked_as=name) as connected,
        ):
            return await ask(connected)

    return run_with_sockets(run())


async def says_host(request: web.Request) -> web.StreamResponse:
    if request.path == "/in":
        return web.Response(status=302, headers={"Location": f"http://{request.host}/end"})
    if request.path == "/out":
        own = request.url.with_host("127.0.0.1").with_path("/end")
        return web.Response(status=302, headers={"Location": str(own)})
    return web.Response(text=request.host)


def test_a_public_name_is_asked_for_at_the_sides_own_address() -> None:
    answer = public("app.example.com", lambda c: c.fetch("/"), says_host)
    name, _, port = answer.body.decode().partition(":")
    assert name == "app.example.com"
    assert int(port) > 0


def test_a_redirect_to_the_public_name_stays_on_the_side_and_one_to_its_own_leaves_it() -> None:
    async def ask(connected: Client, path: str) -> tuple[list[str], list[Answer]]:
        return await connected.follow(await connected.fetch(path), path)

    hops, answers = public("app.example.com", lambda c: ask(c, "/in"), says_host)
    assert (hops, len(answers)) == (["302 /end"], 2)
    hops, answers = public("app.example.com", lambda c: ask(c, "/out"), says_host)
    assert len(answers) == 1
    assert hops[0].startswith("302 http://127.0.0.1:")


def test_a_certificate_must_cover_the_public_name_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = bad_servers.authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))

    async def ask(context: Any) -> Answer:
        async with (
            raw(says(ok(b"pong")), tls=context) as url,
            client(Side(url), timeout_seconds=10, asked_as="app.example.com") as connected,
        ):
            return await connected.fetch("/")

    assert run_with_sockets(ask(authority.serves("app.example.com"))).body == b"pong"
    with pytest.raises(FetchError, match=r"the certificate does not fit: .*app\.example\.com"):
        run_with_sockets(ask(authority.serves("127.0.0.1")))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"\x00\x01garbage\xff\xfe\r\n\r\n", "the answer is not HTTP"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "the answer is not HTTP"),
        (b"HTTP/1.1 two hundred\r\n\r\n", "the answer is not HTTP"),
        (HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n", "the answer is not HTTP"),
        (HEAD + b"no colon at all\r\n\r\n", "the answer is not HTTP"),
        (HEAD + b"Content-Length: -1\r\n\r\n", "the answer is not HTTP"),
        (b"", "the server hung up before it answered"),
        (HEAD + b"Content-Len", "the server hung up before it answered"),
        (HEAD + b"Content-Length: 10\r\n\r\nshort", "the body broke off or is broken after"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nxx", "the answer is not HTTP: Invalid"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\nxx", "the body broke off or is broken"),
    ],
)
def test_what_is_no_whole_http_is_a_complaint(answer: bytes, said: str) -> None:
    assert complaint(says(answer)).startswith(said)


def test_header_lines_without_end_are_a_complaint() -> None:
    said = complaint(repeats(HEAD, b"X: y\r\n" * 1000))
    assert said.startswith("the answer is not HTTP")


def test_headers_that_are_no_text_and_cookies_that_are_none_are_an_answer() -> None:
    head = HEAD + b"X-Latin: caf\xe9\r\nSet-Cookie: ;;=\r\nSet-Cookie: \xff=\x80; Path\r\n"
    answer = answer_of(says(head + b"Set-Cookie: a\tb=c\r\nContent-Length: 0\r\n\r\n"))
    assert answer.header("x-latin") != ""
    assert len(answer.all("set-cookie")) == 3


def test_a_switch_of_protocols_that_nobody_asked_for_is_an_answer() -> None:
    answer = answer_of(says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"))
    assert (answer.status, answer.body) == (101, b"")


def test_the_time_of_an_answer_with_a_wrong_status_is_none() -> None:
    async def run() -> float:
        async with raw(says(b"HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n")) as url:
            with pytest.raises(FetchError, match="status 404"):
                await asked(url, lambda c: c.time("/", 200), 10)
            with pytest.raises(FetchError, match="status 404"):
                await asked(url, lambda c: c.time("/", 0), 10)
            return await asked(url, lambda c: c.time("/", 404), 10)

    assert run_with_sockets(run()) > 0


def test_redirects_are_followed_and_the_own_host_is_left_out() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        places = {"/": f"http://{request.host}/login?next=%2F#top", "/login": "welcome"}
        return await redirects(places)(request)

    hops, answers = followed(handle, "/")
    assert hops == ["302 /login?next=%2F", "302 /welcome"]
    assert [answer.status for answer in answers] == [302, 302, 200]
    assert answers[-1].body == b"this is /welcome"


@pytest.mark.parametrize(
    ("location", "hop"),
    [
        ("https://elsewhere.example/x", "302 https://elsewhere.example/x"),
        ("https://127.0.0.1/", "302 https://(own host)/"),
        ("//127.0.0.1:1/x", "302 http://(own host):1/x"),
        ("javascript:alert(1)", "302 javascript:alert(1)"),
        ("/\\elsewhere.example/x", "302 http://elsewhere.example/x"),
        ("/\t/elsewhere.example/x", "302 http://elsewhere.example/x"),
        ("http://ada:secret@elsewhere.example/x", "302 http://elsewhere.example/x"),
    ],
)
def test_a_redirect_that_leaves_the_side_is_told_and_not_followed(location: str, hop: str) -> None:
    hops, answers = followed(redirects({"/": location}), "/")
    assert (hops, len(answers)) == ([hop], 1)


def test_a_redirect_to_tls_leaves_the_side_even_on_the_same_port() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(status=301, headers={"Location": f"https://{request.host}/x"})

    hops, answers = followed(handle, "/")
    assert (hops, len(answers)) == (["301 https://(own host)/x"], 1)


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ({"/": "/"}, "redirects in a circle: / → 302 /"),
        ({"/": "/b", "/b": "/"}, "redirects in a circle: / → 302 /b → 302 /"),
        ({"/": "http://["}, "redirects to 'http://[', which is not a URL"),
        ({"/": "http://a:99999999/"}, "redirects to 'http://a:99999999/', which is not a URL"),
    ],
)
def test_redirects_that_lead_nowhere_are_a_complaint(places: dict[str, str], said: str) -> None:
    with pytest.raises(FetchError) as caught:
        followed(redirects(places), "/")
    assert str(caught.value) == said


def test_redirects_without_end_are_a_complaint() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"{request.path}x"})

    with pytest.raises(FetchError, match=r"more than 9 redirects, the last: 307 /x{10}$"):
        followed(handle, "/")


def test_slow_redirects_take_no_longer_together_than_one_request_may() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.15)
        return web.Response(status=302, headers={"Location": f"{request.path}x"})

    async def run() -> None:
        async with site(handle) as url:

            async def ask(connected: Client) -> None:
                first = await connected.fetch("/")
                with pytest.raises(FetchError, match=r"did not end within 0.4 s: 302 /x → 302 /xx"):
                    await connected.follow(first, "/")

            await asked(url, ask, limit=0.4)

    run_with_sockets(run())


@pytest.mark.parametrize(
    ("url", "text", "left"),
    [
        ("http://old.example", "see http://OLD.example/a", "see http://(own host)/a"),
        ("http://old.example:8080", "old.example:8080, old.example", "(own host), (own host)"),
        ("http://old.example:80", "old.example:8080", "(own host):8080"),
        ("http://old.example", "cold.example old.example.org", "cold.example old.example.org"),
        ("http://old.example", "at old.example.", "at (own host)."),
        ("http://[::1]:81", "http://[::1]:81/", "http://(own host)/"),
    ],
)
def test_the_own_host_is_left_out_of_a_text(url: str, text: str, left: str) -> None:
    async def run() -> str:
        async with client(Side(url), timeout_seconds=1) as connected:
            return connected.impersonal(text)

    assert run_with_sockets(run()) == left


def test_a_certificate_that_does_not_fit_is_said(tmp_path: Path) -> None:
    tls = bad_servers.authority(tmp_path).serves("127.0.0.1")

    async def run() -> None:
        async with raw(says(ok(b"pong")), tls=tls) as url:
            with pytest.raises(FetchError, match=r"the certificate does not fit: .*(issuer|self)"):
                await asked(url, lambda c: c.fetch("/"), limit=10)

    run_with_sockets(run())


def test_tls_with_a_server_that_speaks_plain_http_is_said() -> None:
    async def run() -> None:
        async with raw(bad_servers.speaks_first(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
            with pytest.raises(FetchError, match=r"^no TLS with 127\.0\.0\.1:\d+: "):
                await asked(url.replace("http:", "https:"), lambda c: c.fetch("/"), limit=1)

    run_with_sockets(run())
