"""The comment: what a change does, in Markdown as GitHub shows it. What others wrote is shown as it is."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from commands.pipeline.review import Review
from commands.report.wording import count, plain
from shared.pointers import dashboard_of, watch_with
from shared.status.finding import Finding, Kind

MARKER: Final = "<!-- cutover: what this change does -->"
"""By this the comment is found again."""

LONGEST: Final = 65_000
"""A comment on GitHub holds 65,536 characters (the API answers 422 above them)."""

_MOST: Final = 30
_LONGEST_WORDS: Final = 400
_MEANT: Final = re.compile(r"([\\`*_\[\]#|~$!])")


@dataclass(frozen=True)
class Part:
    """What there is to say of one service: the sentence, the review, what `cutover status` found, and, where
    it is so, that the line is stopped and why the service must wait for others."""

    sentence: str
    review: Review
    findings: tuple[Finding, ...] = ()
    stopped: str = ""
    waits: str = ""


def comment(parts: Sequence[Part], foot: Sequence[str] = ()) -> str:
    """Return the comment; empty when nothing changes.

    Parameters
    ----------
    parts : sequence of Part
        One for each service.
    foot : sequence of str
        What is said at the end, like the id of the plan.
    """
    changing = [part for part in parts if not part.review.empty]
    if not changing:
        return ""
    above = [MARKER, "## What this change does"]
    for part in changing:
        above += [block for block in _blocks(part) if block]
    below = "\n".join(f"<sub>{_text(line)}</sub>  " for line in foot)
    room = LONGEST - sum(len(block) + 2 for block in above) - len(below)
    diffs = [_folded(stack, diff) for part in changing for stack, diff in part.review.diffs.items()]
    shown: list[str] = []
    for number, diff in enumerate(diffs):
        if len(diff) + 2 > room - 200:
            left = len(diffs) - number
            shown.append(
                f"{count(left, 'diff is', 'diffs are')} too long to be shown: run `cdk diff`."
            )
            break
        shown.append(diff)
        room -= len(diff) + 2
    return "\n\n".join([*above, *shown, *([below] if below else [])])[:LONGEST] + "\n"


def drift(found: Mapping[str, Sequence[Finding]]) -> str:
    """Return the text of an issue about services of which something disagrees; `found` is by service."""
    lines = [
        f"- {_text(name)}: {_text(finding.says)}"
        for name, findings in found.items()
        for finding in findings
        if finding.kind is not Kind.NOTE
    ]
    head = "What git declares, what CloudFormation holds and what viewers meet disagree:"
    foot = "The next run closes this issue when they agree. At a terminal: `cutover status`."
    return "\n".join([MARKER, head, "", *lines[:_MOST], "", foot, ""])


def _blocks(part: Part) -> Iterable[str]:
    review = part.review
    yield f"**{_text(part.sentence)}**"
    yield _override(review)
    yield _destroys(review)
    if review.rises and part.stopped:
        yield _alert("WARNING", f"{_text(part.stopped)} This rise is refused until then.")
    if review.rises and part.waits:
        yield _alert(
            "WARNING",
            f"It is not the turn of {_text(review.service)}: {_text(part.waits)}. This rise is refused until "
            "then.",
        )
    yield _drift(part.findings)
    yield _weights(review)
    yield _others(review)
    yield _watch(review.service)


def _watch(service: str) -> str:
    dashboard = dashboard_of(quote(service, safe=""))
    return f"Watch it while it is deployed: {_code(watch_with(service))}, or [the dashboard]({dashboard})."


def _override(review: Review) -> str:
    if not review.override:
        return ""
    return _alert("WARNING", f"Readiness, window and steps are skipped by {_text(review.override)}")


def _destroys(review: Review) -> str:
    gone = [other for other in review.others if other.destroys]
    if not gone:
        return ""
    lines = [
        f"- {_text(other.how)}: {_code(other.type)} {_code(other.logical_id)} in {_code(other.stack)}"
        for other in gone[:_MOST]
    ]
    return _alert(
        "CAUTION", "\n".join([f"**This destroys** {count(len(gone), 'resource')}:", *lines])
    )


def _drift(findings: Sequence[Finding]) -> str:
    against = [finding for finding in findings if finding.kind is not Kind.NOTE]
    if not against:
        return ""
    differs = any(finding.kind is Kind.DISAGREES for finding in against)
    head = (
        "**What viewers meet is not what CloudFormation holds.** An apply is refused until they agree:"
        if differs
        else "**It could not be told whether deployed and live agree:**"
    )
    return _alert("WARNING", "\n".join([head, *(f"- {_text(f.says)}" for f in against[:_MOST])]))


def _weights(review: Review) -> str:
    if not review.rows:
        return ""
    rows = [
        [
            _text(row.where),
            _text(row.what),
            _number(row.what, row.before),
            _number(row.what, row.after),
        ]
        for row in review.rows
    ]
    return _table(("where", "what", "before", "after"), rows)


def _others(review: Review) -> str:
    others = [other for other in review.others if not other.destroys]
    if not review.others:
        return "The weights change, and nothing else."
    if not others:
        return ""
    rows = [
        [_text(other.how), _code(other.type), _code(other.logical_id), _code(other.stack)]
        for other in others[:_MOST]
    ]
    more = len(others) - _MOST
    table = _table(("beside the weights", "type", "logical id", "stack"), rows)
    return table + (f"\n\n{count(more, 'more')} in the diff." if more > 0 else "")


def _folded(stack: str, diff: str) -> str:
    inside = "\n".join(plain(line, 2000) for line in diff.splitlines())
    # A fence is closed by a longer one only: what stands inside cannot end it.
    longest = max((len(run) for run in re.findall(r"`+", inside)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"<details><summary>{_in_html(stack)}</summary>\n\n{fence}diff\n{inside}\n{fence}\n\n</details>"


def _number(what: str, number: int | None) -> str:
    if number is None:
        return "-"
    return f"{number} min" if what == "minutes" else f"{number} %"


def _alert(kind: str, text: str) -> str:
    return "\n".join([f"> [!{kind}]", *(f"> {line}" for line in text.splitlines())])


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *lines])


def _text(words: str) -> str:
    """Return words that GitHub shows as they are: no markup, no link, no mention, no issue."""
    # Entities, because they hold inside of HTML as well, where a backslash does not.
    marked = plain(words, _LONGEST_WORDS).replace("&", "&amp;").replace("<", "&lt;")
    escaped = _MEANT.sub(r"\\\1", marked).replace("://", "&#58;//")
    escaped = re.sub(r"(?i)\b(www)\.", r"\1&#46;", escaped)
    # A word joiner after @ and # keeps GitHub from telling a person, or linking an issue.
    return escaped.replace("@", "@\u2060").replace(r"\#", "\\#\u2060")


def _in_html(words: str) -> str:
    """Return words for a line of HTML, in which GitHub reads no Markdown, but does look for people."""
    escaped = html.escape(plain(words, _LONGEST_WORDS), quote=False)
    joined = escaped.replace("@", "@\u2060").replace("#", "#\u2060")
    return joined.replace("://", "&#58;//").replace("www.", "www&#46;")


def _code(words: str) -> str:
    """Return words as code; a fence of backticks could not hold every text in a table."""
    return f"<code>{_text(words)}</code>"
