"""Two sides are the same, or each difference is a finding with an id of its own that stays the same."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.inference.verdict import Verdict
from shared.readiness.checks.parity import Seen, compare, parity
from shared.readiness.finding import Check, Finding, Report
from shared.readiness.http import cookies
from shared.readiness.http.fetch import Answer, FetchError, client
from shared.readiness.run import run
from shared.readiness.spec import Body, Endpoint, Latency, Load, Side, Spec
from tests.unit.support import bad_servers
from tests.unit.support.bad_servers import never_answers, ok, raw, repeats, says, site
from tests.unit.support.virtual_time import run_with_sockets

PING = Endpoint("/ping", status=200)
GUARD_SECONDS = 20
"""Ends a test whose server was not got rid of; no figure of any kind."""


@dataclass(frozen=True)
class Page:
    """What a side answers everywhere, and to a CORS preflight."""

    text: str = "pong"
    status: int = 200
    headers: Sequence[tuple[str, str]] = ()
    preflight: Mapping[str, str] = field(default_factory=dict)
    preflight_status: int = 405

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.method == "OPTIONS":
            return web.Response(status=self.preflight_status, headers=self.preflight)
        answer = web.Response(text=self.text, status=self.status)
        for name, value in self.headers:
            shown = value.replace("OWN", request.host)
            if name.lower() == "content-type":
                answer.headers[name] = shown
            else:
                answer.headers.add(name, shown)
        return answer


async def compared(
    old: str,
    new: str,
    *endpoints: Endpoint,
    headers: Sequence[str] = (),
    limit: float = 10,
    progress: Callable[[float], None] = lambda _: None,
) -> Check:
    async with (
        asyncio.timeout(GUARD_SECONDS),
        client(Side(old), timeout_seconds=limit) as before,
        client(Side(new), timeout_seconds=limit) as after,
    ):
        return await parity(before, after, endpoints or (PING,), headers, progress)


def sites(
    old: bad_servers.Handler, new: bad_servers.Handler, *endpoints: Endpoint, **how: Any
) -> Check:
    async def run() -> Check:
        async with site(old) as before, site(new) as after:
            return await compared(before, after, *endpoints, **how)

    return run_with_sockets(run())


def against(made: Check) -> dict[str, str]:
    """Return what is not a PASS: sentences by id."""
    return {f.id: f.said for f in made.findings if f.verdict is not Verdict.PASS}


def only(made: Check) -> Finding:
    (finding,) = made.findings
    return finding


def test_two_sides_that_are_the_same_pass_once_an_endpoint() -> None:
    page = Page(
        headers=[("Set-Cookie", "session=1; Path=/; HttpOnly"), ("X-Frame-Options", "DENY")],
        preflight={"Access-Control-Allow-Origin": "*"},
    )
    told: list[float] = []
    made = sites(page, page, PING, Endpoint("/"), progress=told.append)
    assert [(f.id, f.verdict, f.said) for f in made.findings] == [
        ("parity:/ping", Verdict.PASS, "/ping: no difference"),
        ("parity:/", Verdict.PASS, "/: no difference"),
    ]
    assert told == [0.5, 1.0]
    assert made.figures == {
        "endpoints": ["/ping", "/"],
        "cookies": {"old": ["session"], "new": ["session"]},
    }


def test_an_endpoint_costs_each_side_three_requests() -> None:
    asked: list[str] = []

    async def counting(request: web.Request) -> web.StreamResponse:
        asked.append(request.method)
        return await Page()(request)

    sites(counting, Page())
    assert asked == ["GET", "HEAD", "OPTIONS"]


@pytest.mark.parametrize(
    ("old", "new", "finding", "said"),
    [
        (
            Page(status=404),
            Page(),
            "parity:/ping:status",
            "/ping: status is 404 on old and 200 on new",
        ),
        (
            Page(headers=[("Content-Type", "text/html; charset=utf-8")]),
            Page(headers=[("Content-Type", "text/plain")]),
            "parity:/ping:header:content-type",
            "/ping: content-type is text/html;charset=utf-8 on old and text/plain on new",
        ),
        (
            Page(headers=[("Cache-Control", "no-store, private")]),
            Page(headers=[("Cache-Control", "no-store")]),
            "parity:/ping:header:cache-control",
            "/ping: cache-control is no-store, private on old and no-store on new",
        ),
        (
            Page(headers=[("Strict-Transport-Security", "max-age=31536000")]),
            Page(),
            "parity:/ping:header:strict-transport-security",
            "/ping: strict-transport-security is max-age=31536000 on old and nothing on new",
        ),
        (
            Page(headers=[("Access-Control-Expose-Headers", "x-total")]),
            Page(),
            "parity:/ping:header:access-control-expose-headers",
            "/ping: access-control-expose-headers is x-total on old and nothing on new",
        ),
        (
            Page(headers=[("X-Served-By", "app")]),
            Page(headers=[("X-Served-By", "app2")]),
            "parity:/ping:header:x-served-by",
            "/ping: x-served-by is app on old and app2 on new",
        ),
        (
            Page(headers=[("Set-Cookie", "session=1; Secure; HttpOnly; SameSite=Lax")]),
            Page(headers=[("Set-Cookie", "session=2; HttpOnly")]),
            "parity:/ping:cookie:session",
            "/ping: cookie session is httponly; samesite=lax; secure on old and httponly on new",
        ),
        (
            Page(headers=[("Set-Cookie", "AWSALB=1; Path=/")]),
            Page(),
            "parity:/ping:cookie:AWSALB",
            "/ping: cookie AWSALB is path=/ on old and not set on new",
        ),
        (
            Page(preflight_status=204),
            Page(preflight_status=403),
            "parity:/ping:cors:status",
            "/ping: status of a CORS preflight is 204 on old and 403 on new",
        ),
        (
            Page(preflight={"Access-Control-Allow-Origin": "https://readiness.example"}),
            Page(preflight={"Access-Control-Allow-Origin": "https://app.example"}),
            "parity:/ping:cors:access-control-allow-origin",
            "/ping: access-control-allow-origin of a CORS preflight is https://readiness.example "
            "on old and https://app.example on new",
        ),
        (
            Page("one two three"),
            Page("four five six"),
            "parity:/ping:body",
            "/ping: the bodies are 0.0% alike, but must be 80.0%",
        ),
    ],
    ids=lambda value: value.removeprefix("parity:/ping:") if isinstance(value, str) else None,
)
def test_a_difference_is_one_finding_that_says_what_each_side_shows(
    old: Page, new: Page, finding: str, said: str
) -> None:
    endpoint = Endpoint("/ping")
    for _ in range(2):
        found = only(sites(old, new, endpoint, headers=["X-Served-By"]))
        assert (found.id, found.said, found.verdict) == (finding, said, Verdict.FAIL)
        assert found.waivable
        assert found.old != found.new


def test_headers_that_nobody_chose_may_differ() -> None:
    made = sites(
        Page(headers=[("Server", "a"), ("ETag", '"1"')]),
        Page(headers=[("Server", "b"), ("ETag", '"2"')]),
    )
    assert made.verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("Vary", "Accept-Encoding, Origin", "origin,accept-encoding"),
        ("Cache-Control", "no-store, private", "Private, no-store"),
        ("Content-Type", "text/plain; charset=UTF-8", "text/plain;charset=utf-8"),
        (
            "Content-Security-Policy",
            "script-src 'nonce-abc' 'self'",
            "script-src 'nonce-xyz' 'self'",
        ),
        ("Content-Security-Policy", "default-src http://OWN", "default-src http://OWN"),
        ("Set-Cookie", "a=1; Path=/; Secure", "a=2; secure; path=/"),
        ("Set-Cookie", "a=1; Domain=OWN", "a=1; Domain=OWN"),
        (
            "Set-Cookie",
            "a=1; Expires=Tue, 24 Nov 2026 19:00:00 GMT",
            "a=1; Expires=Tue, 24 Nov 2026 19:00:01 GMT",
        ),
    ],
)
def test_what_means_the_same_is_no_difference(name: str, old: str, new: str) -> None:
    assert against(sites(Page(headers=[(name, old)]), Page(headers=[(name, new)]))) == {}


def test_long_values_are_told_from_where_they_part() -> None:
    old, new = (f"default-src 'self'; {'img-src https://a.example; ' * 20}{end}" for end in "xy")
    said = only(
        sites(
            Page(headers=[("Content-Security-Policy", old)]),
            Page(headers=[("Content-Security-Policy", new)]),
        )
    ).said
    assert "a.example; x on old" in said
    assert "a.example; y on new" in said
    assert len(said) < 250


def test_a_side_that_does_not_answer_as_declared_cannot_be_waived() -> None:
    made = sites(Page(), Page(status=503))
    assert against(made) == {
        "parity:/ping:new": "/ping on new: status 503, but must be 200",
        "parity:/ping:status": "/ping: status is 200 on old and 503 on new",
    }
    assert [f.waivable for f in made.findings] == [False, True]


def test_a_server_error_on_both_sides_fails_where_no_status_is_declared() -> None:
    made = sites(Page(status=500), Page(status=500), Endpoint("/any"))
    assert set(against(made)) == {"parity:/any:old", "parity:/any:new"}
    assert sites(Page(status=401), Page(status=401), Endpoint("/any")).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pong", "the body does not contain 'status: ok'"),
        (
            "." * 5115 + "status: ok",
            "the body contains 'status: ok' only at byte 5116, but must contain it within the first 5120",
        ),
    ],
)
def test_a_text_must_stand_where_route_53_looks_for_it(text: str, said: str) -> None:
    endpoint = Endpoint("/ping", contains="status: ok", body=Body(by="any"))
    made = sites(Page("." * 5110 + "status: ok"), Page(text), endpoint)
    assert against(made) == {"parity:/ping:new": f"/ping on new: {said}"}


@pytest.mark.parametrize(
    ("rule", "old", "new", "said"),
    [
        (Body(by="text"), "a\nb", "a\nc", "the bodies differ from line 2 on"),
        (Body(by="json"), '{"a": 1}', '{"a": 2}', "the JSON differs at a"),
        (Body(by="json"), "{}", "<oops>", "new's body is not JSON: Expecting value"),
        (Body(by="json"), "{}", "[" * 100_000, "new's body is nested too deeply"),
        (Body(by="pattern", pattern="po+ng"), "pong", "ping", "new's body does not hold 'po+ng'"),
    ],
)
def test_bodies_are_compared_as_declared(rule: Body, old: str, new: str, said: str) -> None:
    found = only(sites(Page(old), Page(new), Endpoint("/ping", body=rule)))
    assert found.id == "parity:/ping:body"
    assert found.verdict is Verdict.FAIL
    assert found.said.startswith(f"/ping: {said}")
    assert (found.old, found.new) != ("", "")


@pytest.mark.parametrize(
    ("rule", "old", "new"),
    [
        (Body(by="any"), "one", "other"),
        (Body(by="json", ignore=("time", "**.id")), '{"time": 1, "x": [{"id": 1}]}', None),
        (Body(by="pattern", pattern=r"v\d"), "v1", "v2"),
        (Body(by="similarity", at_least=0.5), "a b c d", "a b c e"),
        (Body(by="text"), '{"self": "OWN/x"}', '{"self": "OWN/x"}'),
    ],
)
def test_bodies_that_are_alike_as_declared_pass(rule: Body, old: str, new: str | None) -> None:
    new = new or json.dumps({"time": 2, "x": [{"id": 3}]})

    def page(text: str) -> bad_servers.Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await Page(text.replace("OWN", f"http://{request.host}"))(request)

        return handle

    assert against(sites(page(old), page(new), Endpoint("/ping", body=rule))) == {}


def test_redirects_are_compared_without_the_own_host() -> None:
    def to(place: str) -> bad_servers.Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            places = {"/": place.replace("OWN", f"http://{request.host}")}
            return await bad_servers.redirects(places)(request)

        return handle

    root = Endpoint("/")
    assert against(sites(to("OWN/login"), to("/login"), root)) == {}
    made = against(sites(to("/login"), to("OWN/signin"), root))
    assert made["parity:/:redirects"] == "/: redirect is 302 /login on old and 302 /signin on new"
    elsewhere = sites(to("https://sso.example/a"), to("https://sso.example/b"), root)
    assert against(elsewhere) == {
        "parity:/:redirects": "/: redirect is 302 https://sso.example/a on old and "
        "302 https://sso.example/b on new"
    }


def test_what_stands_at_the_end_of_redirects_is_compared_too() -> None:
    def ends_in(page: Page) -> bad_servers.Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            if request.path == "/":
                return web.Response(
                    status=302, headers={"Location": "/login", "Set-Cookie": "s=1; Path=/"}
                )
            return await page(request)

        return handle

    old = Page("one two three", headers=[("X-Frame-Options", "DENY")])
    new = Page("four", status=401, headers=[("Set-Cookie", "t=1")])
    assert set(against(sites(ends_in(old), ends_in(new), Endpoint("/")))) == {
        "parity:/:end:status",
        "parity:/:end:header:x-frame-options",
        "parity:/:cookie:t",
        "parity:/:body",
    }


def test_a_redirect_loop_on_new_fails_new() -> None:
    made = sites(Page(), bad_servers.redirects({"/ping": "/ping"}))
    assert against(made) == {
        "parity:/ping:new": "/ping on new: redirects in a circle: /ping → 302 /ping"
    }


def servers(old: bad_servers.Serve, new: bad_servers.Serve, limit: float = 10) -> Check:
    async def run() -> Check:
        async with raw(old) as before, raw(new) as after:
            return await compared(before, after, limit=limit)

    return run_with_sockets(run())


ENDLESS = repeats(b"HTTP/1.1 200 OK\r\n\r\n", bytes(1 << 16))


@pytest.mark.parametrize(
    ("new", "limit", "said"),
    [
        (never_answers, 0.3, "no whole answer within 0.3 s, nothing of the body came"),
        (repeats(b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause=0.05), 0.3, "no whole answer within 0.3"),
        (says(b"garbage\r\n\r\n"), 10, "the answer is not HTTP"),
        (says(b""), 10, "the server hung up before it answered"),
    ],
    ids=["silent", "dripping", "garbage", "hangs up"],
)
def test_a_side_that_misbehaves_fails_in_its_own_name(
    new: bad_servers.Serve, limit: float, said: str
) -> None:
    made = servers(says(ok(b"pong")), new, limit)
    finding = only(made)
    assert (finding.id, finding.verdict, finding.waivable) == (
        "parity:/ping:new",
        Verdict.FAIL,
        False,
    )
    assert finding.said.startswith(f"/ping on new: {said}")


def test_a_side_that_is_not_there_fails_and_the_other_is_still_judged() -> None:
    async def run() -> Check:
        async with site(Page(status=500)) as before:
            return await compared(before, "http://127.0.0.1:1")

    made = run_with_sockets(run())
    assert set(against(made)) == {"parity:/ping:old", "parity:/ping:new"}


def test_a_body_too_long_on_one_side_is_a_difference_and_on_both_inconclusive() -> None:
    finding = only(servers(says(ok(b"pong")), ENDLESS))
    assert (finding.id, finding.verdict) == ("parity:/ping:body", Verdict.FAIL)
    assert finding.said.endswith("cannot be compared: on new, the body is longer than 1 MiB")
    both = only(servers(ENDLESS, ENDLESS))
    assert (both.id, both.verdict) == ("parity:/ping:body", Verdict.INCONCLUSIVE)


def test_a_gzip_bomb_is_a_difference() -> None:
    bomb = says(ok(bad_servers.gzip_bomb(64), Content_Encoding="gzip"))
    finding = only(servers(says(ok(b"pong")), bomb))
    assert finding.id == "parity:/ping:body"
    assert "unpack to more than 1 MiB" in finding.said


def both_say(answer: bytes, limit: float = 10) -> Check:
    return servers(says(answer), says(answer), limit)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("aws-chunked", b"plain"), ("UTF-8", b"plain"), ("br", b"\x0b\x02\x80hello\x03"), ("", b"x")],
)
def test_the_same_bytes_in_an_encoding_that_nobody_can_unpack_are_no_difference(
    encoding: str, body: bytes
) -> None:
    assert against(both_say(ok(body, Content_Encoding=encoding))) == {}


@pytest.mark.parametrize(("of_new", "ids"), [(b"plain", []), (b"plaid", ["parity:/ping:body"])])
def test_a_gzip_around_another_encoding_differs_by_what_is_in_it_and_not_by_its_time(
    of_new: bytes, ids: list[str]
) -> None:
    old, new = (
        says(ok(gzip.compress(body, mtime=at), Content_Encoding="aws-chunked, gzip"))
        for body, at in ((b"plain", 1), (of_new, 2))
    )
    assert list(against(servers(old, new))) == ids


def test_other_bytes_in_an_encoding_that_nobody_can_unpack_are_a_difference() -> None:
    old, new = (says(ok(body, Content_Encoding="br")) for body in (b"one", b"oops"))
    finding = only(servers(old, new))
    assert (finding.id, finding.waivable) == ("parity:/ping:body", True)
    assert finding.said == (
        "/ping: the bodies differ from byte 2 on (of 3 on old, 4 on new); they are compared as bytes, "
        "because content-encoding 'br' was not asked for"
    )


def test_another_encoding_is_a_difference_that_can_be_waived() -> None:
    new = says(ok(b"x", Content_Encoding="zstd"))
    finding = only(servers(says(ok(b"pong")), new))
    assert (finding.id, finding.waivable) == ("parity:/ping:encoding", True)
    assert finding.said == "/ping: content-encoding is nothing on old and zstd on new"


def gzip_broken() -> bytes:
    return ok(b"pong", Content_Encoding="gzip")


@pytest.mark.parametrize(
    ("answer", "limit"),
    [
        (b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", 10),
        (b"garbage\r\n\r\n", 10),
        (gzip_broken(), 10),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", 10),
        (b"", 10),
    ],
    ids=["status", "no HTTP", "no gzip", "breaks off", "hangs up"],
)
def test_what_is_broken_on_both_sides_alike_can_be_waived(answer: bytes, limit: float) -> None:
    made = both_say(answer, limit)
    assert [(f.id, f.verdict, f.waivable) for f in made.findings] == [
        ("parity:/ping:old", Verdict.FAIL, True),
        ("parity:/ping:new", Verdict.FAIL, True),
    ]
    assert made.findings[0].said.endswith("(on both sides alike, so it can be waived)")


def test_a_side_that_streams_for_ever_is_alike_whatever_number_of_bytes_came() -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    old, new = (repeats(head, piece, pause=0.05) for piece in (b"x", b"longer"))
    assert [f.waivable for f in servers(old, new, 0.3).findings] == [True, True]


def test_what_is_broken_in_two_ways_or_not_there_at_all_cannot_be_waived() -> None:
    made = servers(says(b"garbage\r\n\r\n"), says(gzip_broken()))
    assert [f.waivable for f in made.findings] == [False, False]
    sick = (Page(status=500), Page(status=502))
    waivable = {f.id: f.waivable for f in sites(*sick).findings}
    assert (waivable["parity:/ping:old"], waivable["parity:/ping:new"]) == (False, False)
    gone = run_with_sockets(compared("http://127.0.0.1:1", "http://127.0.0.1:1"))
    assert [f.waivable for f in gone.findings] == [False, False]


@dataclass(frozen=True)
class Headed:
    """What a side answers to HEAD, where it is not what it answers to GET."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.method == "HEAD":
            return web.Response(status=self.status, headers=self.headers)
        return await Page(headers=[("Vary", "Origin")])(request)


@pytest.mark.parametrize(
    ("new", "finding", "said"),
    [
        (
            Headed(405, {"Vary": "Origin"}),
            "parity:/ping:head:status",
            "/ping: status of HEAD is 200 on old and 405 on new",
        ),
        (
            Headed(headers={"Vary": "Cookie"}),
            "parity:/ping:head:header:vary",
            "/ping: vary of HEAD is origin on old and cookie on new",
        ),
    ],
)
def test_what_head_shows_is_compared_too(new: Headed, finding: str, said: str) -> None:
    found = only(sites(Headed(headers={"Vary": "Origin"}), new))
    assert (found.id, found.said, found.waivable) == (finding, said, True)


def test_what_get_shows_already_is_not_said_of_head_again() -> None:
    old, new = (Page(headers=[("Vary", name)]) for name in ("Origin", "Cookie"))
    assert set(against(sites(old, new))) == {"parity:/ping:header:vary"}
    assert set(against(sites(Page(), Page(status=404), Endpoint("/ping")))) == {
        "parity:/ping:status"
    }


def named(page: Page, public: Page) -> bad_servers.Handler:
    """Answer with `public` to whoever asks for app.example.com."""

    async def handle(request: web.Request) -> web.StreamResponse:
        asked = request.host.partition(":")[0]
        return await (public if asked == "app.example.com" else page)(request)

    return handle


def under_the_public_name(old: bad_servers.Handler, new: bad_servers.Handler) -> Check:
    async def run() -> Check:
        async with site(old) as before, site(new) as after, AsyncExitStack() as stack:
            own, public = [
                [
                    await stack.enter_async_context(
                        client(Side(url), timeout_seconds=10, asked_as=name)
                    )
                    for url in (before, after)
                ]
                for name in ("", "app.example.com")
            ]
            both = {"app.example.com": (public[0], public[1])}
            return await parity(own[0], own[1], (PING,), (), lambda _: None, both)

    return run_with_sockets(run())


def test_a_side_that_does_not_know_the_public_name_fails_and_cannot_be_waived() -> None:
    made = under_the_public_name(named(Page(), Page()), named(Page(), Page(status=404)))
    assert against(made) == {
        "parity:app.example.com/ping:new": "app.example.com/ping on new: status 404, but must be 200",
        "parity:app.example.com/ping:status": "app.example.com/ping: status is 200 on old and 404 on new",
    }
    waivable = {f.id: f.waivable for f in made.findings}
    assert waivable["parity:app.example.com/ping:new"] is False


def test_a_difference_under_both_names_is_one_finding() -> None:
    other = Page(headers=[("Vary", "Cookie")])
    made = under_the_public_name(Page(), other)
    assert set(against(made)) == {"parity:/ping:header:vary"}
    made = under_the_public_name(Page(), named(Page(), other))
    assert set(against(made)) == {"parity:app.example.com/ping:header:vary"}


def _silent_to_options() -> bad_servers.Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (asked := await reader.readuntil(b"\r\n\r\n")).startswith((b"GET", b"HEAD")):
            writer.write(ok(b"pong") if asked.startswith(b"GET") else ok(b"pong")[:-4])
            await writer.drain()
        await reader.read()

    return serve


def test_a_preflight_that_one_side_does_not_answer_is_a_difference_that_can_be_waived() -> None:
    silent = _silent_to_options()
    assert only(servers(silent, silent, 0.3)).verdict is Verdict.PASS
    # Whoever answers HEAD with a body answers it wrongly, which is a finding of its own.
    made = servers(silent, says(ok(b"pong")), 0.3)
    finding = next(f for f in made.findings if f.id == "parity:/ping:cors:status")
    assert finding.waivable
    assert finding.said == (
        "/ping: a CORS preflight gets no answer: no whole answer within 0.3 s, nothing of the body "
        "came (old) and status 200 (new)"
    )


def test_whatever_bytes_a_side_sends_a_finding_is_one_printable_line() -> None:
    head = b"HTTP/1.1 200 OK\r\nX-Frame-Options: \x1b[31m\xff\xe9\r\nSet-Cookie: \xc3\xa9\xff\x1b=1\r\n"
    made = servers(says(ok(b"pong")), says(head + b"Content-Length: 4\r\n\r\npong"))
    texts = [text for f in made.findings for text in (f.id, f.said, f.old, f.new)]
    assert texts
    assert all(text.isprintable() and text.encode() is not None for text in texts)


HEADER_NAMES = st.sampled_from(
    ["content-type", "set-cookie", "vary", "location", "content-security-policy", "x-frame-options"]
)
TEXTS = st.text(max_size=30)
ANSWERS = st.builds(
    Answer,
    status=st.sampled_from([200, 302, 404, 503]),
    headers=st.lists(st.tuples(HEADER_NAMES, TEXTS), max_size=6).map(tuple),
    body=st.binary(max_size=60),
    cut=st.sampled_from(["", "too long"]),
    seconds=st.just(0.1),
    packed=st.sampled_from(["", "br"]),
)
SEEN: Any = st.builds(
    Seen,
    answers=st.lists(ANSWERS, min_size=1, max_size=2),
    hops=st.lists(TEXTS, max_size=2),
    head=ANSWERS | st.builds(FetchError, TEXTS),
    preflight=ANSWERS | st.builds(FetchError, TEXTS),
    impersonal=st.just(lambda text: text),
) | st.builds(FetchError, TEXTS)
ENDPOINTS = st.builds(
    Endpoint,
    path=st.just("/x"),
    status=st.sampled_from([0, 200]),
    contains=TEXTS,
    body=st.sampled_from([Body(), Body(by="text"), Body(by="json", ignore=("**.id",))]),
)


@settings(max_examples=100, deadline=None)
@given(ENDPOINTS, SEEN, SEEN)
def test_whatever_two_sides_show_there_are_findings_with_ids_of_their_own(
    endpoint: Endpoint, old: Seen | FetchError, new: Seen | FetchError
) -> None:
    found = list(compare(endpoint, old, new, headers=["X-Any"]))
    ids = [finding.id for finding in found]
    assert ids
    assert len(set(ids)) == len(ids)
    assert ids == [finding.id for finding in compare(endpoint, old, new, headers=["X-Any"])]


@settings(max_examples=100, deadline=None)
@given(SEEN)
def test_a_side_differs_from_itself_in_nothing(seen: Seen | FetchError) -> None:
    found = list(compare(Endpoint("/x", body=Body(by="text")), seen, seen))
    differences = [f.id for f in found if f.waivable and f.verdict is Verdict.FAIL]
    assert set(differences) <= {"parity:/x:old", "parity:/x:new"}


def test_cookies_are_told_by_their_attributes_and_never_by_their_values() -> None:
    told = cookies.attributes(
        [
            "session=secret; Path=/; HttpOnly; Max-Age=60; Expires=Tue, 24 Nov 2026 19:00:00 GMT",
            "seen=1; Expires=Tue, 24 Nov 2026 19:00:00 GMT",
            "twice=1; Path=/a",
            "twice=2; Path=/b",
            "bare",
            ";;=",
        ]
    )
    assert told == {
        "session": "httponly; max-age=60; path=/",
        "seen": "lasting",
        "twice": "path=/a, and path=/b",
        "bare": "no attributes",
        "": "no attributes",
    }


def test_endpoints_are_asked_a_few_at_a_time() -> None:
    under_way = most = 0

    async def slow(request: web.Request) -> web.StreamResponse:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        under_way -= 1
        return await Page()(request)

    made = sites(slow, Page(), *(Endpoint(f"/{i}") for i in range(12)))
    assert len(made.findings) == 12
    assert 1 < most <= 4


def test_a_run_asks_for_the_public_hosts_of_its_spec() -> None:
    async def report() -> Report:
        knows, does_not = named(Page(), Page()), named(Page(), Page(status=404))
        async with site(knows) as old, site(does_not) as new:
            spec = Spec(
                service="shop",
                old=Side(old),
                new=Side(new),
                endpoints=(PING,),
                latency=Latency(20, 250, 250, 25),
                load=Load(1, 0.1, 1, 1, 0.1, 0.1),
                timeout_seconds=5,
                certificate_days=0,
                public_hosts=("app.example.com",),
            )
            today = date(2026, 11, 28)
            return await run(spec, today=today, progress=lambda *_: None, fail_fast=True)

    made = run_with_sockets(report())
    assert made.verdict is Verdict.FAIL
    assert "parity:app.example.com/ping:new" in {finding.id for finding in made.against()}
