"""How long a drill may take from its fault until it is over for viewers, and how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Until = Literal["off the air", "told"]

SLACK: Final = 10.0
"""Seconds that a drill may be late before it fails. Three drills side by side on two cores, with other work
on them, added up to 9.5 s to the call, the decision and the writes, which take half a second in calm (run at
1ab3102, `sentinel-dead-and-new-dies`: 6.3 + 3.2). An account adds none of it."""


@dataclass(frozen=True)
class Budget:
    """What a drill may take.

    Attributes
    ----------
    seconds : float
        At most, at the worst place in the minute and in the alarm's ten seconds.
    until : str
        `off the air`: the switch is in force at the edge, and the broken side's last answer there is over.
        `told`: a person has got a message.
    since : str
        The fault from which it counts, in the words of its moment; empty: the first one.
    of : str
        What the subject of the message must hold, where it counts until a person is told.
    median : float or None
        At most in the median of all drills of a run that declare the same; None: that is not asked.
    """

    seconds: float
    until: Until = "off the air"
    since: str = ""
    of: str = ""
    median: float | None = None

    def __str__(self) -> str:
        """Say it, like `off the air within 20 s`."""
        counted = f' of "{self.since}"' if self.since else ""
        return f"{self.until} within {self.seconds:g} s{counted}"

    def complaint(self, took: float | None) -> str:
        """Return what is wrong where it `took` too long, or never came; nothing else."""
        if took is not None and took <= self.seconds + SLACK:
            return ""
        when = "never" if took is None else f"after {took:.1f} s"
        what = {
            "off the air": "was the broken side off the air at the edge",
            "told": f"was a person told{f' {self.of!r}' if self.of else ''}",
        }[self.until]
        return f"{when} {what}, and {self.seconds:g} s are allowed, with {SLACK:g} s more for a busy machine"


def took(budget: Budget, result: Mapping[str, Any]) -> float | None:
    """Return how many seconds a drill took until what its budget counts; None where that never came.

    `result` has fault_at, phases and events, as results.json holds them.
    """
    fault_at: float | None = result.get("fault_at")
    events = result.get("events") or []
    if fault_at is None:
        return None
    named = [event["at"] for event in events if event["what"] == budget.since]
    if budget.since and not named:
        return None
    since: float = named[0] if budget.since else fault_at

    def first(kind: str, containing: str) -> float | None:
        found = (e["at"] for e in events if e["kind"] == kind and containing in e["what"])
        return next((at for at in found if at >= since), None)

    if budget.until == "told":
        told = first("told", budget.of)
        return None if told is None else told - since
    in_force = first("edge", "thrown")
    if in_force is None:
        return None
    last: float = result["phases"]["last_wrong"]["edge"] or 0.0
    until: float = max(in_force, fault_at + last)
    return until - since
