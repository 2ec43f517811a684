"""What the judge lately found of new's answers beside old's, as its metrics tell."""

from __future__ import annotations

from datetime import datetime

from rollback.health import RECENT
from rollback.metrics import MORE, Series
from shared.answers import CLASSES, said_of


def judge_said(series: Series, now: datetime) -> str:
    """Return which class of answers new gives more often than old, and by how much, in one line; nothing
    where the judge has not told lately."""
    newest = {name: series.get(f"{MORE}{name}", [])[-1:] for name in CLASSES}
    said = said_of(
        {name: value for name, at in newest.items() for when, value in at if when > now - RECENT}
    )
    return f"judge: {said}" if said else ""
