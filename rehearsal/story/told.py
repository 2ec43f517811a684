"""The story as people look at it: one picture and one table, as a page and in Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rehearsal.drill.recording import DOORS, Recording
from rehearsal.drill.report.shell import KEYS, shell, shown
from rehearsal.drill.report.timeline import timeline
from rehearsal.story.counts import OWN_NAME

_TITLE: Final = "From a plain record to old to a plain record to new"
_HEAD: Final = (
    "act",
    "what happens",
    "seconds",
    "edge: requests",
    "new's share",
    "failed",
    "avoidable",
    "dns: requests",
    "new's share",
    "failed",
    "avoidable",
    "no answer",
    "old's own name: asked old",
    "sent on",
    "lost",
)


def write_story(
    recording: Recording, acts: Sequence[Mapping[str, Any]], folder: Path, *, whole: bool = True
) -> list[Path]:
    """Write page, table and figures into `folder`, and return the files, the page first.

    Where it is not `whole`, an act that is not among `acts` did not end as it must.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held = {
        "began": recording.began,
        "ended": recording.ended,
        "fault_at": None,
        "title": _TITLE,
        "events": [event.to_dict() for event in recording.events],
        "series": {door: recording.series(door) for door in DOORS},
        "acts": list(acts),
        "whole": whole,
    }
    files = {
        "index.html": page(held),
        "story.md": table(held),
        "story.json": json.dumps(held, indent=1) + "\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in files]


def page(held: Mapping[str, Any]) -> str:
    """Return the page; the same story gives the same bytes."""
    kind = "fail" if _lost(held) or not held["whole"] else "pass"
    head = "".join(
        f'<th scope="col"{"" if at < 2 else _NUMBER}>{shown(words)}</th>'
        for at, words in enumerate(_HEAD)
    )
    rows = "".join(
        "<tr>"
        f'<th scope="row">{shown(row[0])}</th><td>{shown(row[1])}</td>'
        + "".join(f'<td class="number">{shown(cell)}</td>' for cell in row[2:])
        + "</tr>"
        for row in _rows(held)
    )
    return shell(
        _TITLE,
        [
            f'<header class="{kind}"><p class="what">The whole story on the embedded cloud, nothing speeded '
            f"up but the day of watching</p><h1>{shown(_said(held))}</h1></header>",
            f'<section><div class="head"><h2>{shown(_TITLE)}</h2><span class="note">requests a second</span>'
            f"</div><figure><figcaption>{KEYS}</figcaption>{timeline(held, 'story')}</figure>"
            "</section>",
            '<section class="overview long"><div class="head"><h2>Act by act</h2><span class="note">'
            "avoidable: failures that a healthy side could have spared; no answer: of DNS; sent on: by old's "
            "load balancer, to the front door</span></div>"
            f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
            "</section><footer>The same in story.json</footer>",
        ],
    )


_NUMBER: Final = ' class="number"'


def table(held: Mapping[str, Any]) -> str:
    """Return the table in Markdown."""
    lines = [_HEAD, ("---",) * len(_HEAD), *_rows(held)]
    return "\n".join(
        [
            f"{_said(held)}.",
            "",
            *(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines),
            "",
        ]
    )


def _rows(held: Mapping[str, Any]) -> list[list[str]]:
    return [
        [
            str(act["act"]),
            str(act["what"]),
            f"{act['seconds']:.0f}",
            *_cells(act["edge"]),
            *_cells(act["dns"]),
            str(act["dns"]["unanswered"]),
            *(f"{act[OWN_NAME][what]:,}" for what in ("asked", "sent_on", "lost")),
        ]
        for act in held["acts"]
    ]


def _cells(met: Mapping[str, int]) -> list[str]:
    well = met["requests"] - met["failed"]
    share = f"{100 * met['new'] / well:.1f} %" if well else "-"
    return [f"{met['requests']:,}", share, f"{met['failed']:,}", f"{met['avoidable']:,}"]


def _lost(held: Mapping[str, Any]) -> int:
    return sum(
        sum(act[door]["avoidable"] for door in DOORS)
        + act["dns"]["unanswered"]
        + act[OWN_NAME]["lost"]
        for act in held["acts"]
    )


def _said(held: Mapping[str, Any]) -> str:
    lost = _lost(held)
    if not held["whole"]:
        last = held["acts"][-1]["act"] if held["acts"] else "nothing"
        return f"The story broke off: the act after {last} did not end as it must"
    if not lost:
        return "Not one request was lost that a healthy side could have served, not one DNS answer missing"
    return f"{lost} requests were lost that a healthy side could have served, or had no DNS answer"
