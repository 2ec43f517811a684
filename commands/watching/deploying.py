"""Where a deploy is, told from the events of its stack."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, Final

from commands.watching.state import Deploy, Step
from shared.status.look import LookError

_STACK: Final = "AWS::CloudFormation::Stack"
_BEGINS: Final = frozenset(
    {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"}
)
_GATE: Final = "Custom::WeightGate"
_BAKE: Final = "Custom::Bake"
_CANCELLED: Final = "cancelled"

Event = Mapping[str, Any]


def deploy_of(events: Sequence[Event]) -> Deploy:
    """Return the latest deploy.

    Parameters
    ----------
    events : sequence of mapping
        As DescribeStackEvents answers them: the newest first (CloudFormation API reference).

    Raises
    ------
    LookError
        When they do not tell of the stack itself.
    """
    since = next((event for event in events if _begins(event)), None)
    if since is None:
        raise LookError("the stack's events do not tell when its latest deploy began")
    of_it = [*takewhile(lambda event: event is not since, events), since]
    latest = next(event for event in of_it if _is_the_stack(event))
    status = str(latest["ResourceStatus"])
    step, step_began = _step(status, latest["Timestamp"], of_it)
    return Deploy(
        status=status,
        began=since["Timestamp"],
        changed=latest["Timestamp"],
        step=step,
        step_began=step_began,
        weight=_asked(of_it, _GATE, "NewWeight"),
        bake_minutes=_asked(of_it, _BAKE, "BakeMinutes"),
        failure=_failure(of_it),
    )


def _is_the_stack(event: Event) -> bool:
    return event.get("ResourceType") == _STACK and (
        event.get("PhysicalResourceId") == event.get("StackId")
        or event.get("LogicalResourceId") == event.get("StackName")
    )


def _begins(event: Event) -> bool:
    return _is_the_stack(event) and event["ResourceStatus"] in _BEGINS


def _step(status: str, changed: datetime, events: Sequence[Event]) -> tuple[Step, datetime]:
    if not status.endswith("_IN_PROGRESS"):
        return "", changed
    if "CLEANUP" in status:
        return "clean up", changed
    if "ROLLBACK" in status:
        return "put back", changed
    gate, bake = _of(events, _GATE), _of(events, _BAKE)
    if bake:
        return "bake", bake[-1]["Timestamp"]
    if gate and str(gate[0]["ResourceStatus"]).endswith("_IN_PROGRESS"):
        return "gate", gate[-1]["Timestamp"]
    return ("shift", gate[0]["Timestamp"]) if gate else ("begins", changed)


def _of(events: Sequence[Event], kind: str) -> list[Event]:
    return [event for event in events if event.get("ResourceType") == kind]


def _asked(events: Sequence[Event], kind: str, key: str) -> int | None:
    # The oldest: when CloudFormation puts things back, the newer ones ask for what was before.
    for event in reversed(_of(events, kind)):
        try:
            return int(json.loads(event["ResourceProperties"])[key])
        except (KeyError, ValueError, TypeError):
            continue
    return None


def _failure(events: Sequence[Event]) -> str:
    for event in reversed(events):
        why = str(event.get("ResourceStatusReason", ""))
        if str(event["ResourceStatus"]).endswith("_FAILED") and _CANCELLED not in why:
            return f"{event.get('LogicalResourceId', 'a resource')}: {why or 'no reason given'}"
    return ""
