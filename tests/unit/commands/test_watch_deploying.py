"""Where a deploy is, told from its stack's events."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from commands.watching.deploying import deploy_of
from shared.status.look import LookError
from tests.unit.support.statuses import NOW

STACK = "AWS::CloudFormation::Stack"
GATE = "Custom::WeightGate"
BAKE = "Custom::Bake"
ROUTER = "AWS::CloudFront::Function"


def events(*told: tuple[str, str], **properties: Any) -> list[dict[str, Any]]:
    """Return what happened, first to last, ten seconds apart, as CloudFormation answers it: the newest first.

    `properties` are what the gate and the bake were asked for; a reason stands behind a blank.
    """
    return [
        {
            "StackId": "arn:stack",
            "StackName": "chatmrpt-traffic",
            "PhysicalResourceId": "arn:stack" if kind == STACK else "other",
            "LogicalResourceId": "chatmrpt-traffic" if kind == STACK else kind.rpartition(":")[2],
            "ResourceType": kind,
            "ResourceStatus": status.partition(" ")[0],
            "ResourceStatusReason": status.partition(" ")[2],
            "Timestamp": NOW + timedelta(seconds=10 * number),
            **({"ResourceProperties": json.dumps(properties)} if "Custom" in kind else {}),
        }
        for number, (kind, status) in reversed(list(enumerate(told)))
    ]


BEFORE = [(STACK, "UPDATE_IN_PROGRESS"), (BAKE, "UPDATE_FAILED x"), (STACK, "UPDATE_COMPLETE")]
BEGUN = [*BEFORE, (STACK, "UPDATE_IN_PROGRESS User Initiated")]
GATED = [*BEGUN, (GATE, "UPDATE_IN_PROGRESS")]
SHIFTING = [*GATED, (GATE, "UPDATE_COMPLETE"), (ROUTER, "UPDATE_IN_PROGRESS")]
BAKING = [*SHIFTING, (ROUTER, "UPDATE_COMPLETE"), (BAKE, "UPDATE_IN_PROGRESS")]
PUT_BACK = [
    *BAKING,
    (BAKE, "UPDATE_FAILED the alarm fired"),
    (STACK, "UPDATE_ROLLBACK_IN_PROGRESS"),
    (ROUTER, "UPDATE_IN_PROGRESS"),
]


@pytest.mark.parametrize(
    ("told", "step", "step_at"),
    [
        (BEFORE, "", 2),
        (BEGUN, "begins", 3),
        (GATED, "gate", 4),
        (SHIFTING, "shift", 5),
        (BAKING, "bake", 8),
        ([*BAKING, (BAKE, "UPDATE_COMPLETE")], "bake", 8),
        (PUT_BACK, "put back", 10),
        ([*PUT_BACK, (STACK, "UPDATE_ROLLBACK_COMPLETE")], "", 12),
        ([*BAKING, (STACK, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")], "clean up", 9),
        ([*BAKING, (STACK, "UPDATE_COMPLETE")], "", 9),
    ],
)
def test_each_step_is_told_from_the_events(
    told: list[tuple[str, str]], step: str, step_at: int
) -> None:
    deploy = deploy_of(events(*told))
    assert deploy.step == step
    assert deploy.step_began == NOW + timedelta(seconds=10 * step_at)
    assert deploy.under_way is (step not in {"", "clean up"})
    assert deploy.began == NOW + timedelta(seconds=0 if told is BEFORE else 30)


def test_the_first_resource_that_failed_says_why_and_the_cancelled_ones_do_not() -> None:
    told = [*SHIFTING, (ROUTER, "UPDATE_FAILED Resource update cancelled"), *PUT_BACK[-3:]]
    assert deploy_of(events(*told)).failure == "Bake: the alarm fired"
    # What an earlier deploy failed at is not told again.
    assert deploy_of(events(*BAKING)).failure == ""


def test_what_is_asked_for_is_told_until_things_are_put_back() -> None:
    asked = events(*BAKING, NewWeight="25", BakeMinutes="7")
    deploy = deploy_of(asked)
    assert (deploy.weight, deploy.bake_minutes) == (25, 7)
    back = events(*PUT_BACK, (GATE, "UPDATE_IN_PROGRESS"), NewWeight="10", BakeMinutes="7")[:1]
    assert deploy_of(back + events(*PUT_BACK, NewWeight="25")).weight == 25
    assert deploy_of(events(*BAKING)).weight is None


def test_a_nested_stack_is_not_the_stack() -> None:
    nested = events(*BEGUN, (STACK, "CREATE_IN_PROGRESS"))
    nested[0] |= {"PhysicalResourceId": "arn:nested", "LogicalResourceId": "Nested"}
    assert deploy_of(nested).status == "UPDATE_IN_PROGRESS"


def test_events_that_do_not_reach_back_cannot_be_told() -> None:
    with pytest.raises(LookError, match="do not tell when"):
        deploy_of(events(*BAKING)[:2])
