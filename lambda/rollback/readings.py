"""Reads everything at once, for a few seconds at most: a rollback does not wait for what does not answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rollback.alarm_now import NOT_KNOWN, AlarmNow
from rollback.metrics import Points, Series
from rollback.together import together
from shared.doors.door import Door
from shared.doors.mute import Mute, mute_in
from shared.doors.switch import SwitchState
from shared.shown import shown

LOOK_SECONDS: Final = 3.0


@dataclass(frozen=True)
class Readings:
    """What could be read in time.

    Attributes
    ----------
    doors : mapping of str to SwitchState or str
        What each door's switch says, or why it cannot be told.
    series : mapping of str to points
        The metrics of both sides.
    alarm : AlarmNow
        Without a state where it was not asked for, or is not known.
    unread : mapping of str to str
        What could not be read, and why.
    """

    doors: Mapping[str, SwitchState | str]
    mute: Mute | None
    series: Series
    alarm: AlarmNow
    unread: Mapping[str, str]

    @property
    def states(self) -> dict[str, SwitchState | None]:
        """What each door's switch says; None where that is not known."""
        return {
            name: said if isinstance(said, SwitchState) else None
            for name, said in self.doors.items()
        }

    def shown(self) -> dict[str, dict[str, str]]:
        """Return the doors as `status` shows them."""
        return {
            name: said.to_dict()
            if isinstance(said, SwitchState)
            else {"state": "unknown", "error": said}
            for name, said in self.doors.items()
        }


def take(
    doors: Sequence[Door],
    mute: Callable[[], str | None],
    metrics: Mapping[str, Callable[[], Series]],
    alarm: Callable[[], AlarmNow] | None,
    now: datetime,
) -> Readings:
    """Read the switches, the stored mute, the metrics and, if given, the alarm, side by side."""
    calls: dict[str, Callable[[], Any]] = {
        **{_switch(door): door.read for door in doors},
        "mute": mute,
        **metrics,
        **({"alarm": alarm} if alarm else {}),
    }
    came = together(calls, seconds=LOOK_SECONDS)
    unread = {
        what: shown(str(result)) or type(result).__name__
        for what, result in came.items()
        if isinstance(result, BaseException)
    }
    read: dict[str, Any] = {what: result for what, result in came.items() if what not in unread}
    series: dict[str, Points] = {}
    for what in metrics:
        series.update(read.get(what, {}))
    return Readings(
        doors={door.name: read.get(_switch(door)) or unread[_switch(door)] for door in doors},
        mute=mute_in(read.get("mute"), now),
        series=series,
        alarm=read.get("alarm", NOT_KNOWN),
        unread=unread,
    )


def _switch(door: Door) -> str:
    return f"switch of the {door.name} door"
