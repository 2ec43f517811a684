"""Throws, releases and reads the switch of every door. Traffic first, telling afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from doors.patience import DoorError
from doors.switch import SwitchState


class Door(Protocol):
    """A front door, as far as the switch goes."""

    @property
    def name(self) -> str:
        """edge or dns."""

    def read(self) -> SwitchState:
        """Return what the switch says, or raise DoorError."""

    def write(self, state: SwitchState) -> None:
        """Write the switch and read it back, or raise DoorError."""


@dataclass(frozen=True)
class Outcome:
    """What became of one door.

    `error` is empty where the door now says what it should; `changed` tells whether it had to be
    written for that.
    """

    door: str
    changed: bool
    error: str = ""


def bring_to(doors: Sequence[Door], wanted: SwitchState) -> list[Outcome]:
    """Bring every door's switch to `wanted`, each whatever becomes of the others.

    A door that already says it is left alone, so that a repeated alarm keeps the first one's name and
    reason. A door that cannot be read is written all the same.
    """
    return [_bring(door, wanted) for door in doors]


def _bring(door: Door, wanted: SwitchState) -> Outcome:
    try:
        if door.read().state == wanted.state:
            return Outcome(door.name, changed=False)
    except DoorError:
        pass
    try:
        door.write(wanted)
    except DoorError as error:
        return Outcome(door.name, changed=False, error=str(error))
    return Outcome(door.name, changed=True)


def read_all(doors: Sequence[Door]) -> dict[str, dict[str, str]]:
    """Return what each door's switch says, or why it cannot be told."""
    said: dict[str, dict[str, str]] = {}
    for door in doors:
        try:
            said[door.name] = door.read().to_dict()
        except DoorError as error:
            said[door.name] = {"state": "unknown", "error": str(error)}
    return said
