"""Decides what to do: the state machine. It reads and writes nothing.

Only a person releases the switch. An alarm throws it, unless the switch is thrown already, alarms are
muted, the alarm is OK again or within the cool-down after a release, the point of no return has passed, or
old is known to be down. What is not known never stops an alarm. A person's roll_back always throws; past
the point of no return it must say so.

An alarm of ten-second periods is OK again half a minute after the last bad one, and a call may take that long
to come: for a minute after it fired, its being OK again is no reason to stand down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rollback.alarm_now import NOT_KNOWN, AlarmNow
from rollback.health import Health
from rollback.point_of_no_return import PointOfNoReturn
from rollback.request import Alarm, Release, RollBack
from shared.doors.mute import Mute
from shared.doors.switch import SwitchState

_UNKNOWN: Final = Health()
FAST_STANDS: Final = timedelta(seconds=60)
"""So long what a fast alarm said stands: until the alarms of a minute have had time to say it too."""


@dataclass(frozen=True)
class Situation:
    """What is known at `now`.

    Attributes
    ----------
    doors : mapping of str to SwitchState or None
        What each configured door's switch says; None where that is not known.
    alarm : AlarmNow
        What the alarm says by now.
    waited_out : bool
        Whether this call has waited as long as a cool-down lasts.
    """

    now: datetime
    doors: Mapping[str, SwitchState | None]
    health: Health = _UNKNOWN
    mute: Mute | None = None
    point_of_no_return: PointOfNoReturn | None = None
    cool_down: timedelta = timedelta(0)
    alarm: AlarmNow = NOT_KNOWN
    waited_out: bool = False

    @property
    def all_thrown(self) -> bool:
        """Whether every door is known to send everybody to old."""
        return all(state is not None and state.thrown for state in self.doors.values())


@dataclass(frozen=True)
class Throw:
    """Send everybody to old."""


@dataclass(frozen=True)
class LetNewServe:
    """Release the switch."""


@dataclass(frozen=True)
class Wait:
    """Look again at `until` at the latest: the alarm may have seen only the last bad minutes."""

    until: datetime


@dataclass(frozen=True)
class Already:
    """Every door sends viewers to old already."""


@dataclass(frozen=True)
class StandDown:
    """The alarm is over."""

    why: str


@dataclass(frozen=True)
class Muted:
    """A muted alarm; `would` is what it would have done."""

    mute: Mute
    would: str


@dataclass(frozen=True)
class OldIsDown:
    """Throwing the switch would cause an outage: a person decides."""

    why: str


@dataclass(frozen=True)
class PastReturn:
    """Throwing the switch would lose something: a person decides."""

    point: PointOfNoReturn


@dataclass(frozen=True)
class Refuse:
    """The person must say more."""

    why: str


Decision = (
    Throw | LetNewServe | Wait | Already | StandDown | Muted | OldIsDown | PastReturn | Refuse
)


def decide(request: Alarm | RollBack | Release, situation: Situation) -> Decision:
    """Return what is to be done about `request`."""
    match request:
        case Release():
            return LetNewServe()
        case RollBack():
            return _by_person(request, situation)
        case Alarm():
            return _by_alarm(request, situation)


def _by_person(request: RollBack, situation: Situation) -> Decision:
    point = situation.point_of_no_return
    if point is not None and not request.past_point_of_no_return:
        return Refuse(
            f"the point of no return has passed: {point}. Nothing was done. To roll back "
            'anyway, add "past_point_of_no_return": true to the request'
        )
    return Throw()


def _by_alarm(request: Alarm, situation: Situation) -> Decision:
    if situation.all_thrown:
        return Already()
    if situation.mute is not None:
        return Muted(situation.mute, _would(_on_its_merits(situation)))
    if situation.alarm.state == "OK" and not _still_stands(request, situation):
        return StandDown("the alarm is OK again")
    until = _cool_down_ends(situation)
    if until is not None and not situation.waited_out:
        return Wait(until)
    return _on_its_merits(situation)


def _still_stands(request: Alarm, situation: Situation) -> bool:
    """Return whether what the alarm said when it fired counts, although it is OK by now: it is fast, it has
    just fired, and nobody has released the switch since."""
    fired = request.fired
    if fired is None or not situation.alarm.is_fast:
        return False
    released = (_released_at(state) for state in situation.doors.values())
    if any(at is not None and at >= fired for at in released):
        return False
    # CloudWatch's clock may be ahead of this one.
    return abs(situation.now - fired) <= FAST_STANDS


def _on_its_merits(situation: Situation) -> Throw | PastReturn | OldIsDown:
    if situation.point_of_no_return is not None:
        return PastReturn(situation.point_of_no_return)
    if situation.health.down:
        return OldIsDown(situation.health.down)
    return Throw()


def _would(decision: Throw | PastReturn | OldIsDown) -> str:
    return "have rolled back" if isinstance(decision, Throw) else "have called a person"


def _cool_down_ends(situation: Situation) -> datetime | None:
    """Return when the cool-down after the latest release ends, or None outside of any.

    A release that is dated in the future, or not at all, has none.
    """
    ends = None
    for state in situation.doors.values():
        at = _released_at(state)
        if at is not None and at <= situation.now < at + situation.cool_down:
            ends = max(ends or at, at + situation.cool_down)
    return ends


def _released_at(state: SwitchState | None) -> datetime | None:
    if state is None or state.thrown:
        return None
    try:
        at = datetime.fromisoformat(state.at)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
