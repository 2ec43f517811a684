"""A rise waits for its hook, and nothing else does."""

from __future__ import annotations

import json

import pytest

from gate import handler as gate
from shared.cloudformation_answer import REASON_BYTES
from shared.inference.verdict import Verdict
from shared.readiness.finding import Finding
from tests.unit.support.fake_doors import refusal
from tests.unit.support.fake_hooks import FUNCTION, FakeHook, after
from tests.unit.support.gate_rig import THROWN, Rig


@pytest.fixture
def hook(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> FakeHook:
    """Return the declared hook of the gate of `rig`."""
    fake = FakeHook()
    monkeypatch.setenv("HOOK_ARN", FUNCTION)
    monkeypatch.setenv("HOOK_SECONDS", "60")
    monkeypatch.setattr(gate, "_hook_client", fake.client_for)
    return fake


def test_a_rise_is_let_through_when_the_hook_allows_it(rig: Rig, hook: FakeHook) -> None:
    assert rig.ask(10, 25) == ("SUCCESS", "")
    (asked,) = hook.asked
    assert (asked["when"], asked["weight"]) == ("before", {"before": 10, "after": 25})
    assert hook.kinds == ["RequestResponse"]


def test_its_refusal_stops_the_rise_with_its_reason_before_anybody_is_probed(
    rig: Rig, hook: FakeHook
) -> None:
    hook.script = [{"allow": False, "reason": "new has 3 of 6 targets"}]
    status, reason = rig.ask(10, 25)
    assert (status, rig.runs) == ("FAILED", 0)
    assert reason.startswith(
        f"the hook {FUNCTION} refuses new_weight 10 to 25: new has 3 of 6 targets. "
    )
    assert "override_by=YOU" in reason
    (sent,) = rig.events.sent
    assert (sent["type"], sent["reason"]) == ("Gate Refused", reason)


def test_a_group_that_joins_waits_for_it_too(rig: Rig, hook: FakeHook) -> None:
    hook.script = [{"allow": False, "reason": "staff first logs out"}]
    groups = [{"Name": "staff", "FromWeight": "5", "By": "header x-staff", "Values": ["1"]}]
    status, reason = rig.ask(10, 10, Groups=groups)
    assert status == "FAILED"
    assert "refuses new_weight stays at 10, and the group staff joins: staff first" in reason
    assert hook.asked[0]["joins"] == ["staff"]


@pytest.mark.parametrize("fault", [refusal("AccessDeniedException", 403), b"yes", b"{}"])
def test_whatever_goes_wrong_with_it_stops_the_rise(
    rig: Rig, hook: FakeHook, fault: object
) -> None:
    hook.script = [fault]
    assert rig.ask(10, 25)[0] == "FAILED"


def test_what_it_prepares_is_measured(rig: Rig, hook: FakeHook) -> None:
    hook.script = [after(rig.findings.pop, {"allow": True})]
    rig.findings.append(Finding("performance:average", Verdict.FAIL, "too slow"))
    assert rig.ask(10, 25) == ("SUCCESS", "")


def test_the_deploys_own_repetition_has_the_same_token(rig: Rig, hook: FakeHook) -> None:
    rig.ask(10, 25)
    rig.ask(10, 25)
    assert len({asked["token"] for asked in hook.asked}) == 1


@pytest.mark.parametrize(("before", "after_"), [(25, 10), (25, 25), (100, 0), (None, 0)])
def test_a_fall_never_waits_for_it(
    rig: Rig, hook: FakeHook, before: int | None, after_: int
) -> None:
    hook.script = [refusal("AccessDeniedException", 403)]
    assert rig.ask(before, after_) == ("SUCCESS", "")
    assert hook.asked == []


def test_cloudformation_that_puts_back_never_waits_for_it(rig: Rig, hook: FakeHook) -> None:
    hook.script = [b"no"]
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert rig.ask(0, 50) == ("SUCCESS", "")
    assert hook.asked == []


@pytest.mark.parametrize("broken", ["switch", "alarm", "rule"])
def test_it_is_not_asked_where_the_rise_is_refused_anyway(
    rig: Rig, hook: FakeHook, broken: str
) -> None:
    to = 25
    if broken == "switch":
        rig.store.items["switch"] = THROWN
    elif broken == "alarm":
        rig.alarms.state = "ALARM"
    else:
        to = 90
    assert rig.ask(10, to)[0] == "FAILED"
    assert hook.asked == []


def test_an_override_does_not_ask_it_and_says_so(rig: Rig, hook: FakeHook) -> None:
    hook.script = [b"broken"]
    by_ada = {"By": "ada", "Reason": "old is on fire"}
    assert rig.ask(10, 100, Override=by_ada) == ("SUCCESS", "")
    assert hook.asked == []
    (told,) = rig.sns.published
    assert f"The declared rules, the hook {FUNCTION} and readiness are skipped" in told["Message"]


def test_a_hook_that_is_declared_is_in_no_answer_too_long(rig: Rig, hook: FakeHook) -> None:
    hook.script = [json.dumps({"allow": False, "reason": "ä" * 5000}).encode()]
    _, reason = rig.ask(10, 25)
    assert len(reason.encode()) <= REASON_BYTES + 3
    assert "override_by=YOU" in reason
