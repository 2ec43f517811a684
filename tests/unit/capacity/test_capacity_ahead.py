"""A rise waits for new's capacity, and nothing that a person reserved is lowered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from gate.capacity import Ahead
from shared.capacity.ours import Ours, parse
from shared.capacity.settings import Place
from shared.metrics import SideMetrics
from shared.promotion.change import Change
from tests.unit.support.fake_capacity import (
    NEW,
    NOW,
    PARAMETER,
    FakeBalancers,
    FakeMetrics,
    FakeParameters,
    Time,
)
from tests.unit.support.fake_doors import refusal

OLD_NAME, NEW_NAME = "app/desk-1/1b2c3d4e5f607182", "app/desk-2/3d4e5f6071829304"
SIDES = {
    "old": SideMetrics(OLD_NAME, "", "eu-west-1"),
    "new": SideMetrics(NEW_NAME, "", "eu-central-1"),
}


class Rig:
    """The gate's part, with a load of 400 LCU at the peak: 50 % with a quarter on top are 250."""

    def __init__(self) -> None:
        self.time = Time()
        self.balancers, self.ssm = FakeBalancers(self.time), FakeParameters()
        self.metrics = FakeMetrics()
        self.load(400)
        self.told: list[str] = []
        self.regions: list[tuple[str, str]] = []

    def load(self, units: float) -> None:
        self.metrics.values["PeakLCUs", OLD_NAME] = {NOW - timedelta(hours=5): units}

    def client(self, service: str, region: str = "us-east-1") -> Any:
        self.regions.append((service, region))
        return {"ssm": self.ssm, "elbv2": self.balancers, "cloudwatch": self.metrics}[service]

    def against(self, before: int, after: int, seconds: int = 60) -> str:
        place = Place("eu-central-1", NEW, PARAMETER)
        return Ahead(place, SIDES, 25, 14, seconds).against(
            Change(before, after),
            self.time.now,
            client_for=self.client,
            tell=self.told.append,
            clock=self.time,
            sleep=self.time.sleep,
        )

    @property
    def ours(self) -> Ours | None:
        held = self.ssm.values.get(PARAMETER)
        return None if held is None else parse(held)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_coming_share_is_reserved_where_new_is_and_is_held_as_ours(rig: Rig) -> None:
    assert rig.against(25, 50) == ""
    assert rig.balancers.holds() == 250
    assert rig.ours == Ours(NEW, (250,), 0, "2026-11-24T03:00:30+00:00", 50)
    assert ("elbv2", "eu-central-1") in rig.regions
    assert ("ssm", "us-east-1") in rig.regions


def test_a_rise_waits_until_every_zone_has_it(rig: Rig) -> None:
    rig.balancers.reservations.provisioning_seconds = 45
    assert rig.against(25, 50) == ""
    assert 45 <= rig.time.seconds < 60


def test_what_takes_longer_refuses_the_rise_and_the_next_deploy_goes_on_from_there(
    rig: Rig,
) -> None:
    rig.balancers.reservations.provisioning_seconds = 7200
    why = rig.against(25, 50)
    assert "the capacity is on its way" in why
    assert "a pending, b pending" in why
    assert "Deploy again later" in why
    assert rig.time.seconds <= 60
    rig.time.seconds = 7201
    assert rig.against(25, 50) == ""
    assert rig.balancers.asked == [250]


def test_below_the_least_nothing_is_asked_and_that_is_said(rig: Rig) -> None:
    rig.load(158)
    assert rig.against(25, 50) == ""
    assert rig.balancers.asked == []
    assert rig.ours is None
    (told,) = rig.told
    assert told.startswith("no capacity is reserved: new needs 99 LCU: 158 LCU at the peak of ")
    assert told.endswith("x 50 % + 25 %, and the least is 100")


def test_a_further_step_raises_ours(rig: Rig) -> None:
    rig.against(25, 50)
    assert rig.against(50, 100) == ""
    assert rig.balancers.asked == [250, 500]
    assert rig.ours is not None
    assert (rig.ours.asked, rig.ours.before, rig.ours.weight) == ((250, 500), 0, 100)


def test_what_is_enough_already_stays_and_counts_anew(rig: Rig) -> None:
    rig.against(25, 50)
    rig.time.seconds += 3600
    assert rig.against(30, 40) == ""
    assert rig.balancers.asked == [250]
    assert rig.ours is not None
    assert (rig.ours.at, rig.ours.weight) == ("2026-11-24T04:00:32+00:00", 40)


def test_what_a_person_reserved_is_enough_and_stays_that_persons(rig: Rig) -> None:
    rig.balancers.reservations.modify(NEW, 600)
    assert rig.against(25, 50) == ""
    assert rig.balancers.asked == []
    assert rig.ours is None


def test_what_a_person_reserved_is_raised_and_held_to_go_back_to(rig: Rig) -> None:
    rig.balancers.reservations.modify(NEW, 150)
    assert rig.against(25, 50) == ""
    assert rig.balancers.holds() == 250
    assert rig.ours is not None
    assert (rig.ours.asked, rig.ours.before) == ((250,), 150)


def test_what_a_person_changed_since_is_that_persons(rig: Rig) -> None:
    rig.against(25, 50)
    rig.balancers.reservations.modify(NEW, 300)
    assert rig.against(50, 100) == ""
    assert rig.ours is not None
    assert (rig.ours.asked, rig.ours.before) == ((500,), 300)


def test_a_quota_that_is_too_small_names_the_number_to_ask_for(rig: Rig) -> None:
    rig.balancers.reservations.quota = 0
    why = rig.against(25, 50)
    assert "Ask AWS for at least 250 of the quota" in why
    assert "(L-8A66D0E6) in eu-central-1" in why
    assert rig.balancers.holds() == 0
    assert rig.ours is None


def test_what_one_load_balancer_may_not_have_is_said(rig: Rig) -> None:
    rig.load(40_000)
    assert rig.against(25, 50).endswith("takes days. One load balancer has 15,000 at most")
    assert rig.balancers.holds() == 0


def test_a_refusal_leaves_what_is_held_as_it_was(rig: Rig) -> None:
    rig.against(25, 50)
    before = rig.ours
    rig.balancers.reservations.quota = 300
    assert "Ask AWS for at least 500" in rig.against(50, 100)
    assert rig.ours == before
    assert rig.balancers.holds() == 250


def test_a_refusal_after_an_answer_that_was_lost_keeps_what_may_be_ours(rig: Rig) -> None:
    rig.balancers.lost = [ReadTimeoutError(endpoint_url="https://elb.example")]
    rig.balancers.reservations.provisioning_seconds = 7200
    assert "CapacityReservationPending" in rig.against(25, 50)
    assert rig.ours is not None
    assert rig.ours.owns(rig.balancers.holds())


def test_capacity_that_aws_has_not_refuses_the_rise(rig: Rig) -> None:
    rig.balancers.reservations.there = 200
    why = rig.against(25, 50)
    assert "AWS has not so much there now. Deploy again later" in why
    assert rig.balancers.asked == [250]


@pytest.mark.parametrize(
    "fault",
    [
        refusal("Throttling"),
        refusal("PriorRequestNotComplete", 429),
        refusal("ServiceUnavailable", 503),
        ReadTimeoutError(endpoint_url="https://elb.example"),
    ],
)
def test_what_passes_by_is_asked_again(rig: Rig, fault: Any) -> None:
    rig.balancers.faults = [fault, fault]
    assert rig.against(25, 50) == ""
    assert rig.balancers.holds() == 250


def test_an_earlier_request_that_is_pending_is_waited_for(rig: Rig) -> None:
    rig.balancers.reservations.provisioning_seconds = 30
    rig.balancers.reservations.modify(NEW, 150)
    assert rig.against(25, 50, seconds=100) == ""
    assert rig.balancers.holds() == 250


def test_throttling_that_does_not_end_refuses_within_its_time(rig: Rig) -> None:
    rig.balancers.faults = [refusal("Throttling") for _ in range(100)]
    why = rig.against(25, 50)
    assert "AWS is still at an earlier request, or throttles (Throttling)" in why
    assert rig.time.seconds <= 60


def test_a_right_that_is_missing_refuses_at_once(rig: Rig) -> None:
    rig.balancers.faults = [refusal("AccessDenied", 403)]
    assert "AccessDenied" in rig.against(25, 50)
    assert rig.time.seconds == 0


def test_an_answer_that_was_lost_is_still_ours(rig: Rig) -> None:
    rig.balancers.lost = [ReadTimeoutError(endpoint_url="https://elb.example")]
    assert "AWS cannot be asked" in rig.against(25, 50, seconds=5)
    assert rig.balancers.holds() == 250
    assert rig.ours is not None
    assert rig.ours.owns(250)


def test_it_is_held_before_it_is_asked_for(rig: Rig) -> None:
    """Else a reservation that nobody knows to be ours would be paid for ever."""

    def denied(**asked: Any) -> None:
        raise refusal("AccessDeniedException")

    rig.ssm.put_parameter = denied  # type: ignore[method-assign]
    assert "AccessDeniedException" in rig.against(25, 50)
    assert rig.balancers.asked == []


def test_a_zone_that_fails_refuses_the_rise_and_is_asked_for_again(rig: Rig) -> None:
    rig.balancers.reservations.failing = ("b",)
    why = rig.against(25, 50)
    assert "AWS could not reserve it: b failed (insufficient capacity)" in why
    rig.balancers.reservations.failing = ()
    assert rig.against(25, 50) == ""
    assert rig.balancers.asked == [250, 250]


def test_a_zone_of_a_persons_reservation_that_failed_is_not_touched(rig: Rig) -> None:
    rig.balancers.reservations.failing = ("a",)
    rig.balancers.reservations.modify(NEW, 600)
    assert "a failed" in rig.against(25, 50)
    assert rig.balancers.asked == []


def test_without_any_value_the_rise_is_refused(rig: Rig) -> None:
    rig.metrics.values.clear()
    assert "it is not known how much new needs" in rig.against(25, 50)
    assert rig.balancers.asked == []


def test_a_reservation_on_an_earlier_new_must_go_first(rig: Rig) -> None:
    elsewhere = NEW.replace("desk-2", "desk-0").replace("eu-central-1", "eu-west-3")
    rig.ssm.values[PARAMETER] = Ours(elsewhere, (250,), 0, NOW.isoformat(), 50).written()
    why = rig.against(25, 50)
    assert f"250 LCU are still reserved on {elsewhere}" in why
    assert "--region eu-west-3" in why
    assert rig.balancers.asked == []


def test_what_is_held_and_not_understood_refuses_the_rise(rig: Rig) -> None:
    rig.ssm.values[PARAMETER] = "250"
    assert "is not understood" in rig.against(25, 50)
    assert rig.balancers.asked == []
