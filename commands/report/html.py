"""report.html: one page without a script or anything from elsewhere, for the screen and for paper."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from commands.report import plots
from commands.report.parts import (
    HEADLINE,
    LATENCY_HEAD,
    LOAD_HEAD,
    VERDICT,
    differences,
    headline,
    in_order,
    is_waived,
    latency_rows,
    load_rows,
    measured,
    summary,
)
from commands.report.wording import UNKNOWN, count, duration, interval, milliseconds, percent, plain
from shared.inference.verdict import Verdict
from shared.readiness.finding import SCHEMA, Check, Finding, Report
from shared.readiness.spec import SIDES

_STYLE: Final = Path(__file__).with_name("report.css")
_WIDE, _NARROW, _HALF = 940, 360, 460
_KIND: Final = {
    Verdict.PASS: "pass",
    Verdict.FAIL: "fail",
    Verdict.INCONCLUSIVE: "unsure",
    None: "none",
}
_SHAPE: Final = {
    "pass": "M4.5 8.3l2.4 2.4 4.6-5",
    "fail": "M5.3 5.3l5.4 5.4m0-5.4l-5.4 5.4",
    "unsure": "M8 4.4v4.4m0 2.3v.6",
    "none": "M5 8h6",
}
_UNFOLDED: Final = 12
"""How many findings that passed are shown; more are folded away."""
_MARKED: Final = 300
"""Longer texts are not compared word by word, which takes time by the square of their length."""
_SIDE_HEAD: Final = '<th scope="col"><span class="side {0}">{0}</span></th>'


def html(report: Report) -> str:
    """Return the page. It depends on the report alone: the same report gives the same bytes."""
    checks = in_order(report.checks)
    return "".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            # Nothing that a server sent can run or call out, even if it got past the escaping.
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_e(report.service)}: {HEADLINE[report.verdict].lower()}</title>",
            f"<style>{_STYLE.read_text(encoding='utf-8')}</style></head><body><main>",
            _header(report),
            _cards(checks),
            _against(report),
            *(_section(check) for check in checks if not check.skipped),
            _method(checks),
            f"<footer>{_e(SCHEMA)}; the same in report.json and report.md</footer>",
            "</main></body></html>\n",
        ]
    )


def _e(text: str) -> str:
    """Return text that a page may hold, whoever wrote it."""
    return escape(plain(text))


def _header(report: Report) -> str:
    kind = _KIND[report.verdict]
    sides = "".join(
        f'<dt class="side {side}">{side}</dt><dd>{_e(url)}</dd>'
        for side, url in (("old", report.old), ("new", report.new))
    )
    return (
        f'<header class="{kind}"><p class="what">Readiness of {_e(report.service)}, '
        f"{_e(_moment(report.started))}, in {duration(report.seconds)}</p>"
        f"<h1>{_icon(kind)}{HEADLINE[report.verdict]}</h1>"
        f'<p class="said">{_e(headline(report))}</p><dl class="compared">{sides}</dl></header>'
    )


def _moment(started: str) -> str:
    return re.sub(r"^(\S+)T(\d\d:\d\d):.*(Z|\+00:00)$", r"\1 \2 UTC", started)


def _cards(checks: Iterable[Check]) -> str:
    return f'<ul class="cards" aria-label="Checks">{"".join(map(_card, checks))}</ul>'


def _card(check: Check) -> str:
    name = escape(check.name)
    inside = (
        f'<b class="{name}">{name}</b>{_chip(check.verdict)}'
        f'<span class="note">{_e(summary(check))}</span>'
    )
    if check.skipped:
        return f"<li><div>{inside}</div></li>"
    return f'<li><a href="#{name}">{inside}</a></li>'


def _against(report: Report) -> str:
    against = report.against()
    if not against:
        return ""
    waivable = [f for f in against if f.waivable]
    return (
        '<section class="long" id="against"><div class="head">'
        f"<h2>What keeps it from being ready</h2></div>{_list(against)}{_to_waive(waivable)}"
        "</section>"
    )


def _to_waive(findings: Sequence[Finding]) -> str:
    if not findings:
        return ""
    blank = [{"finding": f.id, "by": "", "reason": "", "until": ""} for f in findings]
    lines = escape(json.dumps(blank, indent=2))
    return (
        '<details class="aid"><summary>To waive a difference</summary><p class="note">Put it into '
        "<code>readiness.waivers</code> of the declaration, with who accepts it, why, and until "
        f"which day (2026-12-31).</p><pre>{lines}</pre></details>"
    )


def _section(check: Check) -> str:
    told = _TOLD.get(check.name)
    unlike = differences([check])
    others = [f for f in check.findings if f not in unlike]
    return (
        f'<section class="long" id="{escape(check.name)}"><div class="head">'
        f"<h2>{escape(_TITLE.get(check.name, check.name.capitalize()))}</h2>{_chip(check.verdict)}"
        f'<span class="note">{duration(check.seconds) if check.seconds else ""}</span></div>'
        f"{_differences(unlike)}{_findings(others, check.name)}"
        f"{told(check.figures) if told else ''}</section>"
    )


def _differences(found: Sequence[Finding]) -> str:
    if not found:
        return ""
    return (
        '<div class="table"><table class="differences"><thead><tr><th scope="col">difference</th>'
        f"{_SIDE_HEAD.format('old')}{_SIDE_HEAD.format('new')}</tr></thead>"
        f"<tbody>{''.join(map(_difference, found))}</tbody></table></div>"
    )


def _difference(finding: Finding) -> str:
    old, new = marked(finding.old, finding.new)
    waived = f'<span class="words note">waived {_e(finding.waived)}</span>'
    place = _place(finding)
    return (
        f'<tr><th scope="row">{_chip_of(finding)}<span class="words">{place}</span>'
        f'<code class="id">{_e(finding.id)}</code>{waived if finding.waived else ""}</th>'
        f'<td data-side="old"><code>{old}</code></td><td data-side="new"><code>{new}</code></td></tr>'
    )


def _place(finding: Finding) -> str:
    """Return what a sentence says before it repeats both sides, which are shown beside it."""
    said = finding.said
    for side in (f" is {finding.old} on old", f" {finding.old} on old"):
        if finding.old and side in said:
            said = said.partition(side)[0]
    return _e(said)


def marked(old: str, new: str) -> tuple[str, str]:
    """Return both as HTML, with the words that only one of them has marked as such."""
    sides = [plain(old), plain(new)]
    if max(map(len, sides)) > _MARKED:
        return escape(sides[0]), escape(sides[1])
    words = [re.findall(r"\s+|\w+|[^\w\s]", side) for side in sides]
    shown: tuple[list[str], list[str]] = ([], [])
    matched = difflib.SequenceMatcher(a=words[0], b=words[1], autojunk=False)
    for kind, a, b, c, d in matched.get_opcodes():
        for to, mark, some in ((0, "del", words[0][a:b]), (1, "ins", words[1][c:d])):
            text = escape("".join(some))
            shown[to].append(text if kind == "equal" or not text else f"<{mark}>{text}</{mark}>")
    return "".join(shown[0]), "".join(shown[1])


def _findings(found: Sequence[Finding], check_name: str) -> str:
    # An expired waiver did not pass: its finding counts, and is listed where it was found.
    is_judged = check_name != "waivers"
    passed = [f for f in found if f.verdict is Verdict.PASS]
    if len(passed) <= _UNFOLDED or not is_judged:
        return _list(found, is_judged=is_judged)
    rest = [f for f in found if f.verdict is not Verdict.PASS]
    folded = f"<summary>{count(len(passed), 'finding')} passed</summary>{_list(passed)}"
    return f"{_list(rest)}<details>{folded}</details>"


def _list(found: Sequence[Finding], *, is_judged: bool = True) -> str:
    kind = "findings" if is_judged else "findings bare"
    lines = "".join(_finding(f, _chip_of(f) if is_judged else "") for f in found)
    return f'<ul class="{kind}">{lines}</ul>' if found else ""


def _finding(finding: Finding, chip: str) -> str:
    waived = f" waived {_e(finding.waived)}" if finding.waived else ""
    return (
        f'<li>{chip}<span class="words">{_e(finding.said)}</span>'
        f'<span class="more note"><code class="id">{_e(finding.id)}</code>{waived}</span></li>'
    )


def _chip_of(finding: Finding) -> str:
    if is_waived(finding):
        return f'<span><span class="chip none">{_icon("none")}waived</span></span>'
    return f"<span>{_chip(finding.verdict)}</span>"


def _chip(verdict: Verdict | None) -> str:
    kind = _KIND[verdict]
    return f'<span class="chip {kind}">{_icon(kind)}{VERDICT[verdict]}</span>'


def _icon(kind: str) -> str:
    return (
        '<svg viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor" '
        'stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">'
        f'<circle cx="8" cy="8" r="6.9"/><path d="{_SHAPE[kind]}"/></svg>'
    )


def _performance(figures: Mapping[str, Any]) -> str:
    parts = [_latency_table(figures)]
    marks = [_key("mean", "mean"), _key("p95", "p95")]
    for title, plot, keys in (
        ("Response times of both sides", plots.latency, [*map(_key, SIDES, SIDES), *marks, _LAST]),
        ("Response times by endpoint", plots.endpoints, marks),
    ):
        drawn = _both_widths(plot, figures, title.rpartition(" ")[2])
        parts.append(_figure(title, keys, drawn) if drawn else "")
    return "".join(parts)


def _both_widths(
    plot: Callable[[Mapping[str, Any], int, str], str], figures: Mapping[str, Any], name: str
) -> str:
    return "".join(
        f'<div class="{kind}">{drawn}</div>'
        for kind, width in (("wide", _WIDE), ("narrow", _NARROW))
        if (drawn := plot(figures, width, f"{name}-{kind}"))
    )


def _latency_table(figures: Mapping[str, Any]) -> str:
    rows = [
        [f'<span class="side {side}">{side}</span>', *counts, *map(_estimated, estimates)]
        for side, counts, estimates in latency_rows(figures)
    ]
    slower = _slower(figures.get("difference", {}))
    if slower:
        rows.append(["new against old", "", "", slower, "", "", ""])
    return _table(("side", *LATENCY_HEAD), rows) if rows else ""


def _slower(difference: Mapping[str, Any]) -> str:
    mean, slowdown = difference.get("mean_ms"), difference.get("slowdown_percent")
    told = [_estimated(mean, signed=True)] if mean and mean[0] is not None else []
    if slowdown and slowdown[0] is not None:
        between = interval(slowdown[1], slowdown[2])
        told.append(percent(slowdown[0]) + (_between(between) if between else ""))
    return "<br>".join(told)


def _estimated(estimate: Sequence[float | None] | None, *, signed: bool = False) -> str:
    if not estimate or estimate[0] is None:
        return UNKNOWN
    between = interval(estimate[1], estimate[2])
    sign = "+" if signed and estimate[0] > 0 else ""
    return sign + milliseconds(estimate[0]) + (_between(between) if between else "")


def _between(words: str) -> str:
    return f' <span class="note">({words})</span>'


def _configuration(figures: Mapping[str, Any]) -> str:
    compared = ", ".join(map(str, figures.get("compared", ())))
    return f'<p class="note">Compared: {_e(compared)}.</p>' if compared else ""


def _load(figures: Mapping[str, Any]) -> str:
    drawn = "".join(
        f'<div><span class="side {side}">{side}</span>{plot}</div>'
        for side in SIDES
        if (plot := plots.load(figures, side, _HALF, f"load-{side}"))
    )
    keys = (_key("due", "due"), _key("answered", "answered, p50"), _key("slowest", "p95"))
    title = "While the rate rose, and was held"
    figure = _figure(title, keys, f'<div class="pair">{drawn}</div>') if drawn else ""
    return _load_table(figures) + figure


def _load_table(figures: Mapping[str, Any]) -> str:
    rows = [
        [escape(what), f'<span class="side {side}">{side}</span>', *cells]
        for what, side, *cells in load_rows(figures)
    ]
    return _table(LOAD_HEAD, rows, words=2) if rows else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """Return a table; all but the first `words` columns hold numbers."""
    number = ["" if i < words else ' class="number"' for i in range(len(head))]
    heads = "".join(f'<th scope="col"{n}>{h}</th>' for n, h in zip(number, head, strict=True))
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td{n}>{c}</td>" for n, c in zip(number[1:], row[1:], strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="table figures"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _figure(title: str, keys: Iterable[str], drawn: str) -> str:
    return f"<figure><figcaption><b>{title}</b>{''.join(keys)}</figcaption>{drawn}</figure>"


_LAST: Final = '<span class="key">the last bar holds all slower requests</span>'
_KEYS: Final = {
    "old": '<rect class="area old" x="4" y="1" width="18" height="10"/>'
    '<path class="line old" d="M4 11V1h18v10"/>',
    "new": '<rect class="area new" x="4" y="1" width="18" height="10"/>'
    '<path class="line new" d="M4 11V1h18v10"/>',
    "mean": '<path class="axis" d="M3 6h20M3 3v6M23 3v6"/>'
    '<circle cx="13" cy="6" r="4" fill="currentColor"/>',
    "p95": '<path class="axis" d="M3 6h20M3 3v6M23 3v6"/>'
    '<path class="hollow" stroke="currentColor" d="M13 1l5 5-5 5-5-5z"/>',
    "due": '<path class="due" d="M1 6h24"/>',
    "answered": '<path class="line" stroke="currentColor" d="M1 6h24"/>',
    "slowest": '<path class="thin" stroke="currentColor" d="M1 6h24"/>',
}


def _key(shape: str, words: str) -> str:
    interval_too = " with its 95 % interval" if shape in {"mean", "p95"} else ""
    return (
        f'<span class="key"><svg viewBox="0 0 26 12" aria-hidden="true">{_KEYS[shape]}</svg>'
        f"{words}{interval_too}</span>"
    )


def _method(checks: Sequence[Check]) -> str:
    lines = "".join(f"<li>{_e(line)}</li>" for line in measured(checks))
    return (
        '<section><div class="head"><h2>How it was measured</h2></div>'
        f'<ul class="method">{lines}</ul></section>'
    )


_TITLE: Final = {
    "tls": "TLS",
    "load": "Under load",
    "door": "Through the door",
    "attestations": "What people vouch for",
}
_TOLD: Final[dict[str, Callable[[Mapping[str, Any]], str]]] = {
    "performance": _performance,
    "load": _load,
    "configuration": _configuration,
}
