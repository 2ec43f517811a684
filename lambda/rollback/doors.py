"""Throws and releases the switch of every door, side by side: one that hangs delays no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from rollback.together import together
from shared.doors.door import Door
from shared.doors.switch import SwitchState


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
    reason. A door that is configured but gone is a failure too: nobody can tell whom it lets through.
    """
    came = together({door.name: partial(door.bring, wanted) for door in doors})
    return [
        Outcome(name, changed=False, error=str(result) or type(result).__name__)
        if isinstance(result, BaseException)
        else Outcome(name, changed=result)
        for name, result in came.items()
    ]
