"""The present rate is what CloudWatch counted on both sides, whole minutes only."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from shared.aws import READS, clients
from shared.readiness.aws.carried import MINUTES, Carried, carried, sustained
from shared.readiness.spec import Latency, Load, Side, Spec
from tests.unit.support.aws_faults import FaultyClients, times_out

OLD = Side("http://old", "app/old/50dc6c495c0c9188", "targetgroup/old/73e2d6bc24d8a067")
NEW = Side("http://new", "app/new/50dc6c495c0c9188", "targetgroup/new/73e2d6bc24d8a067")
LOAD = Load(10, 5, 20, 200, 5, 10)


def spec(old: Side = OLD, region: str = "us-east-2") -> Spec:
    latency = Latency(100, 250, 250, 25)
    return Spec("shop", old, NEW, (), latency, LOAD, 10, 21, region=region)


def count(side: Side, minutes_ago: int, requests: float) -> dict[str, Any]:
    this_minute = datetime.now(UTC).replace(second=0, microsecond=0)
    return {
        "MetricName": "RequestCount",
        "Dimensions": [  # to moto their order matters, to CloudWatch it does not
            {"Name": "LoadBalancer", "Value": side.load_balancer},
            {"Name": "TargetGroup", "Value": side.target_group},
        ],
        "Timestamp": this_minute - timedelta(minutes=minutes_ago),
        "Value": requests,
    }


def read(monkeypatch: pytest.MonkeyPatch, *counts: dict[str, Any]) -> Carried:
    clients = FaultyClients(monkeypatch)
    with mock_aws():
        if counts:
            clients("cloudwatch", "us-east-2").put_metric_data(
                Namespace="AWS/ApplicationELB", MetricData=counts
            )
        return asyncio.run(carried(spec(), clients))


def test_both_sides_are_added_minute_by_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = [count(side, ago, 600) for side in (OLD, NEW) for ago in range(2, 8)]
    found = read(monkeypatch, *counts)
    assert found.rate == pytest.approx(20)
    assert "20.0 requests/s" in found.said


def test_each_side_is_counted_in_its_own_region(monkeypatch: pytest.MonkeyPatch) -> None:
    made = FaultyClients(monkeypatch)
    new = replace(NEW, region="eu-west-1")
    with mock_aws():
        for region, side in (("us-east-2", OLD), ("eu-west-1", new)):
            made("cloudwatch", region).put_metric_data(
                Namespace="AWS/ApplicationELB",
                MetricData=[count(side, ago, 600) for ago in range(2, 8)],
            )
        found = asyncio.run(carried(replace(spec(), new=new), made))
    assert found.rate == pytest.approx(20)


def test_the_minute_that_runs_and_what_is_long_ago_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The clock may turn between the put and the read, so one minute stays away from each end.
    counts = [count(OLD, -2, 60_000), count(OLD, MINUTES + 2, 60_000)]
    assert read(monkeypatch, *counts).rate is None


def test_without_requests_there_is_no_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch) == Carried(
        None, "CloudWatch counted no requests in the last 15 minutes"
    )


def test_an_earlier_checks_own_load_does_not_raise_the_rate() -> None:
    steady = [600.0] * 13
    assert sustained([*steady, 50_000, 40_000]).rate == pytest.approx(10)


@given(st.lists(st.floats(0, 1e7), min_size=1, max_size=MINUTES))
def test_the_rate_is_one_that_was_carried_for_three_minutes(counts: list[float]) -> None:
    rate = sustained(counts).rate
    assert rate is not None
    assert rate == 0 or sum(c / 60 >= rate for c in counts) >= 3
    assert sum(c / 60 > rate for c in counts) <= 2


def test_what_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with mock_aws():
        clients = FaultyClients(monkeypatch)
        clients.faults["GetMetricData"] = [times_out] * 10
        found = asyncio.run(carried(spec(), clients))
    assert found.rate is None
    assert found.said.startswith("the present rate cannot be read: ")


def test_without_a_declared_target_group_there_is_nothing_to_read() -> None:
    for one in (spec(Side("http://old")), spec(region="")):
        found = asyncio.run(carried(one, clients(READS)))
        assert found.said == "no target group is declared, so the present rate cannot be read"
