"""The point of no return: from there on, going back would lose something, and a person decides."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class PointOfNoReturn:
    """What cannot be undone, who declared it, and since when."""

    reason: str
    by: str = ""
    on: str = ""

    def __str__(self) -> str:
        """Say it in one line."""
        said = " ".join(part for part in (self.by, f"on {self.on}" if self.on else "") if part)
        return f"{self.reason} ({said})" if said else self.reason


def passed_by(value: str, today: date) -> PointOfNoReturn | None:
    """Return the point that the environment variable declares, once its day (UTC) has come; None before
    that, or where nothing is declared.

    A value that cannot be read was still declared: then a person decides.
    """
    if not value:
        return None
    try:
        held: Any = json.loads(value)
        point = PointOfNoReturn(str(held["reason"]), str(held["by"]), str(held["on"]))
        return point if date.fromisoformat(point.on) <= today else None
    except (ValueError, KeyError, TypeError):
        return PointOfNoReturn("a point of no return is declared, but cannot be read")
