"""Throws and releases the switch of every door, side by side: a door that hangs does not delay another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from rollback.together import together
from shared.doors.door import Door
from shared.doors.switch import SwitchState


@dataclass(frozen=True)
class Outcome:
    """The result at one door.

    `error` is empty if the door now says what it should. `changed` says whether it had to be written.
    """

    door: str
    changed: bool
    error: str = ""


def bring_to(doors: Sequence[Door], wanted: SwitchState) -> list[Outcome]:
    """Bring every door's switch to `wanted`; a failure at one door does not stop the others.

    A door that already says so is left alone, so that a repeated alarm keeps the first one's name and
    reason. A door that is configured but gone is a failure too: it is not known where it sends viewers.
    """
    came = together({door.name: partial(door.bring, wanted) for door in doors})
    return [
        Outcome(name, changed=False, error=str(result) or type(result).__name__)
        if isinstance(result, BaseException)
        else Outcome(name, changed=result)
        for name, result in came.items()
    ]
