"""One look at everything that may stop a bake: what speaks against new, and what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.alarms.history import fired_since
from shared.alarms.state import AlarmRef, AlarmState
from shared.doors.door import Door
from shared.doors.patience import DoorError

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient


@dataclass(frozen=True)
class Objections:
    """What was seen, as sentences' ends.

    Attributes
    ----------
    against : tuple of str
        Each is a reason to put the weights back.
    unseen : tuple of str
        Each could not be read this time, so it is not known.
    """

    against: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

    def __add__(self, other: Objections) -> Objections:
        return Objections(self.against + other.against, self.unseen + other.unseen)


def at_alarms(states: Mapping[AlarmRef, AlarmState]) -> Objections:
    """Return what `states` say. An alarm without data says nothing against new: where silence matters,
    the alarm itself treats missing data as breaching."""
    against, unseen = [], []
    for alarm, state in states.items():
        if state.value == "ALARM":
            against.append(f"the alarm {alarm} is in ALARM: {state.reason or 'no reason given'}")
        elif state.value == "MISSING":
            against.append(
                f"the alarm {alarm} does not exist, so what it should watch is not watched"
            )
        elif state.value == "UNREADABLE":
            unseen.append(f"the alarm {alarm} cannot be read: {state.reason}")
    return Objections(tuple(against), tuple(unseen))


def at_switches(doors: Sequence[Door]) -> Objections:
    """Return what the switch of each door says. While it is thrown, no viewer reaches new to test it."""
    against, unseen = [], []
    for door in doors:
        try:
            state = door.read()
        except DoorError as error:
            unseen.append(f"the switch of the {door.name} door cannot be read: {error}")
            continue
        if state.thrown:
            who = f" by {state.by} at {state.at}" if state.by else ""
            why = f": {state.reason}" if state.reason else ""
            against.append(f"the switch of the {door.name} door was thrown{who}{why}")
    return Objections(tuple(against), tuple(unseen))


def back(
    states: Mapping[AlarmRef, AlarmState],
    since: datetime,
    client_for: Callable[[str], CloudWatchClient],
) -> Objections:
    """Return whether an alarm that is quiet now fired after `since`, between two looks.

    Only alarms whose state changed meanwhile have their history read.
    """
    against, unseen = [], []
    for alarm, state in states.items():
        if state.value not in {"OK", "INSUFFICIENT_DATA"}:
            continue
        if state.changed is not None and state.changed < since:
            continue
        try:
            fired = fired_since(client_for(alarm.region), alarm.name, since)
        except (ClientError, BotoCoreError) as error:
            unseen.append(f"the history of the alarm {alarm} cannot be read: {error}")
            continue
        if fired is not None:
            against.append(f"the alarm {alarm} was in ALARM at {fired:%H:%M:%S} UTC")
    return Objections(tuple(against), tuple(unseen))
