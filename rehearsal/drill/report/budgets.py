"""What each drill took of its budget, and the medians of those that share one."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rehearsal.drill.budget import Budget, took
from rehearsal.drill.report.wording import seconds


@dataclass(frozen=True)
class Spent:
    """What a drill took of its budget; `took` is None where it never came."""

    budget: Budget
    took: float | None

    @property
    def is_over(self) -> bool:
        """Whether it was late at all, the slack not counted."""
        return self.took is None or self.took > self.budget.seconds

    def __str__(self) -> str:
        """Say it, like `8.4 of 20, off the air`."""
        found = "never" if self.took is None else seconds(self.took)
        return f"{found} of {self.budget.seconds:g}, {self.budget.until}"


def as_kept(budget: Budget | None) -> dict[str, Any] | None:
    """Return a budget as results.json holds it."""
    return None if budget is None else asdict(budget)


def spent_by(drill: Mapping[str, Any]) -> Spent | None:
    """Return what a drill of results.json took of its budget; None where it has none, or was not played."""
    if not drill.get("budget") or not drill.get("phases"):
        return None
    budget = Budget(**drill["budget"])
    return Spent(budget, took(budget, drill))


@dataclass(frozen=True)
class Median:
    """The drills of one budget together: how many, the median, the longest, and what they may take."""

    budget: Budget
    drills: int
    median: float
    worst: float

    @property
    def is_over(self) -> bool:
        """Whether the median is above what is allowed: a median needs no slack for one drill that is late."""
        return self.budget.median is not None and self.median > self.budget.median

    def __str__(self) -> str:
        """Say it in a sentence."""
        return (
            f"What may take {self.budget.seconds:g} s until new is {self.budget.until} took "
            f"{self.median:.1f} s in the median, of {self.budget.median:g}, and {self.worst:.1f} s at most "
            f"({self.drills} of them)."
        )


def medians(drills: Sequence[Mapping[str, Any]]) -> list[Median]:
    """Return one for each budget that has a median; two drills at least, each of which came to its end."""
    found: dict[tuple[float, float], list[Spent]] = {}
    for spent in filter(None, map(spent_by, drills)):
        if spent.budget.median is not None:
            found.setdefault((spent.budget.seconds, spent.budget.median), []).append(spent)
    return [
        Median(group[0].budget, len(times), statistics.median(times), max(times))
        for group in found.values()
        if len(times := [spent.took for spent in group if spent.took is not None]) > 1
    ]
