"""A rule whose priority is taken is told of before CloudFormation finds out half way."""

from __future__ import annotations

from typing import Any

import pytest

from commands.pipeline import planning
from commands.pipeline.listener_priorities import priorities_for
from commands.pipeline.room import Room
from cutover.ci_roles import _LOOKS_AROUND
from shared.doors import patience
from tests.unit.support.calls_made import CallsMade
from tests.unit.support.fake_doors import no_sleep, refusal
from tests.unit.support.pipeline_desk import Desk

LISTENER = (
    "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/desk-1/1b2c3d4e5f607182/5f60718293a4b5c6"
)


class Elbv2:
    """A listener that has rules, told in pages of two."""

    def __init__(self, *priorities: int, fails: bool = False) -> None:
        self._told = [*map(str, priorities), "default"]
        self._fails = fails

    def __call__(self, service: str, region: str) -> Elbv2:
        assert (service, region) == ("elbv2", "eu-west-1")
        return self

    def describe_rules(self, **asked: str) -> dict[str, Any]:
        assert asked["ListenerArn"] == LISTENER
        if self._fails:
            raise refusal("AccessDenied", 403)
        start = int(asked.get("Marker", "0"))
        more = {"NextMarker": str(start + 2)} if start + 2 < len(self._told) else {}
        return {"Rules": [{"Priority": one} for one in self._told[start : start + 2]]} | more


def template(*priorities: int) -> dict[str, Any]:
    return {
        "Resources": {
            f"Rule{number}": {
                "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
                "Properties": {"ListenerArn": LISTENER, "Priority": priority},
            }
            for number, priority in enumerate(priorities)
        }
    }


def said(client: Any, new: dict[str, Any], old: dict[str, Any] | None = None) -> list[str]:
    found = priorities_for([("eu-west-1", old or {}, new)], client)
    assert {one.room for one in found} <= {Room.TAKEN}
    return [one.says for one in found]


OURS = template(49_000, 49_010, 49_020)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.time, "sleep", no_sleep)


def test_a_priority_that_is_taken_is_told_with_one_that_is_free() -> None:
    (one,) = said(Elbv2(10, 20, 49_010, 49_020), OURS)
    assert "app/desk-1/1b2c3d4e5f607182/5f60718293a4b5c6 has a rule" in one
    assert "at priority 49010, 49020, where this deploy would make one" in one
    assert "Declare last_users.priority 49021: it and the 49 after it are free." in one


def test_where_the_end_is_taken_the_last_gap_that_is_wide_enough_is_told() -> None:
    (one,) = said(Elbv2(10, 49_000, 49_970), OURS)
    assert "Declare last_users.priority 49920:" in one
    assert "are then passed over for whoever asks old by its own name" in one


def test_what_is_free_and_what_the_stack_holds_itself_is_nothing_to_tell() -> None:
    assert said(Elbv2(10, 20, 48_999), OURS) == []
    assert said(Elbv2(49_000, 49_010, 49_020), OURS, OURS) == []
    assert (
        said(Elbv2(49_000, 49_010), template(49_000, 49_010, 49_020), template(49_000, 49_010))
        == []
    )

    def nobody(_service: str, _region: str) -> Any:
        raise AssertionError("asked")

    assert said(nobody, OURS, OURS) == []
    assert said(nobody, {"Resources": {}}) == []


def test_what_cannot_be_read_is_never_taken_for_free() -> None:
    (one,) = priorities_for([("eu-west-1", {}, OURS)], Elbv2(fails=True))
    assert one.room is Room.UNKNOWN
    assert "NOT MEASURED: whether the priorities of its new rules are free" in one.says


def test_what_is_asked_is_what_the_role_that_looks_may_do() -> None:
    made = CallsMade(Elbv2(49_000))
    priorities_for([("eu-west-1", {}, OURS)], made)
    asked = {one.replace("elbv2:", "elasticloadbalancing:") for one in made.actions}
    assert asked == {"elasticloadbalancing:DescribeRules"}
    assert asked <= set(_LOOKS_AROUND)


def test_a_plan_is_refused_before_anything_is_prepared(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        planning,
        "priorities_for",
        lambda *_: priorities_for([("eu-west-1", {}, OURS)], Elbv2(49_000)),
    )
    assert desk.plan(25) == 1
    assert "Declare last_users.priority 49001" in capsys.readouterr().err
    assert (desk.prepared, desk.plan_file.exists()) == ([], False)
