"""What results.json holds: each drill as it came out, beside what was expected of it."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from rehearsal.drill.catalogue import CATALOGUE
from rehearsal.drill.drill import Drill
from rehearsal.drill.recording import DOORS

_COLUMNS: Final = (
    "detect",
    "decide",
    "act",
    "last edge",
    "last dns",
    "told",
    "lost edge",
    "lost dns",
)


def kept(played: Sequence[Mapping[str, Any]], at_once: int) -> dict[str, Any]:
    """Return everything that the page needs."""
    known = {drill.name: drill for drill in CATALOGUE}
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "at_once": at_once,
        "machine": f"{platform.system()}, Python {platform.python_version()}",
        "drills": [{**_about(known[result["name"]]), **result} for result in played],
    }


def _about(drill: Drill) -> dict[str, Any]:
    expected = drill.expected
    return {
        "name": drill.name,
        "title": drill.title,
        "shows": drill.shows,
        "weight": drill.weight,
        "wrong": drill.wrong,
        "expected": in_words(drill),
        "person": expected.person,
    }


def in_words(drill: Drill) -> str:
    """Return the expected end in a few words."""
    expected = drill.expected
    who = {
        "old": "old serves",
        "new": "new serves",
        "declared": "both serve as declared",
        "nobody": "nobody serves",
        "unasked": "nobody asks",
    }[expected.serves]
    told = "nobody told" if expected.quiet else "a person told" if expected.told else ""
    return ", ".join(
        part
        for part in (who, f"switch {expected.switch}", f"weight {expected.weight}", told)
        if part
    )


def seconds(value: float | None) -> str:
    """Return a duration as a table shows it."""
    return "" if value is None else f"{value:.1f}" if value < 10 else f"{value:.0f}"


def lost(result: Mapping[str, Any], door: str) -> str:
    """Return what was lost at a door, reads + writes."""
    if "phases" not in result:
        return ""
    of = result["phases"]["lost"][door]
    return f"{of['reads']} + {of['writes']}"


def slower_door(act: Mapping[str, float | None]) -> float | None:
    """Return how long it took until the switch was in force at the last door."""
    known = [value for value in act.values() if value is not None]
    return max(known) if known else None


def summary(results: Mapping[str, Any]) -> Table:
    """Return the table for the terminal."""
    table = Table(
        title="seconds; last: answer of the broken side; lost: reads + writes",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    table.add_column("drill", no_wrap=True)
    table.add_column("end")
    for column in _COLUMNS:
        table.add_column(column, justify="right", no_wrap=True)
    for result in results["drills"]:
        phases = result.get("phases") or {}
        last = phases.get("last_wrong") or {}
        table.add_row(
            result["name"],
            "[red]FAILED[/]" if result["complaints"] else "as expected",
            seconds(phases.get("detect")),
            seconds(phases.get("decide")),
            seconds(slower_door(phases.get("act") or {})),
            seconds(last.get("edge")),
            seconds(last.get("dns")),
            seconds(phases.get("told")),
            *(lost(result, door) for door in DOORS),
        )
    return table
