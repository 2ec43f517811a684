"""Why a weight may not rise, whoever asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from shared.alarms.state import AlarmRef, AlarmState
from shared.doors.door import Door
from shared.doors.patience import DoorError
from shared.doors.switch import SwitchState
from shared.promotion.change import Change


def switches_against(service: str, change: Change, doors: Sequence[Door]) -> str:
    """Return why `change` may not be made, or nothing when it may.

    Only a rise can be refused: while a door's switch is thrown, or cannot be read.
    """
    if not change.rises:
        return ""
    for door in doors:
        try:
            state = door.read()
        except DoorError as error:
            return f"the switch of the {door.name} door cannot be read: {error}"
        if state.thrown:
            return (
                f"the switch of the {door.name} door is thrown{_by(state)}, so new_weight may not "
                f"rise from {change.before} to {change.after}. Release it first, by name and "
                f"reason: aws lambda invoke --function-name {service}-rollback --payload "
                """'{"action":"release","by":"YOU","reason":"WHY"}'"""
            )
    return ""


def alarms_against(states: Mapping[AlarmRef, AlarmState], *, creating: bool) -> str:
    """Return which alarm keeps a weight from rising, or nothing when none does.

    An alarm acts on a change of state only (CloudWatch User Guide, alarms-and-actions): one that is in
    ALARM before traffic comes would stay silent. One that is missing would too; while the stack is being
    created (`creating`) its own alarms cannot be there yet.
    """
    for alarm, state in states.items():
        if state.value == "ALARM":
            return (
                f"the alarm {alarm} is in ALARM already, and would not fire again: {state.reason}. "
                "Mend what it watches, wait until it is OK, and deploy again"
            )
        if state.value == "UNREADABLE":
            return f"the alarm {alarm} cannot be read, so nobody could vouch: {state.reason}"
        if state.value == "MISSING" and not creating:
            return (
                f"the alarm {alarm} is missing: deploy all stacks, so that somebody watches before a "
                "weight rises"
            )
    return ""


def judged_by(service: str, alarms: Sequence[AlarmRef], *, overridden: bool) -> list[AlarmRef]:
    """Return the alarms that may keep a weight from rising: all, but under an override those on new alone.

    The edge's alarms know no sides. When old dies they are in ALARM, and new is where a person wants to go.
    """
    if not overridden:
        return list(alarms)
    return [alarm for alarm in alarms if not alarm.name.startswith(f"{service}-edge-")]


def emergency() -> str:
    """Return how a named person gets past the rules and readiness."""
    return "In an emergency: -c override_by=YOU -c override_reason=WHY"


def _by(state: SwitchState) -> str:
    return f" by {state.by} since {state.at}" if state.by else ""
