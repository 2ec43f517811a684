"""An earlier run beside this one: which of its drills had the same fault, and what the page draws of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cutover.paths import ROOT
from rehearsal.drill.budget import Budget, took

KEPT: Final = ROOT / "docs" / "benchmarks" / "drills-9bf28df.json"
"""The whole catalogue of its day, when nothing was faster than a minute's metric."""
_DRAWN: Final = ("name", "title")
_RUN: Final = ("commit", "at", "at_once", "machine")


@dataclass(frozen=True)
class Pair:
    """A fault that both runs played.

    Attributes
    ----------
    drill, before : mapping
        As both runs' results hold it.
    budget : Budget
        What is measured in both.
    took, took_before : float or None
        Seconds; None where it never came.
    """

    drill: Mapping[str, Any]
    before: Mapping[str, Any]
    budget: Budget
    took: float | None
    took_before: float | None

    @property
    def ratio(self) -> float | None:
        """How many times as long it took before."""
        if not self.took or self.took_before is None:
            return None
        return self.took_before / self.took


def pairs(drills: Iterable[Mapping[str, Any]], before: Mapping[str, Any] | None) -> list[Pair]:
    """Return, in the order of `drills`, those whose fault the earlier run played too.

    One of another name counts if it is `like` one that the earlier run has. What declares no budget has
    nothing to compare.
    """
    earlier = {drill["name"]: drill for drill in before["drills"]} if before else {}
    found = []
    for drill in drills:
        other = earlier.get(drill["name"]) or earlier.get(drill.get("like") or "")
        if not (other and drill.get("budget") and drill.get("phases") and other.get("phases")):
            continue
        budget = Budget(**drill["budget"])
        found.append(Pair(drill, other, budget, took(budget, drill), took(budget, other)))
    return found


def trimmed(results: Mapping[str, Any]) -> dict[str, Any]:
    """Return of `results` what a later run's page draws: drills that have a budget and came to their end.

    Times count from the full minute before the fault, so that it stays where it was in its minute.
    """
    return {
        **{key: results[key] for key in _RUN if key in results},
        "drills": [
            _trimmed(drill)
            for drill in results["drills"]
            if drill.get("budget") and drill.get("phases") and drill["fault_at"] is not None
        ],
    }


def _trimmed(drill: Mapping[str, Any]) -> dict[str, Any]:
    zero = drill["fault_at"]
    begin = zero % 60
    return {
        **{key: drill[key] for key in _DRAWN},
        "began": round(drill["began"] - zero + begin, 2),
        "ended": round(drill["ended"] - zero + begin, 2),
        "fault_at": round(begin, 2),
        "phases": _rounded(drill["phases"]),
        "events": [
            {**event, "at": round(event["at"] - zero + begin, 2)} for event in drill["events"]
        ],
        "series": drill["series"],
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    return round(value, 2) if isinstance(value, float) else value
