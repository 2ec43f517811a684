"""One drill drawn over time: who served at both doors each second, what failed, and what happened when.

SVG inside the page: no script, and colours by the page's own classes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from commands.report.plots import Scale
from commands.report.wording import plain

WIDTH: Final = 940
_LEFT: Final = 88
_RIGHT: Final = 14
_DOOR_HEIGHT: Final = {"edge": 120, "dns": 78}
_GAP: Final = 34
_LANE: Final = 17
_ROW: Final = 17
_CHARACTER: Final = 8.0
"""How wide a character of 12.5 px is in bold, with some to spare."""
_AIR: Final = 8.0
_STEP: Final = 5
_BEFORE_SECONDS: Final = 15.0
_STACK: Final = ("old", "new", "failed")
_ONCE: Final = frozenset({"alarm", "called", "told"})
_ROWS: Final = (("alarm", "alarms"), ("called", "function"), ("told", "told"))


@dataclass(frozen=True)
class Mark:
    """A moment to name, in seconds from the fault."""

    at: float
    words: str
    kind: str


@dataclass(frozen=True)
class Placed:
    """A mark with its lane (0 is the lowest), where its line is and where its words begin."""

    mark: Mark
    lane: int
    line: float
    start: float
    width: float


def timeline(result: Mapping[str, Any], name: str) -> str:
    """Return the drawing of one drill; nothing where it was not played. `name` makes its ids its own."""
    if not result.get("series"):
        return ""
    zero = result["fault_at"] or result["began"]
    low = max(result["began"] - zero, -_BEFORE_SECONDS)
    x = Scale(low, result["ended"] - zero, _LEFT, WIDTH - _RIGHT)
    lanes = in_lanes(marks_of(result, zero), x)
    top = 12 + _LANE * (1 + max((placed.lane for placed in lanes), default=0))
    parts: list[str] = []
    y = top
    for door, height in _DOOR_HEIGHT.items():
        parts += _door(result["series"][door], door, x, y, height, result["began"] - zero)
        y += height + _GAP
    bottom = y - _GAP
    below = bottom + 26
    parts += _time_axis(x, bottom)
    for row, (kind, words) in enumerate(_ROWS):
        at = below + 14 + _ROW * row
        parts.append(_text(_LEFT - 8, at + 4, words, "label", "end"))
        parts.append(f'<path class="grid" d="M{_LEFT} {at}H{WIDTH - _RIGHT}"/>')
        parts += _dots(result["events"], kind, zero, x, at)
    parts += _marks(lanes, top, bottom)
    height = below + 14 + _ROW * len(_ROWS)
    title = f"Requests a second by who answered them, around {result['title'].lower()}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}">'
        f'<title id="{name}">{escape(plain(title))}</title>{"".join(parts)}</svg>'
    )


def marks_of(result: Mapping[str, Any], zero: float) -> list[Mark]:
    """Return the moments that the drawing names: the first of each kind, and everything that a person did."""
    marks: list[Mark] = []
    first: set[str] = set()
    for event in result["events"]:
        kind, what = event["kind"], event["what"]
        # The function also hears of alarms that are over: only what follows the fault says anything.
        told_before = kind in _ONCE and (kind in first or event["at"] < zero)
        if kind in {"note", "decided"} or told_before:
            continue
        first.add(kind)
        marks.append(Mark(event["at"] - zero, _named(kind, what), kind))
    return marks


def _named(kind: str, what: str) -> str:
    if kind == "alarm":
        return f"alarm {what.removeprefix('chatmrpt-')}"
    if kind == "called":
        return "function starts"
    if kind == "told":
        return "a person is told"
    if kind in {"edge", "dns"}:
        return f"{kind} {what.rpartition(': ')[2]}"
    return what


def in_lanes(marks: Sequence[Mark], x: Scale) -> list[Placed]:
    """Return each mark with a place for its words, so that no two overlap.

    Words go to the right of their line, to its left near the right edge.
    """
    placed: list[Placed] = []
    for mark in sorted(marks, key=lambda m: m.at):
        width = len(mark.words) * _CHARACTER
        line = x.at(mark.at)
        start = line + 4 if line + 4 + width <= WIDTH else max(0.0, line - 4 - width)
        lane = 0
        while any(_overlaps(other, lane, start, width) for other in placed):
            lane += 1
        placed.append(Placed(mark, lane, line, start, width))
    return placed


def _overlaps(other: Placed, lane: int, start: float, width: float) -> bool:
    return (
        other.lane == lane
        and start < other.start + other.width + _AIR
        and other.start < start + width + _AIR
    )


def _marks(placed: Sequence[Placed], top: float, bottom: float) -> list[str]:
    lines = [
        f'<path class="mark {p.mark.kind}" d="M{p.line:.1f} {top - 17 - _LANE * p.lane:.1f}V{bottom}"/>'
        for p in placed
    ]
    # Words over every line.
    words = [
        _text(p.start, top - 8 - _LANE * p.lane, p.mark.words, f"over named {p.mark.kind}")
        for p in placed
    ]
    return lines + words


def _door(
    series: Mapping[str, Sequence[int]], door: str, x: Scale, y: float, height: float, began: float
) -> Iterable[str]:
    count = len(series["old"])
    total = [sum(series[key][i] for key in _STACK) for i in range(count)]
    most = _STEP * math.ceil(max(max(total, default=1), 1) / _STEP)
    up = Scale(0, most, y + height, y)
    yield _text(8, y + 12, door, "strong")
    for tick in up.ticks(2):
        at = up.at(tick)
        yield f'<path class="grid" d="M{_LEFT} {at:.1f}H{WIDTH - _RIGHT}"/>'
        yield _text(_LEFT - 8, at + 4, f"{tick:g}/s", "label", "end")
    below = [0] * count
    for key in _STACK:
        above = [below[i] + series[key][i] for i in range(count)]
        yield _steps(key, below, above, x, up, began)
        below = above


def _steps(
    key: str, below: Sequence[int], above: Sequence[int], x: Scale, up: Scale, began: float
) -> str:
    """Return an area of one step a second, from `below` to `above`."""
    seconds = [i for i in range(len(above)) if began + i + 1 > x.low and began + i < x.high]
    if not seconds or not any(above[i] > below[i] for i in seconds):
        return ""
    there, back = [], []
    for i in seconds:
        left, right = x.at(began + i), x.at(began + i + 1)
        there.append(f"{left:.1f} {up.at(above[i]):.1f}H{right:.1f}")
        back.append(f"{right:.1f} {up.at(below[i]):.1f}H{left:.1f}")
    path = "M" + "L".join(there) + "L" + "L".join(reversed(back)) + "Z"
    return f'<path class="served {key}" d="{path}"/>'


def _dots(
    events: Iterable[Mapping[str, Any]], kind: str, zero: float, x: Scale, y: float
) -> Iterable[str]:
    for event in events:
        if event["kind"] == kind and x.low <= event["at"] - zero <= x.high:
            said = escape(plain(f"{event['at'] - zero:.1f} s: {event['what']}"))
            yield (
                f'<circle class="dot {kind}" cx="{x.at(event["at"] - zero):.1f}" cy="{y}" r="4">'
                f"<title>{said}</title></circle>"
            )


def _time_axis(x: Scale, bottom: float) -> Iterable[str]:
    yield f'<path class="axis" d="M{_LEFT} {bottom}H{WIDTH - _RIGHT}"/>'
    for tick in x.ticks(9):
        at = x.at(tick)
        yield f'<path class="axis" d="M{at:.1f} {bottom}v5"/>'
        yield _text(at, bottom + 18, f"{tick:g} s", "label", "middle")


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(plain(words))}</text>"
    )
