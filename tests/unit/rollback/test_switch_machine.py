"""The whole function in any order of alarms, people, deploys, mutes, time and faults.

The switch is only ever released by a person, weights are only ever written by CloudFormation, and thrown
stays thrown across deploys.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from cutover.paths import ROOT
from rollback.carry_out import RollbackError
from tests.unit.support.fake_doors import always, refusal
from tests.unit.support.rollback_rig import (
    BY_HAND,
    MUTE,
    POINT,
    RELEASE,
    SNS_ALARM,
    UNMUTE,
    Rig,
    alarm,
)

EVENTS = st.sampled_from([alarm("ALARM"), SNS_ALARM])


class SwitchMachine(RuleBasedStateMachine):
    """The function on fakes, and beside it what it must have done."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.rig = Rig(self.patch)
        self.deployed = 0
        self.may_be_released = {"edge": True, "dns": True}
        self.trouble = False
        self.muted_until: datetime | None = None
        self.point = self.old_down = False

    def teardown(self) -> None:
        self.patch.undo()

    @property
    def muted(self) -> bool:
        return self.muted_until is not None and self.rig.now < self.muted_until

    @rule(weight=st.integers(0, 100), point=st.booleans())
    def deploy(self, weight: int, point: bool) -> None:
        """CloudFormation writes weights and the function's settings: it knows no switch."""
        self.rig.weights.value = self.deployed = weight
        self.point = point
        self.patch.setenv("POINT_OF_NO_RETURN", POINT if point else "")

    @rule(healthy=st.sampled_from([0, 2]), known=st.booleans())
    def old_turns(self, healthy: int, known: bool) -> None:
        self.rig.old_is(healthy=healthy, requests=300 if healthy else 0)
        self.rig.cloudwatch.faults = {} if known else {"GetMetricData": "Throttling"}
        self.old_down = known and not healthy

    @rule(seconds=st.sampled_from([1, 30, 119, 121, 4000]))
    def time_passes(self, seconds: int) -> None:
        self.rig.now += timedelta(seconds=seconds)

    @precondition(lambda self: not self.trouble)
    @rule(
        where=st.sampled_from(["store", "check"]),
        fault=st.sampled_from(["Throttling", "AccessDenied", "PriorRequestNotComplete", "gone"]),
        many=st.booleans(),
    )
    def trouble_begins(self, where: str, fault: str, many: bool) -> None:
        door = self.rig.store if where == "store" else self.rig.route53
        if fault == "gone":
            door.gone = True
        else:
            door.faults = always(fault) if many else [refusal(fault)]
        self.trouble = True

    @precondition(lambda self: self.trouble)
    @rule()
    def trouble_is_over(self) -> None:
        self.rig.store.faults, self.rig.route53.faults = [], []
        self.rig.store.gone = self.rig.route53.gone = False
        self.trouble = False

    @rule()
    def somebody_else_writes_the_store(self) -> None:
        self.rig.store.version += 1

    @rule(event=EVENTS, lasts=st.booleans())
    def alarm_fires(self, event: dict[str, object], lasts: bool) -> None:
        before, told = self.rig.both, len(self.rig.sns.published)
        self.rig.cloudwatch.alarm = "ALARM" if lasts else "OK"
        muted = self.muted
        worked = self._call(event)
        if self.trouble:
            return
        assert worked
        if before == ("thrown", "thrown"):
            expected, announced = before, 0
        elif muted:
            expected, announced = before, 1
        elif not lasts:
            # A call that comes late: the alarm is OK by now, and people are told.
            expected, announced = before, 1
        elif self.point or self.old_down:
            expected, announced = before, 1
        else:
            expected, announced = ("thrown", "thrown"), 1
        assert self.rig.both == expected
        if before[0] == before[1]:
            assert len(self.rig.sns.published) == told + announced

    @rule(state=st.sampled_from(["OK", "INSUFFICIENT_DATA"]))
    def alarm_is_over(self, state: str) -> None:
        before = self.rig.both
        self._call(alarm(state))
        assert self.rig.both == before

    @rule(flag=st.booleans())
    def a_person_rolls_back(self, flag: bool) -> None:
        before = self.rig.both
        worked = self._call(BY_HAND | ({"past_point_of_no_return": True} if flag else {}))
        if self.point and not flag:
            assert self.rig.both == before
        elif worked:
            assert self.rig.both == ("thrown", "thrown")
        else:
            assert self.trouble

    @rule()
    def a_person_releases(self) -> None:
        self.may_be_released = {"edge": True, "dns": True}
        if self._call(RELEASE):
            assert self.rig.both == ("released", "released")

    @rule(minutes=st.integers(1, 240))
    def a_person_mutes(self, minutes: int) -> None:
        if "error" not in self.rig.call(MUTE | {"minutes": minutes}):
            self.muted_until = self.rig.now + timedelta(minutes=minutes)
        else:
            assert self.trouble

    @rule()
    def a_person_unmutes(self) -> None:
        if "error" not in self.rig.call(UNMUTE):
            self.muted_until = None
        else:
            assert self.trouble

    @rule()
    def somebody_looks(self) -> None:
        puts, updates = self.rig.store.puts, self.rig.route53.updates
        self.rig.call({"action": "status"})
        assert (self.rig.store.puts, self.rig.route53.updates) == (puts, updates)

    def _call(self, event: object) -> bool:
        """Call the function; what was thrown before may be released by a person alone."""
        if event is not RELEASE:
            for door, state in (("edge", self.rig.edge), ("dns", self.rig.dns)):
                self.may_be_released[door] &= state == "released"
        try:
            self.rig.call(event)
        except RollbackError:
            assert self.trouble
            return False
        return True

    @invariant()
    def only_a_person_releases(self) -> None:
        for door, state in (("edge", self.rig.edge), ("dns", self.rig.dns)):
            assert state == "thrown" or self.may_be_released[door]

    @invariant()
    def weights_are_what_was_deployed(self) -> None:
        assert self.rig.weights.value == self.deployed


SwitchMachine.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestSwitchMachine = SwitchMachine.TestCase


WRITES_WEIGHTS = re.compile(
    r"change_?resource_?record_?sets|(create|update|publish)_?function\b|update_?distribution"
    r"|(create|update|delete)_?stack\b|execute_?change_?set|create_?change_?set",
    re.IGNORECASE,
)
WRITES_THE_SWITCH = re.compile(r"\.(bring|put_key|update_health_check)\b")


def sources(folder: str) -> dict[str, str]:
    return {
        path.relative_to(ROOT / folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def test_no_function_may_write_a_weight() -> None:
    assert WRITES_WEIGHTS.search("client.change_resource_record_sets(")
    assert WRITES_WEIGHTS.search('"cloudfront:UpdateFunction"')
    code = sources("lambda") | sources("constructs/cutover")
    assert "rollback/handler.py" in code
    # The pipeline's roles are no function's: a pipeline deploys as a person does.
    writers = [name for name, text in code.items() if WRITES_WEIGHTS.search(text)]
    assert writers == ["ci_roles.py"]


def test_the_doors_alone_write_the_switch_and_the_rollback_alone_asks_them_to() -> None:
    writers = [name for name, text in sources("lambda").items() if WRITES_THE_SWITCH.search(text)]
    assert writers == ["rollback/doors.py", "shared/doors/dns.py", "shared/doors/edge.py"]
