"""The embedded cloud's load balancers, created as they are declared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from ministack.services import alb, ec2

from cutover.declaration.reading.context import read_context
from rehearsal.cloud.taught import load_balancers
from rehearsal.world.declared_load_balancers import DeclaredLoadBalancers
from rehearsal.world.listener_rules import Asked, first_match, location
from shared.inference.verdict import Verdict
from shared.readiness.checks.configuration import configuration
from shared.readiness.finding import Check
from shared.readiness.spec import Latency, Load, Side, Spec
from tests.unit.support.described_rules import described_rules
from tests.unit.world.test_world_listener_rules import DESK

SERVICES = {"elbv2": alb, "ec2": ec2}


class Raw:
    def __init__(self, body: bytes | str) -> None:
        self._body = body if isinstance(body, bytes) else body.encode()

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


def in_process(service: str, region: str) -> Any:
    """Return a client whose requests MiniStack answers in this process."""
    client = boto3.client(  # type: ignore[call-overload]
        service, region_name=region, aws_access_key_id="none", aws_secret_access_key="none"
    )

    def answer(request: Any, **_: Any) -> AWSResponse:
        body = request.body if isinstance(request.body, str) else request.body.decode()
        status, headers, answered = asyncio.run(
            SERVICES[service].handle_request("POST", "/", {}, body, {})
        )
        return AWSResponse(request.url, status, headers, Raw(answered))

    client.meta.events.register("before-send.*.*", answer)
    return client


@pytest.fixture
def declared(
    monkeypatch: pytest.MonkeyPatch, context: dict[str, Any]
) -> Iterator[DeclaredLoadBalancers]:
    monkeypatch.setattr(alb, "_ACTION_MAP", dict(alb._ACTION_MAP))
    monkeypatch.setattr(alb, "_short_id", alb._short_id)
    load_balancers.teach()
    (cutover,) = read_context(context)
    yield DeclaredLoadBalancers(cutover.service, in_process)
    alb.reset()
    ec2.reset()


def check(declared: DeclaredLoadBalancers) -> Check:
    service = declared.service
    old, new = (
        Side(f"http://{one.load_balancer_dns_name}:80", one.load_balancer, one.target_group)
        for one in (service.old, service.new)
    )
    latency, load = Latency(100, 250, 250, 25), Load(10, 5, 20, 200, 5, 10)
    spec = Spec("chatmrpt", old, new, (), latency, load, 10, 21, region=service.region)
    return asyncio.run(configuration(spec, in_process))


def test_before_they_are_created_both_are_missing(declared: DeclaredLoadBalancers) -> None:
    assert [f.id for f in check(declared).findings if f.verdict is Verdict.FAIL] == [
        "configuration:missing:old",
        "configuration:missing:new",
    ]


def test_created_they_are_the_declared_ones_and_alike(declared: DeclaredLoadBalancers) -> None:
    declared.create()
    found = check(declared)
    assert found.verdict is Verdict.PASS
    assert found.figures["healthy_targets"] == {"old": 3, "new": 3}
    assert declared.target_groups["new"].endswith(declared.service.new.target_group)


def test_a_side_that_turned_unwell_has_no_healthy_target_until_it_heals(
    declared: DeclaredLoadBalancers,
) -> None:
    declared.create()
    declared.set_health("new", "Target.Timeout")
    (found,) = [f for f in check(declared).findings if f.verdict is Verdict.FAIL]
    assert found.id == "configuration:targets:new"
    assert "Target.Timeout" in found.said
    declared.set_health("new")
    assert check(declared).verdict is Verdict.PASS


def test_old_s_listener_is_the_one_that_last_users_names_and_its_rules_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(alb, "_ACTION_MAP", dict(alb._ACTION_MAP))
    monkeypatch.setattr(alb, "_short_id", alb._short_id)
    load_balancers.teach()
    (cutover,) = read_context({"cutover": {"desk": DESK}})
    service = cutover.service
    elbv2 = in_process("elbv2", service.region)
    declared = DeclaredLoadBalancers(service, elbv2, in_process("ec2", service.region))
    try:
        declared.create()
        assert declared.listeners["old"].endswith("/app/desk-1/1b2c3d4e5f607182/5f60718293a4b5c6")
        assert declared.rules("old") == ()
        for rule in described_rules(service)[:-1]:
            elbv2.create_rule(
                ListenerArn=declared.listeners["old"],
                Priority=int(rule["Priority"]),
                Conditions=rule["Conditions"],
                Actions=rule["Actions"],
            )
        read = declared.rules("old")
        assert [rule.priority for rule in read] == [49000, 49001, 49010, 49011, 49020, 49021]
        own = service.old.load_balancer_dns_name
        asked = Asked("GET", "http", own, 80, "/a", "b=c")
        rule = first_match(read, asked)
        assert rule is not None
        assert location(rule.action["RedirectConfig"], asked) == (
            "https://desk.example.com:443/a?b=c"
        )
        by_edge = Asked("GET", "http", own, 80, "/a", headers=[("x-origin-verify", "s")])
        assert (kept := first_match(read, by_edge)) is not None
        assert kept.action["Type"] == "forward"
    finally:
        alb.reset()
        ec2.reset()
