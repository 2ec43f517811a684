"""What people do is done on both sides, old first: each difference is a finding, and no secret is shown."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.inference.verdict import Verdict
from shared.readiness.bodies import patterns
from shared.readiness.checks import journeys as made_by
from shared.readiness.checks.journeys import Secrets, Sides, journeys
from shared.readiness.finding import Check
from shared.readiness.http.browser import Viewer
from shared.readiness.http.fetch import client
from shared.readiness.journeys.journey import Expect, Journey, Pair, Step, Take
from shared.readiness.journeys.pointer import NOTHING, pointed
from shared.readiness.journeys.values import Values
from shared.readiness.spec import Side
from tests.unit.support.accounts import PASSWORD, Site
from tests.unit.support.bad_servers import never_answers, raw, repeats, says, site
from tests.unit.support.virtual_time import run_with_sockets

CSRF = Take("csrf", pattern='name="csrf" value="([^"]+)"')
LOGIN_FORM = json.dumps({"user": "ada", "password": "{password}", "csrf": "{csrf}"})
LOGIN = Journey(
    "login",
    (
        Step("/login", take=(CSRF,)),
        Step(
            "/login",
            "POST",
            body=LOGIN_FORM,
            body_kind="form",
            expect=Expect("200", contains="Welcome ada"),
        ),
    ),
)
WRITE = Journey(
    "write",
    (
        *LOGIN.steps,
        Step(
            "/notes",
            "POST",
            body=json.dumps({"text": "from {csrf}"}),
            body_kind="json",
            follow=False,
            expect=Expect("201"),
            take=(Take("note", pointer="/note/id"),),
        ),
        Step("/notes/{note}", expect=Expect(contains="from {csrf}")),
    ),
)
KNOWN = Secrets({"password": PASSWORD})
BARE = Viewer()
PUBLIC = Viewer("app.example.com", "https", {"Host": "app.example.com"})


async def made(
    old: str,
    new: str,
    *declared: Journey,
    secrets: Secrets = KNOWN,
    limits: tuple[float, float] = (10, 10),
    viewer: Viewer = BARE,
    **how: Any,
) -> Check:
    async with (
        asyncio.timeout(20),
        client(Side(old), timeout_seconds=limits[0]) as before,
        client(Side(new), timeout_seconds=limits[1]) as after,
    ):
        sides = Sides(before, after, viewer, viewer.door_name)
        return await journeys(sides, declared, secrets, **how)


def on(old: Any, new: Any, *declared: Journey, **how: Any) -> Check:
    async def run() -> Check:
        async with site(old) as before, site(new) as after:
            return await made(before, after, *declared, **how)

    return run_with_sockets(run())


def against(check: Check) -> dict[str, str]:
    return {f.id: f.said for f in check.findings if f.verdict is not Verdict.PASS}


def test_a_login_and_a_write_pass_on_two_sides_that_are_alike() -> None:
    old, new = Site(), Site()
    check = on(old, new, LOGIN, WRITE)
    assert [(f.id, f.verdict, f.said) for f in check.findings] == [
        ("journey:login", Verdict.PASS, "journey login: 2 steps, no difference"),
        ("journey:write", Verdict.PASS, "journey write: 4 steps, no difference"),
    ]
    assert old.asked[:3] == ["GET /login", "POST /login", "GET /account"]
    assert [one.partition("/notes/")[0] for one in new.asked[-2:]] == ["POST /notes", "GET "]


def test_old_is_done_before_new_begins() -> None:
    order: list[str] = []

    def told(name: str) -> Any:
        return lambda request, answer: order.append(name) or answer

    on(Site(change=told("old")), Site(change=told("new")), LOGIN)
    assert order == ["old"] * 3 + ["new"] * 3


@pytest.mark.parametrize(
    ("new", "finding", "said"),
    [
        (
            Site(welcome="Sorry"),
            "journey:login:2:new",
            "journey login, step 2 (POST /login) on new: the body does not contain 'Welcome ada'",
        ),
        (Site(landing="/elsewhere"), "journey:login:2:redirects", "303 /elsewhere on new"),
        (
            Site(attributes="Path=/"),
            "journey:login:2:cookie:sid",
            "cookie sid is httponly; path=/ on old",
        ),
        (
            Site(change=lambda _, a: web.Response(status=403, text="WAF")),
            "journey:login:1:new",
            "step 1 (GET /login) on new: status 403, but must be 2xx",
        ),
        (
            Site(attributes="Path=/; Domain=other.example"),
            "journey:login:2:new",
            "step 2 (POST /login) on new: status 403, but must be 200",
        ),
    ],
)
def test_a_difference_is_a_finding(new: Site, finding: str, said: str) -> None:
    check = on(Site(), new, LOGIN, viewer=PUBLIC)
    assert said in against(check)[finding]


def test_what_one_side_alone_does_wrong_cannot_be_waived_and_what_both_do_can() -> None:
    (lone, *_) = on(Site(), Site(welcome="Sorry"), LOGIN).findings
    assert (lone.verdict, lone.waivable) == (Verdict.FAIL, False)
    alike = on(Site(welcome="Sorry"), Site(welcome="Sorry"), LOGIN).findings
    assert [(f.id, f.waivable) for f in alike] == [
        ("journey:login:2:old", True),
        ("journey:login:2:new", True),
    ]


def test_the_door_s_name_and_the_viewer_s_origin_are_heard() -> None:
    new = Site(landing="https://app.example.com/account")
    check = on(Site(), new, LOGIN, viewer=PUBLIC)
    assert against(check) == {}
    assert [h["host"] for h in new.headers] == ["app.example.com"] * 3
    assert new.headers[1]["origin"] == "https://app.example.com"
    assert "origin" not in new.headers[0]


def test_a_redirect_to_the_side_s_own_name_leads_out_of_the_door() -> None:
    def own(request: web.Request, answer: web.Response) -> web.Response:
        if answer.status == 303:
            host, port = request.transport.get_extra_info("sockname")[:2]  # type: ignore[union-attr]
            answer.headers["Location"] = f"http://{host}:{port}/account"
        return answer

    found = against(on(Site(), Site(change=own), LOGIN, viewer=PUBLIC))
    assert "status 303 (303 http://(own host)/account)" in found["journey:login:2:new"]


@pytest.mark.parametrize(
    ("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")]
)
def test_redirects_are_followed_as_a_browser_follows_them(status: int, method: str) -> None:
    asked: list[tuple[str, str, str]] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append((request.method, request.path, await request.text()))
        if request.path == "/a":
            return web.Response(status=status, headers={"Location": "b?c=d#e"})
        return web.Response(text="there")

    step = Step("/a", "POST", body="x=1", body_kind="text", expect=Expect(contains="there"))
    assert against(on(handle, handle, Journey("post", (step,)))) == {}
    assert asked[1] == (method, "/b", "x=1" if method == "POST" else "")


def test_a_redirect_may_be_left_alone() -> None:
    old = Site()
    step = Step(
        "/account", follow=False, expect=Expect("302", headers=(Pair("Location", "/login"),))
    )
    assert against(on(old, Site(), Journey("away", (step,)))) == {}
    assert old.asked == ["GET /account"]


def test_endless_redirects_end() -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(f"/{int(request.path[1:]) + 1}")

    found = against(on(handle, handle, Journey("on", (Step("/1"),))))
    assert "more than 9 redirects" in found["journey:on:1:new"]


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        (Expect(headers=(Pair("X-A", "b"),)), "header X-A is 'a', but must be 'b'"),
        (Expect(values=(Pair("/a/0", "2"),)), "/a/0 is 1, but must be 2"),
        (Expect(values=(Pair("/a/9", "2"),)), "the body has no /a/9, but must have 2 there"),
        (Expect(values=(Pair("/t", "1"),)), "/t is true, but must be 1"),
        (Expect("3xx"), "status 200, but must be 3xx"),
    ],
)
def test_what_must_come_back_is_looked_for(expect: Expect, said: str) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.json_response({"a": [1], "t": True}, headers={"X-A": "a"})

    step = Step("/", expect=Expect(values=(Pair("/a/0", "1"),), headers=(Pair("x-a", "a"),)))
    assert against(on(handle, handle, Journey("j", (step,)))) == {}
    found = against(on(handle, handle, Journey("j", (Step("/", expect=expect),))))
    assert said in found["journey:j:1:old"]


@pytest.mark.parametrize(
    ("take", "said"),
    [
        (Take("x", pointer="/a"), "the body is not JSON"),
        (Take("x", header="X-None"), "there is no header X-None to carry on as {x}"),
        (Take("x", pattern="nowhere"), "there is no what 'nowhere' finds to carry on as {x}"),
        (Take("x", pattern="s+"), "longer than 4096 characters"),
    ],
)
def test_what_cannot_be_carried_on_is_said(take: Take, said: str) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(text="s" * 5000)

    found = against(on(handle, handle, Journey("j", (Step("/", take=(take,)),))))
    assert said in found["journey:j:1:new"]


def test_a_hostile_expression_ends_and_is_no_side_s_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(made_by, "taken", partial(patterns.taken, seconds=0.2))

    async def handle(request: web.Request) -> web.StreamResponse:
        return web.Response(text="a" * 40 + "!")

    take = Take("x", pattern="(a+)+$")
    check = on(handle, handle, Journey("j", (Step("/", take=(take,)),)))
    assert [f.verdict for f in check.findings] == [Verdict.INCONCLUSIVE] * 2
    assert "was not done within" in check.findings[0].said


def test_a_value_stays_one_part_of_a_path() -> None:
    asked: list[str] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        asked.append(request.raw_path)
        return web.json_response({"id": "../../x?y=//evil.example#"})

    steps = (Step("/a", take=(Take("id", pointer="/id"),)), Step("/b/{id}/c"))
    on(handle, handle, Journey("j", steps))
    # An equals sign needs no code in a path.
    assert asked[1].replace("%3D", "=") == "/b/..%2F..%2Fx%3Fy=%2F%2Fevil.example%23/c"


def test_a_secret_is_in_no_finding_however_a_side_repeats_it() -> None:
    def echo(request: web.Request, answer: web.Response) -> web.Response:
        if request.method != "POST":
            return answer
        shown = {"said": PASSWORD, "q": quote(PASSWORD), "plus": quote_plus(PASSWORD)}
        return web.json_response(
            shown,
            status=400,
            headers={
                "Location": f"/again?p={quote(PASSWORD, safe='')}&q={quote_plus(PASSWORD)}",
                "Set-Cookie": f"p={quote(PASSWORD)}; Path=/{quote(PASSWORD, safe='')}",
            },
        )

    step = Step(
        "/login",
        "POST",
        headers=(Pair("Authorization", "Bearer {password}"),),
        body='{"password": "{password}"}',
        body_kind="json",
        follow=False,
        expect=Expect("400", values=(Pair("/said", '"x"'),)),
    )
    for old in (Site(change=echo), Site()):
        told = json.dumps(on(old, Site(change=echo), Journey("j", (step,))).to_dict())
        assert "{password}" in told
        for part in ("w0rd", "ss%20w"):
            assert part not in told


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30), st.text(max_size=20))
def test_a_secret_is_left_out_of_every_spelling(secret: str, around: str) -> None:
    values = Values({"it": secret})
    for spelt in (secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]):
        hidden = values.hide(f"<{spelt}>")
        assert spelt not in hidden.replace("{it}", "") or spelt in "<>"


def test_a_secret_that_cannot_be_read_is_could_not_tell() -> None:
    secrets = Secrets({}, {"password": "the secret 'password' cannot be read: AccessDenied"})
    old = Site()
    check = on(old, Site(), LOGIN, secrets=secrets)
    assert against(check) == {
        "journey:login": "journey login was not made: the secret 'password' cannot be read: AccessDenied"
    }
    assert (check.verdict, old.asked) == (Verdict.INCONCLUSIVE, [])


@pytest.mark.parametrize(
    ("serve", "said"),
    [
        (never_answers, "no whole answer within 0.2 s"),
        (repeats(b"HTTP/1.1 200 OK\r\n\r\n", b"x", pause=0.01), "no whole answer within 0.2 s"),
        (says(b""), "the server hung up"),
        (says(b"nonsense\r\n\r\n"), "the answer is not HTTP"),
    ],
)
def test_a_side_that_misbehaves_costs_one_step(serve: Any, said: str) -> None:
    async def run() -> Check:
        async with site(Site()) as old, raw(serve) as new:
            return await made(old, new, LOGIN, limits=(10, 0.2))

    found = against(run_with_sockets(run()))
    assert said in found["journey:login:1:new"]
    assert list(found) == ["journey:login:1:new"]


def test_an_endless_body_that_comes_fast_is_cut() -> None:
    async def run() -> Check:
        endless = repeats(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536)
        async with raw(endless) as old, raw(endless) as new:
            step = Step("/", expect=Expect(contains="never"))
            return await made(old, new, Journey("j", (step,)))

    assert "within the first MiB" in against(run_with_sockets(run()))["journey:j:1:new"]


def test_all_journeys_together_end_in_their_time() -> None:
    async def run() -> Check:
        async with raw(never_answers) as old, raw(never_answers) as new:
            return await made(old, new, LOGIN, WRITE, seconds=0.1)

    assert against(run_with_sockets(run())) == {
        "journey:login": "journey login did not end: all journeys have 0.1 s together",
        "journey:write": "journey write was not made: there was no time left: all journeys have 0.1 s "
        "together",
    }


HOSTILE: Sequence[str] = (
    "sid",
    "=x",
    "; ;",
    "a=" + "b" * 5000,
    "a=b; Max-Age=9" + "9" * 30,
    "a=b; Expires=" + "9" * 300,
    "a=b; Domain=" + "." * 200,
    "a=b; Path=" + "/x" * 900,
    "a=caf\u00e9",
)


def test_hostile_cookies_break_nothing() -> None:
    def hostile(request: web.Request, answer: web.Response) -> web.Response:
        for one in (*HOSTILE, *(f"c{i}={'x' * 200}" for i in range(50))):
            answer.headers.add("Set-Cookie", one)
        return answer

    new = Site(change=hostile)
    found = against(on(Site(change=hostile), new, LOGIN))
    assert found == {}
    assert all(len(h.get("cookie", "")) < 9000 for h in new.headers)


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("/a~1b", 1),
        ("/m~0n", 2),
        ("/l/0", "x"),
        ("/l/00", NOTHING),
        ("/l/-", NOTHING),
        ("/l/x/y", NOTHING),
    ],
)
def test_a_pointer_points_as_rfc_6901_says(pointer: str, found: object) -> None:
    assert pointed({"a/b": 1, "m~n": 2, "l": ["x"]}, pointer) == found
