"""The embedded cloud reserves load balancer capacity as AWS documents it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack.services import alb

from rehearsal.cloud.taught import load_balancers, reserved_capacity
from rehearsal.cloud.taught.load_balancer_tags import PROVISIONING_SECONDS, RESERVABLE
from shared.capacity.reservation import look, reserve
from tests.unit.cloud.test_cloud_load_balancers import in_process


def balancer(monkeypatch: pytest.MonkeyPatch, **tags: str) -> tuple[Any, str]:
    """Return a client and a load balancer with `tags`."""
    monkeypatch.setattr(alb, "_ACTION_MAP", dict(alb._ACTION_MAP))
    monkeypatch.setattr(alb, "_short_id", alb._short_id)
    alb.reset()
    load_balancers.teach()
    reserved_capacity.teach()
    client = in_process("elbv2", "us-east-1")
    told = [{"Key": f"rehearsal:{key.replace('_', '-')}", "Value": v} for key, v in tags.items()]
    made = client.create_load_balancer(Name="reserved", Tags=told or [{"Key": "a", "Value": "b"}])
    return client, made["LoadBalancers"][0]["LoadBalancerArn"]


def test_it_is_raised_told_of_by_zone_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    client, arn = balancer(monkeypatch, reservable="1000")
    assert not look(client, arn).units
    reserve(client, arn, 250)
    seen = look(client, arn)
    assert (seen.units, seen.ready, seen.decreases_left) == (250, True, 2)
    assert [zone.name for zone in seen.zones] == ["us-east-1a", "us-east-1b"]
    reserve(client, arn, 0)
    seen = look(client, arn)
    assert (seen.units, seen.decreases_left) == (0, 1)


def refused(client: Any, arn: str, units: int) -> str:
    with pytest.raises(ClientError) as raised:
        reserve(client, arn, units)
    return str(raised.value.response["Error"]["Code"])


def test_a_new_account_has_no_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(*balancer(monkeypatch), 100) == "CapacityUnitsLimitExceeded"


def test_a_request_that_is_under_way_stands_in_the_way_of_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, arn = balancer(monkeypatch, reservable="1000", provisioning_seconds="3600")
    reserve(client, arn, 150)
    assert [zone.state for zone in look(client, arn).zones] == ["pending", "pending"]
    assert refused(client, arn, 250) == "CapacityReservationPending"


def test_it_is_lowered_twice_a_day_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    client, arn = balancer(monkeypatch, reservable="1000")
    for units in (400, 300, 200):
        reserve(client, arn, units)
    assert refused(client, arn, 150) == "CapacityDecreaseRequestLimitExceeded"
    reserve(client, arn, 300)


def test_less_than_the_least_and_a_balancer_that_is_not_there_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, arn = balancer(monkeypatch, reservable="1000")
    assert refused(client, arn, 99) == "InvalidConfigurationRequest"
    assert refused(client, f"{arn[:-1]}x", 100) == "LoadBalancerNotFound"
    assert (RESERVABLE, PROVISIONING_SECONDS) == (
        "rehearsal:reservable",
        "rehearsal:provisioning-seconds",
    )
