"""What a look means: an alarm fails at once, blindness is waited for but never passes, silence passes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bake import objections
from bake.objections import Objections
from bake.request import Request, parse
from bake.verdict import PATIENCE_SECONDS, BakeError, passed
from shared.alarms.state import AlarmRef, AlarmState
from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from shared.promotion.change import Change
from tests.unit.support.fake_doors import FakeRoute53, FakeStore, always, no_sleep, refusal

SINCE = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
NEW = AlarmRef("us-east-2", "shop-new-5xx-hard")
CLEAR = Objections()
BLIND = Objections(unseen=("the alarm x cannot be read: Throttling.",))
BAD = Objections(against=("the alarm x is in ALARM: 7 > 5",))


def bake(minutes: int = 5) -> Request:
    return Request(Change(10, 25), minutes, (NEW,))


def test_it_is_asked_again_until_the_minutes_are_over() -> None:
    assert not passed(bake(), 299, CLEAR)
    assert passed(bake(), 300, CLEAR)


def test_an_alarm_fails_it_with_its_reason_and_after_how_long() -> None:
    with pytest.raises(BakeError) as error:
        passed(bake(), 83, BAD)
    assert str(error.value) == (
        "the bake of new_weight 25 failed after 1 min 23 s of 5 min: the alarm x is in ALARM: 7 > 5. "
        "CloudFormation puts the weight back to 10."
    )


def test_what_cannot_be_read_at_the_end_is_waited_for_and_then_fails() -> None:
    assert not passed(bake(), 300 + PATIENCE_SECONDS - 1, BLIND)
    assert passed(bake(), 300 + PATIENCE_SECONDS - 1, CLEAR)
    with pytest.raises(
        BakeError, match="after 7 min 0 s of 5 min: it is not known whether new is well: "
    ):
        passed(bake(), 300 + PATIENCE_SECONDS, BLIND)


def test_a_sentence_fits_into_what_cloudformation_takes() -> None:
    with pytest.raises(BakeError) as error:
        passed(bake(), 1, Objections(against=("x" * 9000,)))
    assert len(str(error.value).encode()) < 2000


looks = st.builds(
    Objections,
    st.lists(st.just("bad"), max_size=2).map(tuple),
    st.lists(st.just("blind"), max_size=2).map(tuple),
)


@given(minutes=st.integers(1, 55), elapsed=st.floats(0, 4000), seen=looks)
def test_it_passes_only_after_its_time_on_a_look_that_saw_everything_and_nothing_bad(
    minutes: int, elapsed: float, seen: Objections
) -> None:
    request = bake(minutes)
    try:
        done = passed(request, elapsed, seen)
    except BakeError:
        assert seen.against or seen.unseen
        return
    assert not seen.against
    assert done == (elapsed >= minutes * 60 and not seen.unseen)
    # Whoever waits is answered before CloudFormation gives up, five minutes after the end.
    assert done or elapsed < minutes * 60 + PATIENCE_SECONDS


def test_each_state_of_an_alarm_says_its_own() -> None:
    states = {
        AlarmRef("r", "fine"): AlarmState("OK"),
        AlarmRef("r", "quiet"): AlarmState("INSUFFICIENT_DATA"),
        AlarmRef("r", "loud"): AlarmState("ALARM", "7 > 5"),
        AlarmRef("r", "gone"): AlarmState("MISSING"),
        AlarmRef("r", "dark"): AlarmState("UNREADABLE", "Throttling"),
    }
    seen = objections.at_alarms(states)
    assert seen.against == (
        "the alarm loud (r) is in ALARM: 7 > 5",
        "the alarm gone (r) does not exist, so what it should watch is not watched",
    )
    assert seen.unseen == ("the alarm dark (r) cannot be read: Throttling",)


def test_a_thrown_switch_speaks_against_new_with_who_and_why() -> None:
    thrown = '{"state":"thrown","by":"alarm:x","at":"2026-11-24T03:00:00+00:00","reason":"7 > 5"}'
    store: Any = FakeStore({"switch": thrown})
    route53: Any = FakeRoute53()
    seen = objections.at_switches(
        [EdgeDoor(store, "arn", no_sleep), DnsDoor(route53, "id", no_sleep)]
    )
    assert seen == Objections(
        ("the switch of the edge door was thrown by alarm:x at 2026-11-24T03:00:00+00:00: 7 > 5",)
    )
    route53.disabled = route53.inverted = True
    assert objections.at_switches([DnsDoor(route53, "id", no_sleep)]) == Objections(
        ("the switch of the dns door was thrown",)
    )


def test_a_switch_that_cannot_be_read_is_unseen_and_hides_no_other() -> None:
    store: Any = FakeStore({"switch": '{"state":"released"}'})
    store.faults = always("AccessDenied", 403)
    route53: Any = FakeRoute53()
    route53.disabled = route53.inverted = True
    seen = objections.at_switches(
        [EdgeDoor(store, "arn", no_sleep), DnsDoor(route53, "id", no_sleep)]
    )
    assert len(seen.unseen) == len(seen.against) == 1


class History:
    """Every alarm was in ALARM two minutes after SINCE."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def describe_alarm_history(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked["AlarmName"])
        at = SINCE.replace(minute=2)
        data = '{"newState":{"stateValue":"ALARM"}}'
        return {"AlarmHistoryItems": [{"Timestamp": at, "HistoryData": data}]}


def test_an_alarm_that_fired_while_nobody_looked_is_found_out() -> None:
    history: Any = History()
    states = {NEW: AlarmState("OK", "", SINCE.replace(minute=3))}
    assert objections.back(states, SINCE, lambda _: history) == Objections(
        ("the alarm shop-new-5xx-hard (us-east-2) was in ALARM at 03:02:00 UTC",)
    )


def test_an_alarm_that_has_not_changed_is_not_asked_for_its_history() -> None:
    history: Any = History()
    states = {NEW: AlarmState("OK", "", SINCE.replace(hour=2))}
    assert objections.back(states, SINCE, lambda _: history) == Objections()
    assert history.asked == []


def test_a_history_that_cannot_be_read_vouches_for_nothing() -> None:
    class Down:
        def describe_alarm_history(self, **_: object) -> None:
            raise refusal("AccessDenied", 403)

    down: Any = Down()
    seen = objections.back({NEW: AlarmState("OK")}, SINCE, lambda _: down)
    assert "history of the alarm shop-new-5xx-hard (us-east-2) cannot be read" in seen.unseen[0]


percent = st.integers(0, 100)


def asked(before: int | None, after: object, minutes: object) -> dict[str, Any]:
    """Return an event as CloudFormation sends it: every value is a string."""
    event: dict[str, Any] = {
        "RequestType": "Create" if before is None else "Update",
        "ResourceProperties": {
            "NewWeight": str(after),
            "BakeMinutes": str(minutes),
            "Alarms": [{"Region": "us-east-2", "Name": "shop-new-5xx-hard"}],
        },
    }
    if before is not None:
        event["OldResourceProperties"] = {"NewWeight": str(before)}
    return event


@given(before=st.none() | percent, after=percent, minutes=st.integers(0, 55))
def test_only_a_rise_with_minutes_is_watched(before: int | None, after: int, minutes: int) -> None:
    request = parse(asked(before, after, minutes))
    assert request.alarms == (NEW,)
    assert bool(request.no_need()) == (after <= (before or 0) or minutes == 0)


@pytest.mark.parametrize("minutes", [-1, 56, "long"])
def test_minutes_that_no_resource_can_wait_for_are_refused(minutes: object) -> None:
    with pytest.raises(ValueError, match=str(minutes)):
        parse(asked(10, 25, minutes))
