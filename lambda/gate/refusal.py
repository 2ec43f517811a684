"""Why a weight may not rise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from doors.patience import DoorError
from doors.switch import SwitchState
from gate.change import Change


class Door(Protocol):
    """A front door, as far as reading its switch goes."""

    @property
    def name(self) -> str:
        """edge or dns."""

    def read(self) -> SwitchState:
        """Return what the switch says, or raise DoorError."""


def refusal(service: str, change: Change, doors: Sequence[Door]) -> str:
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


def _by(state: SwitchState) -> str:
    return f" by {state.by} since {state.at}" if state.by else ""
