"""The tables of docs/drills.md: what came out, as a reader of the repository sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cutover.paths import ROOT
from rehearsal.drill.recording import DOORS
from rehearsal.drill.report.before import Pair, pairs
from rehearsal.drill.report.budgets import medians, spent_by
from rehearsal.drill.report.page import HARD
from rehearsal.drill.report.phase_by_phase import phase_by_phase
from rehearsal.drill.report.wording import first_alarm, lost, seconds, slower_door

DOCUMENT: Final = ROOT / "docs" / "drills.md"
BEGIN, END = "<!-- tables of the drills: begin -->\n", "<!-- tables of the drills: end -->\n"


def markdown(results: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> str:
    """Return every table: all drills, those beside an earlier run, and the hard failure phase by phase."""
    drills: Sequence[Mapping[str, Any]] = results["drills"]
    head = (
        "drill",
        "expected end",
        "outcome",
        "budget, s",
        "detect",
        "decide",
        "act",
        "last wrong edge, dns",
        "told",
        "lost edge, dns",
    )
    hard = next((drill for drill in drills if drill["name"] == HARD), None)
    parts = phase_by_phase(hard) if hard else []
    both = pairs(drills, before)
    said = [str(median) for median in medians(drills)]
    return "\n".join(
        [
            f"Played: {len(drills)}, at commit {_run(results)}.",
            *said,
            "",
            *_table(head, [_row(drill) for drill in drills]),
            *(_before_and_after(both, results, before) if before and both else []),
            *(_phases(parts) if parts else []),
            "",
        ]
    )


def with_tables(text: str, tables: str) -> str:
    """Return `text` with what stands between its two marks renewed."""
    start, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{start}{BEGIN}\n{tables}\n{END}{after}"


def _run(results: Mapping[str, Any]) -> str:
    on = datetime.fromisoformat(results["at"])
    return f"{results['commit']}, {on:%-d %B %Y}, {results['at_once']} at a time"


def _before_and_after(
    both: Sequence[Pair], results: Mapping[str, Any], before: Mapping[str, Any]
) -> list[str]:
    rows = [
        [
            f"`{pair.drill['name']}`",
            str(pair.budget.until),
            seconds(pair.took_before) or "never",
            seconds(pair.took) or "never",
            "" if pair.ratio is None else f"{pair.ratio:.1f}",
            first_alarm(pair.before),
            first_alarm(pair.drill),
            _lost_at_both(pair.before),
            _lost_at_both(pair.drill),
        ]
        for pair in both
    ]
    head = (
        "drill",
        "seconds until",
        "before",
        "after",
        "ratio",
        "first alarm, before",
        "after",
        "lost edge, dns, before",
        "after",
    )
    return [
        "",
        f"The same faults before, at commit {_run(before)}, and after, at {results['commit']}:",
        "",
        *_table(head, rows),
    ]


def _phases(parts: Sequence[Any]) -> list[str]:
    rows = [[p.name, f"{p.since:.1f}", f"{p.until - p.since:.1f}", p.adds] for p in parts]
    return [
        "",
        f"The seconds of `{HARD}`, phase by phase:",
        "",
        *_table(("phase", "from", "took", "what an AWS account adds"), rows),
    ]


def _lost_at_both(drill: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (lost(drill, door) for door in DOORS)))


def _row(drill: Mapping[str, Any]) -> list[str]:
    phases = drill.get("phases") or {}
    last = phases.get("last_wrong") or {}
    both = ", ".join(seconds(last.get(door)) or "-" for door in DOORS) if any(last.values()) else ""
    person = f"; a person {drill['person']}" if drill["person"] else ""
    spent = spent_by(drill)
    of_budget = "" if spent is None else f"**{spent}**" if spent.is_over else str(spent)
    return [
        f"`{drill['name']}`",
        f"{drill['expected']}{person}",
        "**failed**" if drill["complaints"] else "as expected",
        of_budget,
        seconds(phases.get("detect")),
        seconds(phases.get("decide")),
        seconds(slower_door(phases.get("act") or {})),
        both,
        seconds(phases.get("told")),
        _lost_at_both(drill),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines]
