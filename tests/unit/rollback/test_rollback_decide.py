"""The state machine, over every situation that there can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rollback.decide import (
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
    alarm_state=st.sampled_from(["", "ALARM", "OK", "INSUFFICIENT_DATA"]),
    waited_out=st.booleans(),
)
ALARM = Alarm("new-5xx", "too many", "us-east-2")


@given(SITUATIONS)
def test_an_alarm_never_releases_and_throws_only_when_nothing_speaks_against_it(
    situation: Situation,
) -> None:
    decision = decide(ALARM, situation)
    assert not isinstance(decision, LetNewServe | Refuse)
    if isinstance(decision, Throw):
        assert situation.mute is None
        assert situation.point_of_no_return is None
        assert not situation.health.down
        assert not situation.all_thrown
        assert situation.alarm_state != "OK"


@given(SITUATIONS)
def test_an_alarm_is_held_back_only_by_what_is_known(situation: Situation) -> None:
    decision = decide(ALARM, situation)
    match decision:
        case Already():
            assert all(state is not None and state.thrown for state in situation.doors.values())
        case Muted():
            assert situation.mute is not None
        case Wait(until):
            assert not situation.waited_out
            assert NOW < until <= NOW + situation.cool_down
        case StandDown():
            assert situation.alarm_state == "OK"
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
