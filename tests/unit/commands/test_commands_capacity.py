"""What the commands say of capacity: the next step's and its cost, the quota days ahead, what is reserved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commands import capacity
from commands.capacity import Need
from commands.papers.as_markdown import as_markdown
from commands.papers.checklist import checklist
from commands.papers.facts import Facts
from commands.pipeline.room import Room
from shared.capacity.ours import Ours
from shared.capacity.units import Peak
from shared.status.finding import Kind
from shared.status.standing import Unread
from tests.unit.support.fake_capacity import FakeBalancers, FakeMetrics, FakeParameters, Time
from tests.unit.support.fake_doors import refusal
from tests.unit.support.paper_samples import declared
from tests.unit.support.watched_samples import WATCHED

AT = datetime(2026, 11, 24, 3, 12, 41, tzinfo=UTC)
PROMOTION = {"capacity": {"headroom_percent": 25}}
PARAMETER = "/cutover/chatmrpt/capacity"


class FakeQuotas:
    """Service Quotas."""

    def __init__(self) -> None:
        self.value: float | None = 0.0
        self.denied = False

    def get_service_quota(self, *, ServiceCode: str, QuotaCode: str) -> dict[str, Any]:  # noqa: N803
        assert (ServiceCode, QuotaCode) == ("elasticloadbalancing", "L-8A66D0E6")
        if self.denied:
            raise refusal("AccessDeniedException", 403)
        if self.value is None:
            raise refusal("NoSuchResourceException", 404)
        return {"Quota": {"Value": self.value}}

    def get_aws_default_service_quota(self, **_asked: str) -> dict[str, Any]:
        return {"Quota": {"Value": 0.0}}


class Cloud(FakeBalancers):
    """An account in which both sides together had 400 LCU at the peak."""

    def __init__(self, cutover: Any) -> None:
        super().__init__(Time())
        self.new = cutover.service.new
        self.arn = (
            f"arn:aws:elasticloadbalancing:{self.new.stands_in}:123456789012:loadbalancer/"
            f"{self.new.load_balancer}"
        )
        self.metrics, self.ssm, self.quotas = FakeMetrics(), FakeParameters(), FakeQuotas()
        old = cutover.service.old.load_balancer
        self.metrics.values["PeakLCUs", old] = {AT - timedelta(hours=5): 400.0}
        self.asked_in: list[tuple[str, str]] = []

    def describe_load_balancers(self, *, Names: list[str]) -> dict[str, Any]:  # noqa: N803
        assert Names == [self.new.load_balancer.split("/")[1]]
        return {"LoadBalancers": [{"LoadBalancerArn": self.arn}]}

    def client(self, service: str, region: str) -> Any:
        self.asked_in.append((service, region))
        return {
            "cloudwatch": self.metrics,
            "ssm": self.ssm,
            "elbv2": self,
            "service-quotas": self.quotas,
        }[service]


@pytest.fixture
def cutover() -> Any:
    return declared(promotion=PROMOTION)


@pytest.fixture
def cloud(cutover: Any) -> Cloud:
    return Cloud(cutover)


def test_the_coming_step_is_told_with_its_cost_and_the_day_of_the_price(
    cutover: Any, cloud: Cloud
) -> None:
    said = capacity.said_of_step(cutover, 50, cloud.client, AT)
    assert said == (
        "capacity: 50 % needs 250 LCU: 400 LCU at the peak of 2026-11-23 22:12 UTC x 50 % + 25 %. Reserved, "
        "that is about 2.00 USD an hour, 1,460 a month of 730 h (list price of a used LCU in us-east-1, "
        "2026-11-27; that of a reserved one is not verified)."
    )


def test_a_step_below_the_least_costs_nothing(cutover: Any, cloud: Cloud) -> None:
    said = capacity.said_of_step(cutover, 10, cloud.client, AT)
    assert said is not None
    assert said.startswith("capacity: nothing to reserve for 10 %: new needs 50 LCU: ")
    assert "USD" not in said


def test_what_cannot_be_measured_is_said(cutover: Any, cloud: Cloud) -> None:
    cloud.metrics.values.clear()
    said = capacity.said_of_step(cutover, 50, cloud.client, AT)
    assert said is not None
    assert "what 50 % needs is NOT KNOWN, and the gate would refuse the rise" in said


def test_without_the_key_nobody_is_asked(cloud: Cloud) -> None:
    plain = declared()
    assert capacity.said_of_step(plain, 50, cloud.client, AT) is None
    assert capacity.quota(plain, cloud.client, AT) is None
    assert capacity.reserved(plain, WATCHED.standing, cloud.client, AT) == []
    assert cloud.asked_in == []


@pytest.mark.parametrize("value", [0.0, None, 499.0])
def test_a_quota_that_is_too_small_is_said_with_the_number_to_ask_for(
    cutover: Any, cloud: Cloud, value: float | None
) -> None:
    cloud.quotas.value = value
    found = capacity.quota(cutover, cloud.client, AT)
    assert found is not None
    assert found.room is Room.BEYOND
    assert f"reserves 500 for 100 %, and the account has {int(value or 0)}" in found.says
    assert "--quota-code L-8A66D0E6 --desired-value 500" in found.says
    assert ("service-quotas", "us-east-2") in cloud.asked_in


def test_a_quota_that_is_large_enough_is_said(cutover: Any, cloud: Cloud) -> None:
    cloud.quotas.value = 500.0
    found = capacity.quota(cutover, cloud.client, AT)
    assert found is not None
    assert found.room is Room.ENOUGH


def test_a_service_that_never_needs_the_least_needs_no_quota(cutover: Any, cloud: Cloud) -> None:
    (values,) = cloud.metrics.values.values()
    values[AT - timedelta(hours=5)] = 79.0
    found = capacity.quota(cutover, cloud.client, AT)
    assert found is not None
    assert found.room is Room.ENOUGH
    assert "nothing to reserve for 100 %" in found.says


@pytest.mark.parametrize("unread", ["metrics", "quota"])
def test_what_could_not_be_asked_is_never_taken_for_room(
    cutover: Any, cloud: Cloud, unread: str
) -> None:
    if unread == "metrics":
        cloud.metrics.values.clear()
    else:
        cloud.quotas.denied = True
    found = capacity.quota(cutover, cloud.client, AT)
    assert found is not None
    assert found.room is Room.UNKNOWN
    assert "NOT MEASURED" in found.says


def held(cloud: Cloud, *, units: int = 250, **changed: Any) -> None:
    ours = Ours(cloud.arn, (250,), 0, (AT - timedelta(hours=2)).isoformat(), 50)
    cloud.ssm.values[PARAMETER] = replace(ours, **changed).written()
    cloud.reservations.modify(cloud.arn, units)


def status(cutover: Any, cloud: Cloud, weight: float = 25) -> str:
    standing = WATCHED.standing
    doors = tuple(
        replace(door, weights=dict.fromkeys(door.weights, weight)) for door in standing.doors
    )
    found = capacity.reserved(cutover, replace(standing, doors=doors), cloud.client, AT)
    # Notes: no pipeline stops for it. And nothing is cut off.
    assert {one.kind for one in found} == {Kind.NOTE}
    assert not any("…" in one.says for one in found)
    return " ".join(one.says for one in found)


def test_the_status_shows_what_is_reserved_what_it_costs_and_when_it_goes(
    cutover: Any, cloud: Cloud
) -> None:
    held(cloud)
    said = status(cutover, cloud)
    assert said.startswith("On new, 250 LCU are reserved: a provisioned, b provisioned. ")
    assert "for 50 %" in said
    assert "2.00 USD an hour" in said
    assert (
        "The reservation is released when new_weight is at 0 again, or 24 h after everybody is on new"
        in said
    )


def test_the_status_shows_what_should_have_been_released_and_how_to_do_it_by_hand(
    cutover: Any, cloud: Cloud
) -> None:
    held(cloud, used=True, before=150)
    said = status(cutover, cloud, 0)
    assert (
        "The reservation is to be released, back to the 150 LCU of before, because new has no weight"
        in said
    )
    assert "chatmrpt-capacity cannot do it, and its log says why" in said
    assert "--reset-capacity-reservation" in said


def test_the_status_shows_what_a_person_reserved_and_what_somebody_changed(
    cutover: Any, cloud: Cloud
) -> None:
    assert capacity.reserved(cutover, WATCHED.standing, cloud.client, AT) == []
    cloud.reservations.modify(cloud.arn, 600)
    assert "It is not the gate's, and stays as it is" in status(cutover, cloud)
    held(cloud, units=700)
    assert "Somebody changed it, or it was not made" in status(cutover, cloud)


def test_what_the_status_may_not_read_is_said(cutover: Any, cloud: Cloud) -> None:
    cloud.ssm.faults = [refusal("AccessDeniedException", 403)]
    assert "What is reserved on new cannot be read" in status(cutover, cloud)
    cloud.arn = f"{cloud.arn}0"
    assert "there is no load balancer" in status(cutover, cloud)


def paper(found: Need | Unread | None) -> str:
    facts = Facts(declared(promotion=PROMOTION), AT, capacity=found)
    return as_markdown(checklist(facts))


def test_the_checklist_has_the_quota_the_reservations_and_their_cost() -> None:
    service = declared(promotion=PROMOTION).service
    found = Need(service.promotion.capacity, "us-east-2", Peak(400, AT))
    text = paper(found)
    assert "Days ahead: the quota L-8A66D0E6 in us-east-2, at least 500: cutover quotas" in text
    assert "nothing to reserve for 10 %" in text
    assert "50 % needs 250 LCU" in text
    assert "4.00 USD an hour, 2,920 a month" in text


def test_the_checklist_leaves_open_what_is_not_known() -> None:
    assert "How much is not known: not asked for." in paper(None)
    assert "How much is not known: denied." in paper(Unread("denied"))
    plain = as_markdown(checklist(Facts(declared(), AT)))
    assert "capacity" not in plain.lower()
    assert "L-8A66D0E6" not in plain
