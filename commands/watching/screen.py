"""The view in a terminal: from what is known, lines that fit the window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.cells import cell_len

from commands.watching import words
from commands.watching.state import Watched
from shared.shown import shown
from shared.status.standing import Unread

_LABEL: Final = 9
_NARROW: Final = 24
"""Below this width a label beside its text would leave no room for the text."""
_LONGEST: Final = 400
_HELP: Final = "Ctrl-C ends this view, and nothing else."


@dataclass(frozen=True)
class Line:
    """One line of the view, and how it stands out: good, bad, dim, or not at all."""

    text: str
    stress: str = ""


def screen(watched: Watched, now: datetime, width: int, height: int) -> list[Line]:
    """Return at most `height` lines, none of them wider than `width` cells and none with a control character,
    whatever people and AWS wrote. The alarms come last, the worst first."""
    lines = [line for row in _rows(watched, now) for line in _laid_out(row, max(1, width))]
    if len(lines) <= height:
        return lines
    kept = max(0, height - 1)
    left = Line(f"and {len(lines) - kept} more lines", "dim")
    return [*lines[:kept], *_laid_out(_Row("", [left.text], "dim"), max(1, width))[:1]][:height]


@dataclass(frozen=True)
class _Row:
    label: str
    texts: Sequence[str]
    stress: str = ""


def _rows(watched: Watched, now: datetime) -> Iterator[_Row]:
    standing = watched.standing
    deploy = watched.deploy
    failed = not isinstance(deploy, Unread) and (deploy.failure or deploy.step == "put back")
    yield _Row("", [f"{watched.service}  {now:%H:%M:%S} UTC"], "title")
    yield _Row("deploy", words.of_deploy(watched, now), "bad" if failed else "")
    yield _Row("weight", words.of_weights(standing))
    yield _Row("switch", words.of_switch(standing), "bad" if standing.thrown else "")
    if muted := words.of_mute(standing):
        yield _Row("MUTED", [muted], "bad")
    if watch := words.of_watch(watched.watch):
        yield _Row("watch", watch)
    if stopped := words.of_line(standing):
        yield _Row("LINE", [stopped], "bad")
    yield _Row("share", [words.of_share(standing)])
    for side in ("old", "new"):
        yield _Row(side, [words.of_side(watched, side)])
    judged = words.of_judge(standing)
    yield _Row("judge", [judged], {"F": "bad", "P": "good"}.get(judged[:1], ""))
    if sentinel := words.of_sentinel(watched.alarms):
        yield _Row("sentinel", [sentinel], "bad" if "ALARM" in sentinel else "good")
    yield _Row("alarms", [words.of_alarms(watched.alarms)])
    if not isinstance(watched.alarms, Unread):
        order = words.WORST_FIRST
        for alarm in sorted(
            watched.alarms, key=lambda one: (order.index(one.state.value), one.name)
        ):
            stress = {"ALARM": "bad", "OK": "good"}.get(alarm.state.value, "dim")
            yield _Row("", [f"  {words.of_alarm(alarm, watched.service)}"], stress)
    yield _Row("", [_HELP], "dim")


def _laid_out(row: _Row, width: int) -> list[Line]:
    lines = []
    for text in row.texts:
        said = shown(text, _LONGEST)
        if not row.label:
            lines += _wrapped(said, width)
        elif width < _NARROW:
            lines += _wrapped(f"{row.label}: {said}", width)
        else:
            label = row.label if not lines else ""
            first, *rest = _wrapped(said, width - _LABEL)
            lines.append(f"{label:<{_LABEL}}{first}")
            lines += [" " * _LABEL + part for part in rest]
    return [Line(line, row.stress) for line in lines]


def _wrapped(text: str, width: int) -> list[str]:
    """Return `text` in lines of at most `width` cells, broken at blanks where there are any."""
    indent = text[: len(text) - len(text.lstrip(" "))][: width // 2]
    lines: list[str] = []
    line = indent
    for word in text.split():
        for part in _parts(word, width - len(indent)):
            together = line + part if line == indent else f"{line} {part}"
            if cell_len(together) <= width:
                line = together
            else:
                lines.append(line)
                line = indent + part
    return [*lines, line]


def _parts(word: str, width: int) -> Iterator[str]:
    """Yield `word` in parts of at most `width` cells; a character that is wider alone becomes a ?."""
    part = ""
    for character in word:
        fits = character if cell_len(character) <= width else "?"
        if cell_len(part + fits) > width:
            yield part
            part = ""
        part += fits
    if part:
        yield part
