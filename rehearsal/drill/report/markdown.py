"""The tables of docs/drills.md: what came out, as a reader of the repository sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rehearsal.drill.recording import DOORS
from rehearsal.drill.report.budget import budget
from rehearsal.drill.report.page import HARD
from rehearsal.drill.report.results import lost, seconds, slower_door


def markdown(results: Mapping[str, Any]) -> str:
    """Return both tables: every drill, and the budget of the hard failure."""
    drills: Sequence[Mapping[str, Any]] = results["drills"]
    head = (
        "drill",
        "expected end",
        "outcome",
        "detect",
        "decide",
        "act",
        "last wrong edge, dns",
        "told",
        "lost edge, dns",
    )
    rows = [_row(drill) for drill in drills]
    hard = next((drill for drill in drills if drill["name"] == HARD), None)
    parts = budget(hard) if hard else []
    phases = [[p.name, f"{p.since:.1f}", f"{p.until - p.since:.1f}", p.adds] for p in parts]
    return "\n".join(
        [
            *_table(head, rows),
            "",
            *_table(("phase", "from", "took", "what an AWS account adds"), phases),
            "",
        ]
    )


def _row(drill: Mapping[str, Any]) -> list[str]:
    phases = drill.get("phases") or {}
    last = phases.get("last_wrong") or {}
    both = (
        ", ".join(seconds(last.get(door)) or "-" for door in ("edge", "dns"))
        if any(last.values())
        else ""
    )
    person = f"; a person {drill['person']}" if drill["person"] else ""
    return [
        f"`{drill['name']}`",
        f"{drill['expected']}{person}",
        "**failed**" if drill["complaints"] else "as expected",
        seconds(phases.get("detect")),
        seconds(phases.get("decide")),
        seconds(slower_door(phases.get("act") or {})),
        both,
        seconds(phases.get("told")),
        ", ".join(filter(None, (lost(drill, door) for door in DOORS))),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]
