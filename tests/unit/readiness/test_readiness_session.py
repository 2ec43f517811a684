"""A viewer who logged in on one side is tried on the other, both ways; cookies that are lost are found."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.inference.verdict import Verdict
from shared.readiness.checks.cookie_fit import lost_cookies
from shared.readiness.checks.journeys import Secrets, Sides
from shared.readiness.checks.session import not_tried, session
from shared.readiness.finding import Check
from shared.readiness.http.fetch import Answer, client
from shared.readiness.http.jar import Jar, parsed, refusal
from shared.readiness.journeys.journey import Secret, Session
from shared.readiness.run import run
from shared.readiness.spec import Attestation, Body, Endpoint, Latency, Load, Side, Spec
from tests.unit.readiness.test_readiness_journeys import KNOWN, LOGIN
from tests.unit.support.accounts import PASSWORD, Site, Store
from tests.unit.support.bad_servers import never_answers, raw, site
from tests.unit.support.virtual_time import run_with_sockets

ACCOUNT = Session("login", "/account", contains="Welcome")


async def told(
    old: str,
    new: str,
    declared: Session = ACCOUNT,
    *,
    secrets: Secrets = KNOWN,
    limits: tuple[float, float] = (10, 10),
    **how: Any,
) -> Check:
    async with (
        asyncio.timeout(20),
        client(Side(old), timeout_seconds=limits[0]) as before,
        client(Side(new), timeout_seconds=limits[1]) as after,
    ):
        return await session(Sides(before, after), declared, LOGIN, secrets, **how)


def between(old: Any, new: Any, *args: Any, **how: Any) -> Check:
    async def run() -> Check:
        async with site(old) as before, site(new) as after:
            return await told(before, after, *args, **how)

    return run_with_sockets(run())


def findings(check: Check) -> list[tuple[str, Verdict, bool]]:
    return [(f.id, f.verdict, f.waivable) for f in check.findings]


def test_sides_that_share_a_store_know_each_other_s_viewers() -> None:
    store = Store()
    assert findings(between(Site(store), Site(store))) == [
        ("session:old-to-new", Verdict.PASS, False),
        ("session:new-to-old", Verdict.PASS, False),
    ]


def test_sides_of_their_own_know_nobody_of_the_other() -> None:
    check = between(Site(), Site())
    assert findings(check) == [
        ("session:old-to-new", Verdict.FAIL, True),
        ("session:new-to-old", Verdict.FAIL, True),
    ]
    assert [f.said.partition(". ")[0] for f in check.findings] == [
        "new does not know a viewer who logged in on old: each rise of the weight logs people out",
        "old does not know a viewer who logged in on new: each rollback logs people out",
    ]
    assert "session store, signing keys, CSRF secrets and cookie domain" in check.findings[0].said


def test_one_way_alone_is_told_as_such() -> None:
    old_store, new_store = Store(), Store()

    class Both(set[str]):
        def __contains__(self, sid: object) -> bool:
            return super().__contains__(sid) or sid in old_store.sessions

    new_store.sessions = Both()
    assert [f.verdict for f in between(Site(old_store), Site(new_store)).findings] == [
        Verdict.PASS,
        Verdict.FAIL,
    ]


def test_one_session_at_a_time_is_enough() -> None:
    """A login that ends the user's other sessions must not look like sessions that are not shared."""
    store = Store()

    def alone(request: web.Request, answer: web.Response) -> web.Response:
        if answer.status == 303:
            newest = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
            store.sessions.clear()
            store.sessions.add(newest)
        return answer

    check = between(Site(store, change=alone), Site(store, change=alone))
    assert check.verdict is Verdict.PASS


def test_a_path_that_knows_everybody_tells_nothing() -> None:
    everybody = Session("login", "/login", contains="form")
    check = between(Site(), Site(), everybody)
    assert findings(check) == [
        ("session:old", Verdict.INCONCLUSIVE, True),
        ("session:new", Verdict.INCONCLUSIVE, True),
    ]
    assert "answers a stranger as one who is known" in check.findings[0].said


def test_a_login_that_fails_is_could_not_tell() -> None:
    check = between(Site(welcome="Sorry"), Site())
    assert check.verdict is Verdict.FAIL
    assert check.findings[0].said == (
        "nobody could be logged in on old: step 2 of login: the body does not contain 'Welcome ada'"
    )
    wrong = Secrets({}, {"password": "the secret 'password' cannot be read"})
    assert findings(between(Site(), Site(), secrets=wrong)) == [
        ("session", Verdict.INCONCLUSIVE, False)
    ]


def test_a_path_that_never_knows_anybody_is_could_not_tell() -> None:
    check = between(Site(), Site(), Session("login", "/account", contains="Adieu"))
    assert check.findings[0].said == "/account on old does not know the viewer who did login there"
    assert check.verdict is Verdict.INCONCLUSIVE


def test_a_side_that_hangs_is_found_and_takes_no_longer_than_is_left() -> None:
    async def run(**how: Any) -> Check:
        async with site(Site()) as old, raw(never_answers) as new:
            return await told(old, new, **how)

    check = run_with_sockets(run(limits=(10, 0.2)))
    assert [(f.id, f.verdict) for f in check.findings] == [
        ("session:old", Verdict.FAIL),
        ("session:new", Verdict.FAIL),
    ]
    late = run_with_sockets(run(seconds=0.3))
    assert late.findings[-1].verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("seen", "attested", "verdict"),
    [
        ({"old": ["sid"], "new": []}, (), Verdict.INCONCLUSIVE),
        ({"old": [], "new": []}, (), None),
        ({}, (), None),
        ({"old": ["sid"]}, (Attestation("Sessions: shared", 14),), None),
        ({"old": ["sid"]}, (Attestation("backups", 14),), Verdict.INCONCLUSIVE),
    ],
)
def test_without_a_declared_session_a_person_is_asked_where_cookies_are_set(
    seen: dict[str, Sequence[str]], attested: tuple[Attestation, ...], verdict: Verdict | None
) -> None:
    check = not_tried(seen, attested)
    assert check.verdict is verdict
    if verdict is not None:
        (finding,) = check.findings
        assert "session store, signing keys, CSRF secrets and cookie domain" in finding.said
        assert "readiness.attestations" in finding.said
        assert finding.waivable


@pytest.mark.parametrize(
    ("header", "host", "scheme", "why"),
    [
        (
            "a=b; Domain=old.example.com",
            "app.example.com",
            "https",
            "does not cover app.example.com",
        ),
        ("a=b; Domain=.example.com", "app.example.com", "https", ""),
        ("a=b; Domain=ple.com", "app.example.com", "https", "does not cover"),
        ("a=b; Domain=0.0.1", "127.0.0.1", "http", "does not cover"),
        ("a=b; Secure", "app.example.com", "http", "viewers come by http"),
        ("a=b; Secure", "app.example.com", "https", ""),
        ("a=b; Secure", "", "", ""),
        ("a=b; SameSite=None", "app.example.com", "https", "SameSite=None without Secure"),
        ("a=b; SameSite=None; Secure", "app.example.com", "https", ""),
        ("__Host-a=b; Secure; Path=/", "app.example.com", "https", ""),
        ("__Host-a=b; Secure; Path=/x", "app.example.com", "https", "begins with __Host-"),
        ("__Secure-a=b", "app.example.com", "https", "begins with __Secure-"),
    ],
)
def test_why_a_browser_keeps_no_cookie(header: str, host: str, scheme: str, why: str) -> None:
    cookie = parsed(header)
    assert cookie is not None
    said = refusal(cookie, host, scheme)
    assert why in said if why else said == ""


@pytest.mark.parametrize(
    ("header", "public", "ids"),
    [
        ("sid=1; Domain=old.example.com", "", ["parity:/:cookie-lost:sid:old"]),
        ("sid=1; Domain=app.example.com", "", []),
        ("sid=1; Domain=old.example.com", "app.example.com", ["parity:/:cookie-lost:sid:old"]),
        ("sid=1; Domain=example.com", "app.example.com", []),
    ],
)
def test_a_cookie_for_the_side_s_own_name_is_lost(header: str, public: str, ids: list[str]) -> None:
    answer = Answer(200, (("set-cookie", header), ("set-cookie", header)), b"", "", 0.0)
    found = list(lost_cookies("parity:/", "old", [answer], "old.example.com", public, "https"))
    assert [f.id for f in found] == ids
    assert all(f.waivable for f in found)


def a_run(old: Site, new: Site, **spec: Any) -> dict[str, Check]:
    """Return the checks of a gate's run that ends with the sessions, or before."""

    async def go() -> dict[str, Check]:
        async with site(old) as before, site(new) as after:
            report = await run(
                Spec(
                    service="shop",
                    old=Side(before),
                    new=Side(after),
                    endpoints=(Endpoint("/login", status=200, body=Body(by="any")),),
                    latency=Latency(20, 1000, 1000, 1000),
                    load=Load(1, 0.5, 1, 1, 0.5, 0.5),
                    timeout_seconds=10,
                    certificate_days=1,
                    journeys=(LOGIN,),
                    secrets=(Secret("password", "arn", "password"),),
                    **spec,
                ),
                today=date(2026, 11, 28),
                progress=lambda *_: None,
                fail_fast=True,
                secrets={"password": PASSWORD},
            )
        assert PASSWORD not in repr(report)
        return {one.name: one for one in report.checks}

    return run_with_sockets(go())


def test_the_gate_stops_at_a_journey_or_a_session_that_fails() -> None:
    checks = a_run(Site(), Site(welcome="Sorry"), session=ACCOUNT)
    assert checks["journeys"].verdict is Verdict.FAIL
    assert checks["session"].skipped == "journeys failed before it"
    checks = a_run(Site(), Site(), session=ACCOUNT)
    assert (checks["journeys"].verdict, checks["session"].verdict) == (Verdict.PASS, Verdict.FAIL)
    assert checks["load"].skipped == "session failed before it"


def test_the_gate_asks_for_an_attestation_where_a_cookie_was_seen() -> None:
    new = Site()
    new.welcome = "Sorry"
    checks = a_run(Site(), new)
    assert checks["parity"].figures["cookies"] == {"old": ["csrf"], "new": ["csrf"]}
    assert checks["journeys"].verdict is Verdict.FAIL


def test_behind_the_edge_a_journey_asks_by_the_public_name() -> None:
    new = Site(landing="https://app.example.com/account")
    checks = a_run(
        Site(),
        new,
        session=ACCOUNT,
        public_names=("*.example.com", "app.example.com"),
        viewer_scheme="https",
    )
    assert checks["journeys"].verdict is Verdict.PASS
    posted = next(h for h in new.headers if h.get("origin") == "https://app.example.com")
    assert posted["host"] == posted["x-forwarded-host"] == "app.example.com"
    assert posted["cloudfront-forwarded-proto"] == "https"


PIECES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=20)
HEADERS = st.lists(
    st.one_of(
        PIECES,
        st.builds(
            "{}={}; {}={}".format,
            PIECES,
            PIECES,
            st.sampled_from(["Path", "Domain", "Max-Age", "Expires", "SameSite", "Secure"]),
            PIECES,
        ),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@given(HEADERS, st.sampled_from(["/", "/a/b?c=d", "//x"]))
def test_whatever_cookies_come_the_header_is_one_short_line(headers: list[str], path: str) -> None:
    jar = Jar("app.example.com", "https")
    jar.keep(headers, path)
    said = jar.header(path)
    assert "\n" not in said
    assert "\r" not in said
    assert len(said) <= 8192


def test_a_jar_keeps_changes_and_deletes_as_a_browser_does() -> None:
    jar = Jar("app.example.com", "https")
    jar.keep(["a=1; Path=/", "b=2; Path=/x", "c=3"], "/x/y")
    assert jar.header("/x/z") == "b=2; c=3; a=1"
    assert jar.header("/xy") == "a=1"
    jar.keep(
        [
            "a=2; Path=/",
            "b=; Path=/x; Max-Age=0",
            "c=; Path=/x; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ],
        "/x/y",
    )
    assert jar.header("/x/z") == "a=2"
    jar.keep([f"n{i}=1; Path=/" for i in range(200)], "/")
    assert len(jar) == 100
