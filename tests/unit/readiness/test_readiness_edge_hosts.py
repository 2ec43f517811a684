"""Both sides are asked for the names that the edge hands on, and one difference is one finding."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from commands.readiness_spec import _usual
from cutover.declaration.doors import Edge
from cutover.promotion.readiness_properties import MOST_EDGE_HOSTS, _door
from rehearsal.cloud.certificate import Certificate
from rehearsal.world.listener import Listener
from shared.inference.verdict import Verdict
from shared.readiness.checks.own_name import Door
from shared.readiness.checks.parity import parity
from shared.readiness.finding import Check
from shared.readiness.http.fetch import client
from shared.readiness.run import run
from shared.readiness.spec import Endpoint, Side
from tests.unit.support.bad_servers import site
from tests.unit.support.virtual_time import run_with_sockets

NAME = "app.example.com"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/1"


def edge(**said: Any) -> Edge:
    return Edge(certificate_arn=CERTIFICATE, **said)


def test_the_names_that_the_edge_hands_on_are_asked_for_as_far_as_they_are_names() -> None:
    names = ("*.example.com", *(f"a{number}.example.com" for number in range(5)))
    said = _door("chat", edge(domain_names=names))
    assert said["EdgeHosts"] == ["a0.example.com", "a1.example.com", "a2.example.com"]
    assert len(said["EdgeHosts"]) == MOST_EDGE_HOSTS
    assert said["DoorName"] == "a0.example.com"
    assert said["TrafficStack"] == "chat-traffic"


def test_a_name_that_the_sides_never_hear_is_not_asked_of_them() -> None:
    said = _door("chat", edge(domain_names=(NAME,), forward_host=False))
    assert (said["EdgeHosts"], said["DoorName"]) == ([], NAME)


def test_only_declared_headers_are_added_by_the_door() -> None:
    assert _door("chat", Edge())["DoorAdds"] == []
    assert "x-frame-options" in _door("chat", Edge(security_headers=True))["DoorAdds"]
    assert _door("chat", False) == {}


def knows(*names: str) -> Callable[[web.Request], Any]:
    """A side with host rules: it has nothing for another name."""

    async def answer(request: web.Request) -> web.Response:
        known = request.host.partition(":")[0] in {"127.0.0.1", *names}
        known = known or request.method == "OPTIONS"
        return web.Response(status=200 if known else 404, text="the page of the service")

    return answer


def asked(old: Callable[..., Any], new: Callable[..., Any], status: int) -> Check:
    async def compare() -> Check:
        async with (
            site(old) as at_old,
            site(new) as at_new,
            client(Side(at_old), timeout_seconds=5) as old_own,
            client(Side(at_new), timeout_seconds=5) as new_own,
            client(Side(at_old), timeout_seconds=5, asked_as=NAME) as old_public,
            client(Side(at_new), timeout_seconds=5, asked_as=NAME) as new_public,
        ):
            public = {NAME: (old_public, new_public)}
            endpoints = [Endpoint("/", status=status)]
            return await parity(old_own, new_own, endpoints, (), lambda _: None, public, Door(NAME))

    return run_with_sockets(compare())


@pytest.mark.parametrize(
    ("status", "old", "new", "found"),
    [
        (200, knows(NAME), knows(), {f"parity:{NAME}/:new", f"parity:{NAME}/:status"}),
        (0, knows(NAME), knows(), {f"parity:{NAME}/:status"}),
        # Alike under that name, so no side differs: but both answer viewers otherwise than by their own.
        (0, knows(), knows(), {"parity:/:public-name:old", "parity:/:public-name:new"}),
        (0, knows(NAME), knows(NAME), set()),
    ],
)
def test_a_name_that_a_side_does_not_know_is_told_once(
    status: int, old: Callable[..., Any], new: Callable[..., Any], found: set[str]
) -> None:
    wrong = {f.id for f in asked(old, new, status).findings if f.verdict is not Verdict.PASS}
    assert wrong == found


def test_the_names_of_the_edge_need_no_certificate_of_their_own_at_a_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CloudFront takes a certificate that covers the origin's own name."""
    certificate = Certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.trusted))

    async def answer(request: web.Request) -> web.Response:
        return web.Response(text=f"asked for {request.host.partition(':')[0]}")

    async def ask() -> tuple[bytes, str]:
        app = web.Application()
        app.router.add_get("/", answer)
        listener = Listener(app, tls=certificate.server())
        await listener.open()
        side = Side(f"https://localhost:{listener.secure_address[1]}")
        try:
            async with (
                client(side, timeout_seconds=30, asked_as=NAME, by_host_alone=True) as by_host,
                client(side, timeout_seconds=30, asked_as=NAME) as by_both,
            ):
                heard = (await by_host.fetch("/")).body
                with pytest.raises(Exception, match="certificate does not fit") as refused:
                    await by_both.fetch("/")
                return heard, str(refused.value)
        finally:
            await listener.end()

    heard, _ = run_with_sockets(ask())
    assert heard == b"asked for app.example.com"


def test_a_run_asks_under_the_edge_s_names_and_through_the_door() -> None:
    seen: list[tuple[str, str]] = []

    def notes(name: str) -> Callable[[web.Request], Any]:
        async def answer(request: web.Request) -> web.Response:
            seen.append((name, request.host.partition(":")[0]))
            return web.Response(text="the page of the service")

        return answer

    async def check() -> dict[str, Check]:
        async with (
            site(notes("old")) as at_old,
            site(notes("new")) as at_new,
            site(notes("door")) as at_door,
        ):
            spec = _usual(Side(at_old), Side(at_new), [])
            spec = replace(
                spec,
                edge_hosts=(NAME,),
                door=at_door,
                latency=replace(spec.latency, samples=20),
                load=replace(
                    spec.load, loop_seconds=0.1, ramp_seconds=0.1, hold_seconds=0.1, at_once=1
                ),
            )
            today = date(2026, 11, 28)
            report = await run(spec, today=today, progress=lambda _name, _done: None)
            return {one.name: one for one in report.checks}

    checks = asyncio.run(check())
    assert checks["door"].verdict is Verdict.PASS
    assert ("door", "127.0.0.1") in seen
    assert {("old", NAME), ("new", NAME)} <= set(seen)


def test_without_an_edge_door_nothing_is_asked_through_one() -> None:
    async def check() -> Check:
        async with site(knows()) as at_old:
            spec = replace(_usual(Side(at_old), Side(at_old), []), timeout_seconds=0.5)
            report = await run(
                spec,
                today=date(2026, 11, 28),
                progress=lambda _name, _done: None,
                deadline_seconds=0.5,
            )
            return next(one for one in report.checks if one.name == "door")

    assert asyncio.run(check()).skipped.startswith("there is no edge door")
