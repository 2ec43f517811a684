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
from shared.inference.verdict import Verdict
from shared.readiness.checks.configuration import configuration
from shared.readiness.finding import Check
from shared.readiness.spec import Latency, Load, Side, Spec

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
