"""The state machine, over every situation that there can be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rollback.alarm_now import AlarmNow, alarm_now
from rollback.decide import (
    FAST_STANDS,
    Already,
    LetNewServe,
    Muted,
    OldIsDown,
    PastReturn,
    Refuse,
    Situation,
    StandDown,
    Throw,
    Wait,
    decide,
)
from rollback.health import Health
from rollback.point_of_no_return import PointOfNoReturn
from rollback.request import Alarm, Release, RollBack
from shared.doors.mute import Mute
from shared.doors.switch import SwitchState

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
AGO = st.integers(-300, 300).map(lambda s: (NOW - timedelta(seconds=s)).isoformat())
SWITCHES = st.one_of(
    st.none(),
    st.builds(
        SwitchState, st.sampled_from(["thrown", "released"]), at=st.one_of(AGO, st.text(max_size=3))
    ),
)
MUTE = Mute(NOW + timedelta(minutes=5), "ada", "load test", NOW)
SITUATIONS = st.builds(
    Situation,
    now=st.just(NOW),
    doors=st.fixed_dictionaries({"edge": SWITCHES}, optional={"dns": SWITCHES}),
    health=st.sampled_from([Health(), Health(healthy=2), Health(down="no healthy target")]),
    mute=st.sampled_from([None, MUTE]),
    point_of_no_return=st.sampled_from([None, PointOfNoReturn("data migrated")]),
    cool_down=st.integers(0, 180).map(lambda s: timedelta(seconds=s)),
    alarm=st.builds(
        AlarmNow, st.sampled_from(["", "ALARM", "OK", "INSUFFICIENT_DATA"]), st.booleans()
    ),
    waited_out=st.booleans(),
)
ALARMS = st.builds(
    Alarm,
    st.just("new-5xx"),
    st.just("too many"),
    st.just("us-east-2"),
    st.none() | st.integers(-90, 90).map(lambda s: NOW + timedelta(seconds=s)),
)
ALARM = Alarm("new-5xx", "too many", "us-east-2")


@given(ALARMS, SITUATIONS)
def test_an_alarm_never_releases_and_throws_only_when_nothing_speaks_against_it(
    asked: Alarm, situation: Situation
) -> None:
    decision = decide(asked, situation)
    assert not isinstance(decision, LetNewServe | Refuse)
    if isinstance(decision, Throw):
        assert situation.mute is None
        assert situation.point_of_no_return is None
        assert not situation.health.down
        assert not situation.all_thrown
        assert situation.alarm.state != "OK" or situation.alarm.is_fast


@given(ALARMS, SITUATIONS)
def test_an_alarm_is_held_back_only_by_what_is_known(asked: Alarm, situation: Situation) -> None:
    decision = decide(asked, situation)
    match decision:
        case Already():
            assert all(state is not None and state.thrown for state in situation.doors.values())
        case Muted():
            assert situation.mute is not None
        case Wait(until):
            assert not situation.waited_out
            assert NOW < until <= NOW + situation.cool_down
        case StandDown():
            assert situation.alarm.state == "OK"
        case PastReturn():
            assert situation.point_of_no_return is not None
        case OldIsDown():
            assert situation.health.down
        case _:
            assert decision == Throw()


@given(SITUATIONS, st.booleans())
def test_a_person_always_rolls_back_but_past_the_point_of_no_return_must_say_so(
    situation: Situation, said: bool
) -> None:
    decision = decide(RollBack("ada", "broken", past_point_of_no_return=said), situation)
    refused = situation.point_of_no_return is not None and not said
    assert isinstance(decision, Refuse if refused else Throw)


@given(SITUATIONS)
def test_a_person_s_release_is_refused_by_nothing(situation: Situation) -> None:
    assert decide(Release("ada", "fixed"), situation) == LetNewServe()


def released_before(situation: Situation, fired: datetime) -> bool:
    """Whether no door says that it was released at or after `fired`."""
    stated = {
        state.at for state in situation.doors.values() if state is not None and not state.thrown
    }
    # A text that is no time says nothing.
    return all(datetime.fromisoformat(at) < fired for at in stated if at.startswith("2026-"))


@given(ALARMS, SITUATIONS)
def test_a_fast_alarm_that_just_fired_never_stands_down_because_it_is_ok_again(
    asked: Alarm, situation: Situation
) -> None:
    """It is OK again half a minute after the last bad ten seconds, while new may be as bad as it was."""
    situation = replace(situation, alarm=AlarmNow("OK", is_fast=True))
    if asked.fired is None or abs(NOW - asked.fired) > FAST_STANDS:
        return
    if not released_before(situation, asked.fired):
        return
    decision = decide(asked, situation)
    assert not isinstance(decision, StandDown)
    in_alarm = replace(situation, alarm=AlarmNow("ALARM", is_fast=True))
    assert decision == decide(asked, in_alarm)


@given(ALARMS, SITUATIONS)
def test_an_alarm_of_a_minute_that_is_ok_again_throws_nothing(
    asked: Alarm, situation: Situation
) -> None:
    situation = replace(situation, alarm=AlarmNow("OK"))
    assert isinstance(decide(asked, situation), Already | Muted | StandDown)


@given(SITUATIONS, st.integers(0, 59), st.integers(0, 59))
def test_a_fast_alarm_from_before_a_release_never_undoes_it(
    situation: Situation, fired_ago: int, then: int
) -> None:
    """A call that is delivered once more, after a person has fixed new and released the switch."""
    fired = NOW - timedelta(seconds=fired_ago)
    released = SwitchState("released", at=(fired + timedelta(seconds=then)).isoformat())
    situation = replace(situation, doors={"edge": released}, alarm=AlarmNow("OK", is_fast=True))
    asked = Alarm("new-probe-down", "down", "us-east-2", fired)
    assert isinstance(decide(asked, situation), Muted | StandDown)


def test_an_alarm_is_fast_by_its_period_or_by_those_of_its_metrics() -> None:
    def math(*periods: int) -> dict[str, object]:
        stats: list[dict[str, object]] = [{"MetricStat": {"Period": period}} for period in periods]
        return {"StateValue": "OK", "Metrics": [{"Expression": "a / b"}, *stats]}

    assert alarm_now({"StateValue": "OK", "Period": 60}) == AlarmNow("OK")
    assert alarm_now({"StateValue": "OK", "Period": 10}) == AlarmNow("OK", is_fast=True)
    assert alarm_now(math(10, 10)) == AlarmNow("OK", is_fast=True)
    assert alarm_now(math(60, 60)) == AlarmNow("OK")
    assert alarm_now({"StateValue": "ALARM", "AlarmRule": "ALARM(a)"}) == AlarmNow("ALARM")
    assert alarm_now({}) == AlarmNow()


def test_what_a_muted_alarm_would_have_done_is_told_as_it_is() -> None:
    doors = {"edge": SwitchState("released")}
    for health, would in (
        (Health(), "have rolled back"),
        (Health(down="x"), "have called a person"),
    ):
        situation = Situation(now=NOW, doors=doors, health=health, mute=MUTE)
        assert decide(ALARM, situation) == Muted(MUTE, would)


def test_a_door_that_is_half_thrown_or_unknown_is_thrown() -> None:
    thrown = SwitchState("thrown")
    assert decide(ALARM, Situation(NOW, {"edge": thrown, "dns": None})) == Throw()
    assert (
        decide(ALARM, Situation(NOW, {"edge": thrown, "dns": SwitchState("released")})) == Throw()
    )
