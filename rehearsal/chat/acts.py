"""What people did and what came of it, and which of their errors nobody could have spared them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from rehearsal.outage import Outage

EntranceName = Literal["edge", "dns"]
WRITES: Final = frozenset({"ask", "upload", "large file", "login"})
"""They are not repeated at another side: it could be done twice."""
LATE_FILES: Final = "late files"
"""Files of a page that was opened earlier, on whichever side."""
STREAMS: Final = ("ask", "events")
SOCKETS: Final = ("socket",)


@dataclass(frozen=True)
class Act:
    """One thing that a person did.

    Attributes
    ----------
    who, what : str
    entrance : str
        The door it went through.
    began, ended : float
        Unix seconds.
    side : str
        Who served it; empty where nobody did.
    failure : str
        Why it did not do what the person wanted.
    page : str
        The side that gave the page which is open.
    """

    who: str
    what: str
    entrance: EntranceName
    began: float
    ended: float
    side: str = ""
    failure: str = ""
    page: str = ""


def could_be_spared(acts: Iterable[Act], fault: Outage | None = None) -> list[Act]:
    """Return the failed acts that a healthy side could have spared: all but those that nobody repeats there.

    At the edge these are writes, until the switch is thrown. From then on it is the files that only new has,
    for pages that new gave: to the switch new is ill (docs/decisions/016-two-builds.md). At the dns door,
    where a browser asks whom it was told and nobody else, it is everything until the records have turned.
    """
    return [act for act in acts if act.failure and not _unavoidable(act, fault)]


def _unavoidable(act: Act, fault: Outage | None) -> bool:
    if fault is None or act.ended < fault.struck or act.began > fault.healed:
        return False
    if act.entrance == "edge" and act.what == LATE_FILES:
        return act.page == "new" and act.ended > fault.thrown
    if act.entrance == "edge":
        return act.what in WRITES and act.began <= fault.thrown
    return act.began <= fault.turned


def across(acts: Iterable[Act], fault: Outage, kinds: Iterable[str]) -> tuple[int, int]:
    """Return how many acts of these kinds were under way on new at the edge when the switch was thrown, and
    how many of them came to their end."""
    wanted = frozenset(kinds)
    under_way = [
        act
        for act in acts
        if act.what in wanted
        and act.entrance == "edge"
        and act.side == "new"
        and act.began < fault.struck
        and act.ended > fault.thrown
    ]
    return len(under_way), sum(not act.failure for act in under_way)


def moved(acts: Iterable[Act], before: str, after: str) -> set[str]:
    """Return who was served by `before` and later, logged in as before, by `after`, at the edge."""
    first: dict[str, float] = {}
    found: set[str] = set()
    for act in sorted(acts, key=lambda one: one.began):
        if act.failure or act.what != "who am I" or act.entrance != "edge":
            continue
        if act.side == before:
            first.setdefault(act.who, act.began)
        elif act.side == after and act.who in first:
            found.add(act.who)
    return found
