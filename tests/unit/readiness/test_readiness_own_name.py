"""An answer that leads viewers to a side's own name is found, and one that only repeats Host is not."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from aiohttp import web

from shared.inference.verdict import Verdict
from shared.readiness.checks.own_name import NOBODYS_NAME, Door
from shared.readiness.checks.parity import parity
from shared.readiness.finding import Check
from shared.readiness.http.fetch import client
from shared.readiness.spec import Endpoint, Side
from tests.unit.support.bad_servers import site
from tests.unit.support.virtual_time import run_with_sockets

PUBLIC_NAME = "app.example.com"
Names = Callable[[web.Request], str]


def own(request: web.Request) -> str:
    """The name of an app that holds its own in its settings."""
    assert request.transport is not None
    host, port = request.transport.get_extra_info("sockname")[:2]
    return f"{host}:{port}"


def heard(request: web.Request) -> str:
    return request.host


def forwarded(request: web.Request) -> str:
    return request.headers.get("X-Forwarded-Host", request.host)


def redirects(names: Names) -> Callable[[web.Request], object]:
    async def answer(request: web.Request) -> web.Response:
        to = f"http://{names(request)}/login" if request.path == "/" else ""
        return web.Response(status=302 if to else 200, headers={"Location": to} if to else {})

    return answer


def links(names: Names, text: str = "<a href='https://{}/help'>help</a>") -> Callable[..., object]:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=text.replace("{}", names(request)))

    return answer


def asked(app: Callable[..., object], door: Door) -> Check:
    async def run() -> Check:
        async with (
            site(app) as url,
            site(app) as other,
            client(Side(url), timeout_seconds=5) as old,
            client(Side(other), timeout_seconds=5) as new,
        ):
            return await parity(old, new, [Endpoint("/")], (), lambda _: None, door=door)

    return run_with_sockets(run())


def wrong(made: Check) -> dict[str, Verdict]:
    return {f.id: f.verdict for f in made.findings if f.verdict is not Verdict.PASS}


BOTH_LEAD_AWAY = {f"parity:/:own-name:{side}": Verdict.FAIL for side in ("old", "new")}
DOORS = [Door(), Door(PUBLIC_NAME), Door(host="own"), Door(PUBLIC_NAME, "own")]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "app",
    [redirects(own), links(own), links(own, json.dumps({"a": "http://{}/"}).replace("/", "\\/"))],
)
def test_an_app_that_names_itself_whatever_it_hears_leads_viewers_away(
    app: Callable[..., object], door: Door
) -> None:
    made = asked(app, door)
    assert wrong(made) == BOTH_LEAD_AWAY
    assert all(f.waivable for f in made.findings)
    assert "out of the door, to the side's own name" in made.findings[0].said


@pytest.mark.parametrize("app", [redirects(heard), links(heard)])
@pytest.mark.parametrize("public_name", ["", PUBLIC_NAME])
def test_an_app_that_repeats_host_leads_away_only_where_it_hears_its_own(
    app: Callable[..., object], public_name: str
) -> None:
    assert wrong(asked(app, Door(public_name))) == {}
    assert wrong(asked(app, Door(public_name, "own"))) == BOTH_LEAD_AWAY


@pytest.mark.parametrize("door", DOORS)
def test_an_app_that_builds_its_links_from_the_forwarded_host_leads_nobody_away(door: Door) -> None:
    assert wrong(asked(redirects(forwarded), door)) == {}


def test_an_app_that_does_not_know_the_public_name_is_found_before_viewers_find_it() -> None:
    async def knows_itself(request: web.Request) -> web.Response:
        return web.Response(status=200 if request.host == own(request) else 400)

    made = asked(knows_itself, Door(PUBLIC_NAME))

    assert wrong(made) == {f"parity:/:public-name:{s}": Verdict.FAIL for s in ("old", "new")}
    assert made.findings[0].said == (
        "/ on old: asked for app.example.com as the door asks, it gives status 400; asked by its own "
        "name, status 200"
    )


def test_without_a_declared_name_an_app_that_takes_no_other_cannot_be_told() -> None:
    async def knows_itself(request: web.Request) -> web.Response:
        if request.host != own(request):
            return web.Response(status=400)
        return web.Response(text=f"https://{request.host}/")

    made = asked(knows_itself, Door())

    assert set(wrong(made).values()) == {Verdict.INCONCLUSIVE}
    assert "declare edge.domain_names" in made.findings[0].said


@pytest.mark.parametrize(
    ("door", "hosts"),
    [(Door(), 3), (Door(PUBLIC_NAME), 4), (Door(PUBLIC_NAME, "own"), 4)],
)
def test_a_declared_name_costs_each_endpoint_one_request_more(door: Door, hosts: int) -> None:
    seen: list[tuple[str, str]] = []

    async def plain(request: web.Request) -> web.Response:
        seen.append((request.host, request.headers.get("X-Forwarded-Host", "")))
        return web.Response(text=f"see {NOBODYS_NAME}")

    asked(plain, door)

    assert len(seen) == 2 * hosts
    if door.public_name:
        assert seen.count((seen[-1][0], PUBLIC_NAME)) >= 1
        assert any(host == PUBLIC_NAME for host, _ in seen) is (door.host == "viewer")
