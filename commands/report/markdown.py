"""report.md: the report in short, as a comment on a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from commands.report.parts import (
    HEADLINE,
    LATENCY_HEAD,
    LOAD_HEAD,
    VERDICT,
    differences,
    headline,
    in_order,
    latency_rows,
    load_rows,
    measured,
    summary,
)
from commands.report.wording import count, duration, estimate, milliseconds, percent, plain
from shared.inference.verdict import Verdict
from shared.readiness.finding import Check, Finding, Report

MOST: Final = 20
"""Rows of a list or table; a comment on GitHub holds 65,536 characters."""
_LONGEST: Final = 180
_MARK: Final = {
    Verdict.PASS: "✅",
    Verdict.FAIL: "❌",
    Verdict.INCONCLUSIVE: "❔",
    None: "\N{HEAVY MINUS SIGN}",
}
_MEANT: Final = re.compile(r"([\\`*_\[\]<>#|~&$])")


def markdown(report: Report) -> str:
    """Return the comment. It depends on the report alone."""
    checks = in_order(report.checks)
    parts = [
        f"## {_mark(report.verdict)} {HEADLINE[report.verdict]}: {text(report.service)}",
        f"**{text(headline(report))}**",
        _checks(checks),
        _against(report.against()),
        _differences(differences(checks)),
        *map(_latency, checks),
        *map(_load, checks),
        *map(_people, checks),
        _details("How it was measured", "\n".join(f"- {text(m, 2000)}" for m in measured(checks))),
        f"old {_code(report.old)}, new {_code(report.new)}, {text(report.started)}, "
        f"in {duration(report.seconds)}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _mark(verdict: Verdict | None) -> str:
    return _MARK[verdict]


def text(words: str, most: int = _LONGEST) -> str:
    """Return words that GitHub shows as they are: no markup, no link, no mention, no issue."""
    # A word joiner after @ and # keeps GitHub from telling a person, or linking an issue.
    return _escaped(words, most).replace("@", "@\u2060").replace(r"\#", "\\#\u2060")


def _code(words: str) -> str:
    """Return words as code; a fence of backticks could not hold every text in a table."""
    return f"<code>{_escaped(words, _LONGEST)}</code>" if words.strip() else ""


def _escaped(words: str, most: int) -> str:
    escaped = _MEANT.sub(r"\\\1", plain(words, most)).replace("://", "&#58;//")
    return re.sub(r"(?i)\b(www)\.", r"\1&#46;", escaped)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], words: int = 1) -> str:
    """Return a table; columns after the first `words` are aligned to the right."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    rule = ["---" if i < words else "---:" for i in range(len(head))]
    return "\n".join([f"| {' | '.join(head)} |", f"| {' | '.join(rule)} |", *lines])


def _details(title: str, inside: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{inside}\n\n</details>" if inside else ""


def _left_out(found: Sequence[object]) -> str:
    more = len(found) - MOST
    return f"\n\n{count(more, 'more is', 'more are')} in report.html" if more > 0 else ""


def _checks(checks: Iterable[Check]) -> str:
    rows = [
        [
            f"{_mark(check.verdict)} {text(check.name)}",
            VERDICT[check.verdict],
            text(summary(check)),
        ]
        for check in checks
    ]
    return _table(("check", "verdict", "findings"), rows, words=3)


def _against(found: Sequence[Finding]) -> str:
    if not found:
        return ""
    lines = [f"- {_mark(f.counts)} {text(f.said)}<br>{_code(f.id)}" for f in found[:MOST]]
    return "### What keeps it from being ready\n\n" + "\n".join(lines) + _left_out(found)


def _differences(found: Sequence[Finding]) -> str:
    rows = [
        [
            f"{_code(f.id)}{f'<br>waived {text(f.waived)}' if f.waived else ''}",
            _code(f.old),
            _code(f.new),
        ]
        for f in found[:MOST]
    ]
    table = _table(("difference", "old", "new"), rows, words=3)
    return f"### Differences\n\n{table}{_left_out(found)}" if rows else ""


def _latency(check: Check) -> str:
    figures = check.figures if check.name == "performance" else {}
    rows = [
        [side, *counts, *map(estimate, estimates)]
        for side, counts, estimates in latency_rows(figures)
    ]
    if not rows:
        return ""
    difference = check.figures.get("difference", {})
    mean, slowdown = (difference.get(k) or [None] for k in ("mean_ms", "slowdown_percent"))
    slower = (
        f"\n\nOn average new takes {milliseconds(mean[0])} more, {percent(slowdown[0])}."
        if mean[0] is not None and mean[0] > 0
        else ""
    )
    table = _table(("response time", *LATENCY_HEAD), rows)
    return f"### Performance\n\n{table}{slower}"


def _load(check: Check) -> str:
    rows = list(load_rows(check.figures)) if check.name == "load" else []
    return f"### Under load\n\n{_table(LOAD_HEAD, rows, words=2)}" if rows else ""


def _people(check: Check) -> str:
    if check.name not in {"attestations", "waivers"} or check.skipped:
        return ""
    lines = [f"- {_mark(f.counts)} {text(f.said)}" for f in check.findings[:MOST]]
    return f"### {check.name.capitalize()}\n\n" + "\n".join(lines) + _left_out(check.findings)
