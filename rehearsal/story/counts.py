"""What viewers met in one act, and which of their failures a healthy side could have spared them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.drill.recording import DOORS
from rehearsal.outage import Outage
from rehearsal.world.stream import Seen

WRITE: Final = "POST"
OWN_NAME: Final = "own name"
"""Beside the doors: those who use old's own name."""


@dataclass(frozen=True)
class Act:
    """One act of the story: what was done, from `began` to `ended` (Unix seconds).

    `weight` is what new was to get at its end, in percent.
    """

    name: str
    what: str
    began: float
    ended: float
    weight: int


@dataclass(frozen=True)
class Met:
    """What viewers met at one door.

    Attributes
    ----------
    requests, new, failed
        All of them, those that new served well, those that nobody did.
    avoidable
        Failures that a healthy side could have spared.
    unanswered
        Questions to DNS without an answer, at the dns door.
    """

    requests: int
    new: int
    failed: int
    avoidable: int
    unanswered: int

    def to_dict(self) -> dict[str, int]:
        """Return it as story.json holds it."""
        return vars(self).copy()


@dataclass(frozen=True)
class ByOwnName:
    """What those met who use old's own name.

    Attributes
    ----------
    asked
        Requests to old by that name: those who were told the new address are none any more.
    sent_on
        Those of them that old's load balancer sent to the front door.
    lost
        All of theirs that nobody served, or that went round in circles.
    """

    asked: int
    sent_on: int
    lost: int

    def to_dict(self) -> dict[str, int]:
        """Return it as story.json holds it."""
        return vars(self).copy()


def by_own_name(seen: Iterable[Seen], act: Act) -> ByOwnName:
    """Return what those met whose request ended in `act`."""
    of = [one for one in seen if act.began <= one.at < act.ended]
    asked = [one for one in of if one.asked[:1] == ("old",)]
    return ByOwnName(
        asked=len(asked),
        sent_on=sum(len(one.asked) > 1 for one in asked),
        lost=sum(bool(one.failure) for one in of),
    )


def met(door: str, seen: Iterable[Seen], act: Act, fault: Outage | None) -> Met:
    """Return what those met whose request ended in `act`."""
    of = [one for one in seen if act.began <= one.at < act.ended]
    failed = [one for one in of if one.failure]
    return Met(
        requests=len(of),
        new=sum(one.side == "new" and not one.failure for one in of),
        failed=len(failed),
        avoidable=len(could_be_spared(door, failed, fault)),
        unanswered=sum(door == "dns" and not one.side for one in failed),
    )


def could_be_spared(door: str, seen: Iterable[Seen], fault: Outage | None) -> list[Seen]:
    """Return the failures that a healthy side could have spared: all but those that nobody repeats there.

    At the edge these are writes, which new may have carried out, until the switch is thrown. At the dns door,
    where a viewer asks whom it was told and nobody else, it is everything that new was asked for until the
    records have turned. A question to DNS that nobody answers is never one of them.
    """
    return [one for one in seen if one.failure and not _unavoidable(door, one, fault)]


def _unavoidable(door: str, one: Seen, fault: Outage | None) -> bool:
    if fault is None or one.at < fault.struck or one.began > fault.healed:
        return False
    if door == "edge":
        return one.method == WRITE and one.began <= fault.thrown
    return one.side == "new" and one.began <= fault.turned


def rows(
    acts: Sequence[Act], seen: Mapping[str, Sequence[Seen]], fault: Outage | None
) -> list[dict[str, Any]]:
    """Return a line for each act, as story.json holds it."""
    return [
        {
            "act": act.name,
            "what": act.what,
            "began": act.began,
            "seconds": act.ended - act.began,
            "weight": act.weight,
            **{door: met(door, seen[door], act, fault).to_dict() for door in DOORS},
            OWN_NAME: by_own_name(seen[OWN_NAME], act).to_dict(),
        }
        for act in acts
    ]
