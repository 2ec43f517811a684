"""index.html: every drill in a table, and each over time; one page, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from commands.report.wording import UNKNOWN, count
from rehearsal.drill.recording import DOORS
from rehearsal.drill.report.before import Pair, pairs
from rehearsal.drill.report.budgets import medians, spent_by
from rehearsal.drill.report.phase_by_phase import Part, phase_by_phase
from rehearsal.drill.report.shell import KEYS, shell, shown
from rehearsal.drill.report.timeline import length, timeline
from rehearsal.drill.report.wording import first_alarm, lost, seconds, slower_door

_SHAPE: Final = {"pass": "M4.5 8.3l2.4 2.4 4.6-5", "fail": "M5.3 5.3l5.4 5.4m0-5.4l-5.4 5.4"}
_HEAD: Final = (
    "detect",
    "decide",
    "act",
    "last wrong, edge",
    "last wrong, dns",
    "told",
    "lost, reads",
    "lost, writes",
    "lost where well",
)
HARD: Final = "new-500-at-50"
_WIDE: Final = 1140
_PAIRED: Final = 557
_NARROW: Final = 350
"""Widths of a timeline, in pixels: text keeps its size."""


def page(results: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> str:
    """Return the page. It depends on both runs' results alone: the same results give the same bytes."""
    drills: Sequence[Mapping[str, Any]] = results["drills"]
    both = {pair.drill["name"]: pair for pair in pairs(drills, before)}
    failed = [drill for drill in drills if drill["complaints"]]
    kind = "fail" if failed else "pass"
    headline = (
        f"{len(failed)} of {count(len(drills), 'drill')} did not end as it must"
        if failed
        else f"{count(len(drills), 'drill')}, each ended as it must"
    )
    return shell(
        f"Drills: {headline}",
        [
            f'<header class="{kind}"><p class="what">Drills of the rollback at commit '
            f"{shown(results['commit'])}, {shown(results['at'])}, {shown(results['machine'])}, "
            f"{results['at_once']} at a time, nothing speeded up</p>"
            f"<h1>{_icon(kind)}{shown(headline)}</h1>{_medians(drills)}</header>",
            _overview(drills),
            _before_and_after(both.values(), results, before) if before and both else "",
            _phases(drills),
            *(_section(drill, both.get(drill["name"]), results, before) for drill in drills),
            "<footer>The same in results.json</footer>",
        ],
    )


def _overview(drills: Iterable[Mapping[str, Any]]) -> str:
    numbers = "".join(f'<th scope="col" class="number">{head}</th>' for head in _HEAD)
    rows = "".join(map(_row, drills))
    return (
        '<section class="overview long"><div class="head"><h2>All drills</h2>'
        '<span class="note">seconds; requests</span></div><div class="table"><table><thead><tr>'
        '<th scope="col">drill</th><th scope="col" class="end">expected end</th><th scope="col">outcome</th>'
        f'<th scope="col" class="number">budget</th>{numbers}'
        f"</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _row(drill: Mapping[str, Any]) -> str:
    figures = "".join(f'<td class="number">{figure}</td>' for figure in _figures(drill))
    person = (
        f'<br><span class="note">a person {shown(drill["person"])}</span>'
        if drill["person"]
        else ""
    )
    return (
        f'<tr><th scope="row"><a href="#{shown(drill["name"])}">{shown(drill["name"])}</a></th>'
        f'<td class="end">{shown(drill["expected"])}{person}</td><td>{_chip(drill)}</td>'
        f'<td class="number">{_of_budget(drill)}</td>{figures}</tr>'
    )


def _of_budget(drill: Mapping[str, Any]) -> str:
    spent = spent_by(drill)
    if spent is None:
        return UNKNOWN
    words = f'<br><span class="note">{shown(spent.budget.until)}</span>'
    found = f"{seconds(spent.took) or 'never'} of {spent.budget.seconds:g}"
    return f'<span class="{"over" if spent.is_over else "held"}">{found}</span>{words}'


def _medians(drills: Sequence[Mapping[str, Any]]) -> str:
    return "".join(
        f'<p class="said{" wrong" if median.is_over else ""}">{shown(str(median))}</p>'
        for median in medians(drills)
    )


def _before_and_after(
    both: Iterable[Pair], results: Mapping[str, Any], before: Mapping[str, Any]
) -> str:
    rows = "".join(map(_pair, both))
    return (
        '<section class="versus long"><div class="head"><h2>The same faults, before and after</h2>'
        f'<span class="note">before: commit {shown(before["commit"])}; after: commit '
        f'{shown(results["commit"])}</span></div><div class="table"><table><thead><tr>'
        '<th scope="col">drill</th><th scope="col" class="until">seconds until</th>'
        '<th scope="col" class="number">before</th><th scope="col" class="number">after</th>'
        '<th scope="col" class="number">ratio</th><th scope="col" class="track"></th>'
        '<th scope="col">first alarm, before / after</th>'
        '<th scope="col" class="number">lost edge, dns, before / after</th>'
        f"</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _pair(pair: Pair) -> str:
    times = (pair.took_before, pair.took)
    whole = max((time for time in times if time is not None), default=0.0) or 1.0
    bars = "".join(
        f'<div class="bar {kind}" style="--from:0%;--long:{max(0.5, 100 * (time or 0) / whole):.1f}%">'
        "</div>"
        for kind, time in zip(("before", "after"), times, strict=True)
    )
    alarms, losses = (
        "<br>".join(shown(say(drill)) or UNKNOWN for drill in (pair.before, pair.drill))
        for say in (first_alarm, _lost_at_both)
    )
    ratio = UNKNOWN if pair.ratio is None else f"{pair.ratio:.1f}"
    figures = "".join(f'<td class="number">{seconds(time) or "never"}</td>' for time in times)
    name = shown(pair.drill["name"])
    return (
        f'<tr><th scope="row"><a href="#{name}">{name}</a></th>'
        f'<td class="until">{shown(pair.budget.until)}</td>{figures}'
        f'<td class="number ratio">{ratio}</td><td class="track">{bars}</td>'
        f'<td class="alarms">{alarms}</td><td class="number">{losses}</td></tr>'
    )


def _lost_at_both(drill: Mapping[str, Any]) -> str:
    return ", ".join(lost(drill, door) for door in DOORS)


def _figures(drill: Mapping[str, Any]) -> list[str]:
    phases = drill.get("phases")
    if not phases:
        return [UNKNOWN] * len(_HEAD)
    last, lost = phases["last_wrong"], phases["lost"].values()
    times = (
        phases["detect"],
        phases["decide"],
        slower_door(phases["act"]),
        last["edge"],
        last["dns"],
        phases["told"],
    )
    counts = (sum(of[key] for of in lost) for key in ("reads", "writes", "where_healthy"))
    return [seconds(time) or UNKNOWN for time in times] + [f"{number:,}" for number in counts]


def _phases(drills: Iterable[Mapping[str, Any]]) -> str:
    hard = next((drill for drill in drills if drill["name"] == HARD), None)
    parts = phase_by_phase(hard) if hard else []
    if not parts:
        return ""
    whole = max(part.until for part in parts) or 1.0
    rows = "".join(_part(part, whole) for part in parts)
    return (
        '<section class="phases"><div class="head"><h2>The hard failure at 50 %, phase by phase</h2>'
        '<span class="note">seconds from the fault</span></div><div class="table"><table><thead><tr>'
        '<th scope="col">phase</th><th scope="col" class="number">from</th>'
        '<th scope="col" class="number">took</th><th scope="col" class="track"></th>'
        '<th scope="col">what an AWS account adds</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _part(part: Part, whole: float) -> str:
    took = part.until - part.since
    style = f"--from:{100 * part.since / whole:.1f}%;--long:{max(0.5, 100 * took / whole):.1f}%"
    return (
        f'<tr><th scope="row">{shown(part.name)}</th><td class="number">{part.since:.1f}</td>'
        f'<td class="number">{took:.1f}</td>'
        f'<td class="track"><div class="bar ahead" style="{style}"></div></td>'
        f"<td>{shown(part.adds)}</td></tr>"
    )


def _section(
    drill: Mapping[str, Any],
    pair: Pair | None,
    results: Mapping[str, Any],
    before: Mapping[str, Any] | None,
) -> str:
    name = shown(drill["name"])
    complaints = "".join(f'<p class="wrong">{shown(said)}</p>' for said in drill["complaints"])
    spent = spent_by(drill)
    allowed = f" Budget: {shown(str(spent.budget))}." if spent else ""
    if pair and before:
        until = max(length(pair.before), length(drill))
        drawn = (
            '<div class="pair">'
            f"{_run('before', pair.before, before, name, until)}"
            f"{_run('after', drill, results, name, until)}</div>"
        )
    else:
        drawn = _drawn(drill, f"title-{drill['name']}", _WIDE)
    figure = f"<figure><figcaption>{KEYS}</figcaption>{drawn}</figure>" if drawn else ""
    return (
        f'<section class="drill" id="{name}"><div class="head"><h2>{shown(drill["title"])}</h2>'
        f'{_chip(drill)}<span class="note">{name}</span></div>'
        f'<p class="shows">{shown(drill["shows"])}</p>'
        f'<p class="note">At weight {drill["weight"]}. Expected: {shown(drill["expected"])}'
        f"{_person(drill)}.{allowed}</p>{complaints}{_facts(drill)}{figure}{_events(drill)}</section>"
    )


def _run(
    word: str, drill: Mapping[str, Any], results: Mapping[str, Any], name: str, until: float
) -> str:
    drawn = _drawn(drill, f"title-{word}-{name}", _PAIRED, until)
    return f'<div><p class="run"><b>{word}</b>, commit {shown(results["commit"])}</p>{drawn}</div>'


def _drawn(drill: Mapping[str, Any], name: str, width: int, until: float | None = None) -> str:
    """Return the timeline twice: for a wide window, and for a narrow one."""
    wide = timeline(drill, name, width=width, until=until)
    narrow = timeline(drill, f"{name}-narrow", width=_NARROW, until=until)
    return f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>' if wide else ""


def _person(drill: Mapping[str, Any]) -> str:
    return f"; a person {shown(drill['person'])}" if drill["person"] else ""


def _facts(drill: Mapping[str, Any]) -> str:
    if not drill.get("phases"):
        return ""
    facts = zip(_HEAD, _figures(drill), strict=True)
    shown = "".join(
        f"<div><b>{figure}</b>{head}</div>" for head, figure in facts if figure != UNKNOWN
    )
    return f'<div class="facts">{shown}</div>'


def _events(drill: Mapping[str, Any]) -> str:
    events = drill.get("events") or []
    if not events:
        return ""
    zero = drill["fault_at"] or drill["began"]
    rows = "".join(
        f"<tr><td>{event['at'] - zero:+.1f} s</td><td>{shown(event['kind'])}</td>"
        f"<td>{shown(event['what'])}</td></tr>"
        for event in events
    )
    return (
        f"<details><summary>{count(len(events), 'event')}</summary>"
        f'<table class="events"><tbody>{rows}</tbody></table></details>'
    )


def _chip(drill: Mapping[str, Any]) -> str:
    kind, word = ("fail", "failed") if drill["complaints"] else ("pass", "as expected")
    return f'<span class="chip {kind}">{_icon(kind)}{word}</span>'


def _icon(kind: str) -> str:
    return (
        '<svg viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" '
        'stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">'
        f'<circle cx="8" cy="8" r="6.9"/><path d="{_SHAPE[kind]}"/></svg>'
    )
