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
from rehearsal.drill.report.budgets import Spent, as_kept, spent_by
from rehearsal.drill.report.commit import UNKNOWN_COMMIT, commit
from rehearsal.drill.report.wording import lost, seconds, slower_door

_COLUMNS: Final = (
    "budget",
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
        "commit": commit() or UNKNOWN_COMMIT,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "at_once": at_once,
        "machine": f"{platform.system()}, Python {platform.python_version()}",
        "drills": [{**_about(known[result["name"]]), **result} for result in played],
    }


def completed(results: Mapping[str, Any], at_commit: str = "") -> dict[str, Any]:
    """Return `results` with what it did not hold when it was written: its commit, and each drill's budget and
    the complaint where that was exceeded."""
    known = {drill.name: drill for drill in CATALOGUE}
    return {
        **results,
        "commit": at_commit or results.get("commit") or UNKNOWN_COMMIT,
        "drills": [_completed(drill, known.get(drill["name"])) for drill in results["drills"]],
    }


def _completed(result: Mapping[str, Any], drill: Drill | None) -> dict[str, Any]:
    if drill is None or "budget" in result:
        return {"budget": None, "like": "", **result}
    full = {**_about(drill), **result}
    spent = spent_by(full)
    late = spent.budget.complaint(spent.took) if spent else ""
    return {**full, "complaints": [*full["complaints"], *([late] if late else [])]}


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
        "budget": as_kept(expected.budget),
        "like": drill.like,
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
            _of_budget(spent_by(result)),
            seconds(phases.get("detect")),
            seconds(phases.get("decide")),
            seconds(slower_door(phases.get("act") or {})),
            seconds(last.get("edge")),
            seconds(last.get("dns")),
            seconds(phases.get("told")),
            *(lost(result, door) for door in DOORS),
        )
    return table


def _of_budget(spent: Spent | None) -> str:
    if spent is None:
        return ""
    found = "never" if spent.took is None else seconds(spent.took)
    return f"{found} of {spent.budget.seconds:g}"
