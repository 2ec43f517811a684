"""How much more often new gives a class of answers than old, as the judge publishes it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CLASSES: Final = ("4xx", "3xx")
"""The answers that the judge compares beside 5xx; of each it publishes a metric, like JudgeMore4xx."""

_LEAST_SHOWN: Final = 0.05


def said_of(points: Mapping[str, float]) -> str:
    """Say by how many percentage points (-100 to 100) new's share of each class is above old's; nothing where
    no class is known."""
    told = ", ".join(f"{name} {_how(points[name])}" for name in CLASSES if name in points)
    return f"new answers {told}" if told else ""


def _how(points: float) -> str:
    if abs(points) < _LEAST_SHOWN:
        return "as often as old"
    return f"{abs(points):.1f} percentage points {'more' if points > 0 else 'less'} often than old"
