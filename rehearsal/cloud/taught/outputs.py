"""Teaches MiniStack that a change of outputs alone is a change: CloudFormation then makes "a ChangeSet that
is executable but has 0 changes" (aws-cdk, pull request 2029)."""

from __future__ import annotations

from typing import Any, Final

import ministack.services.cloudformation as formation
from ministack.services.cloudformation import handlers

_ACTION: Final = "CreateChangeSet"


def teach() -> None:
    """Look at each change set that was made without changes."""
    plain = handlers._ACTION_HANDLERS[_ACTION]

    def create(asked: dict[str, Any]) -> Any:
        before = set(formation._change_sets)
        answer = plain(asked)
        for change_set_id in set(formation._change_sets) - before:
            change_set = formation._change_sets[change_set_id]
            if _is_of_outputs_alone(change_set):
                change_set |= {
                    "Status": "CREATE_COMPLETE",
                    "ExecutionStatus": "AVAILABLE",
                    "StatusReason": "",
                }
        return answer

    handlers._ACTION_HANDLERS[_ACTION] = create


def _is_of_outputs_alone(change_set: dict[str, Any]) -> bool:
    if (
        change_set["ChangeSetType"] != "UPDATE"
        or "didn't contain" not in change_set["StatusReason"]
    ):
        return False
    stack = formation._stacks[change_set["StackName"]]
    held = stack["_template"].get("Outputs", {})
    return bool(change_set["_template"].get("Outputs", {}) != held)
