"""A rise waits for load balancer capacity where that is declared, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gate import handler as gate
from gate.settings import Settings
from shared.settings import read
from tests.unit.support.fake_capacity import (
    NEW,
    PARAMETER,
    FakeBalancers,
    FakeMetrics,
    FakeParameters,
    Time,
)
from tests.unit.support.fake_hooks import FUNCTION, FakeHook
from tests.unit.support.gate_rig import THROWN, Rig

OLD = "app/desk-1/1b2c3d4e5f607182"


class Capacity:
    def __init__(self) -> None:
        self.balancers, self.ssm = FakeBalancers(Time()), FakeParameters()
        self.metrics = FakeMetrics()
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        self.metrics.values["PeakLCUs", OLD] = {an_hour_ago: 400.0}


@pytest.fixture
def capacity(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Capacity:
    """Declare it for the gate of `rig`."""
    held = Capacity()
    clients = {
        ("ssm", None): held.ssm,
        ("elbv2", "eu-central-1"): held.balancers,
        ("cloudwatch", "eu-west-1"): held.metrics,
        ("cloudwatch", "eu-central-1"): held.metrics,
    }

    def client(service: str, region: str | None = None) -> Any:
        return clients[service, region]

    monkeypatch.setattr(gate, "_readiness_client", client)
    for name, value in {
        "CAPACITY_LOAD_BALANCER_ARN": NEW,
        "CAPACITY_PARAMETER": PARAMETER,
        "CAPACITY_OLD": f"eu-west-1:{OLD}",
        "CAPACITY_HEADROOM_PERCENT": "25",
        "CAPACITY_LOOKBACK_DAYS": "14",
        "CAPACITY_WAIT_SECONDS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("gate.capacity.SETTLES_SECONDS", 0)
    assert rig.runs == 0
    return held


def test_without_the_key_there_is_none(rig: Rig) -> None:
    assert rig.ask(10, 25) == ("SUCCESS", "")
    assert (
        read(
            Settings,
            {
                "SERVICE": "s",
                "METRIC_NAMESPACE": "Cutover",
                "KVS_ARN": "k",
                "LINE_PARAMETER": "l",
                "ANNOUNCEMENTS_TOPIC_ARN": "a",
            },
        ).ahead()
        is None
    )


def test_each_side_is_looked_at_in_its_own_region(rig: Rig, capacity: Capacity) -> None:
    assert rig.ask(25, 50) == ("SUCCESS", "")
    assert capacity.balancers.holds() == 250
    asked = {
        query["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
        for call in capacity.metrics.calls
        for query in call["MetricDataQueries"]
    }
    assert asked == {OLD, NEW.partition(":loadbalancer/")[2]}
    assert rig.runs == 1


def test_capacity_that_is_not_there_stops_the_rise_before_anybody_is_probed(
    rig: Rig, capacity: Capacity
) -> None:
    capacity.balancers.reservations.provisioning_seconds = 7200
    status, reason = rig.ask(25, 50)
    assert (status, rig.runs) == ("FAILED", 0)
    assert reason.startswith(
        "the load balancer capacity for new_weight 25 to 50 is not reserved: the capacity is on its way: "
    )
    assert "No door was changed. In an emergency: -c override_by=YOU" in reason


def test_a_hook_that_refuses_costs_nothing(
    rig: Rig, capacity: Capacity, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = FakeHook()
    hook.script = [{"allow": False, "reason": "not yet"}]
    monkeypatch.setenv("HOOK_ARN", FUNCTION)
    monkeypatch.setenv("HOOK_SECONDS", "60")
    monkeypatch.setattr(gate, "_hook_client", hook.client_for)
    assert rig.ask(25, 50)[0] == "FAILED"
    assert capacity.balancers.asked == []


@pytest.mark.parametrize(("before", "after"), [(50, 25), (25, 25), (100, 0), (None, 0)])
def test_a_fall_never_waits_for_it(
    rig: Rig, capacity: Capacity, before: int | None, after: int
) -> None:
    assert rig.ask(before, after) == ("SUCCESS", "")
    assert capacity.balancers.asked == []
    assert capacity.metrics.calls == []


def test_cloudformation_that_puts_back_never_waits_for_it(rig: Rig, capacity: Capacity) -> None:
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert rig.ask(0, 50) == ("SUCCESS", "")
    assert capacity.metrics.calls == []


@pytest.mark.parametrize("broken", ["switch", "alarm", "rule"])
def test_nothing_is_reserved_where_the_rise_is_refused_anyway(
    rig: Rig, capacity: Capacity, broken: str
) -> None:
    to = 50
    if broken == "switch":
        rig.store.items["switch"] = THROWN
    elif broken == "alarm":
        rig.alarms.state = "ALARM"
    else:
        to = 90
    assert rig.ask(25, to)[0] == "FAILED"
    assert capacity.balancers.asked == []


def test_an_override_reserves_nothing_and_says_so(rig: Rig, capacity: Capacity) -> None:
    assert rig.ask(25, 100, Override={"By": "ada", "Reason": "old is on fire"}) == ("SUCCESS", "")
    assert capacity.balancers.asked == []
    (told,) = rig.sns.published
    assert (
        "rules, the reservation of load balancer capacity and readiness are skipped"
        in (told["Message"])
    )
