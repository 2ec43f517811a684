"""One drill drawn over time: who served at both doors each second, what failed, and what happened when.

SVG inside the page: no script, and colours by the page's own classes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
_TICK: Final = 105
"""Pixels from one time of the axis to the next, about."""
_BINS: Final = 900
"""So many steps are drawn at most: of a drill of an hour each is some seconds long."""
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


def timeline(
    result: Mapping[str, Any], name: str, *, width: int = WIDTH, until: float | None = None
) -> str:
    """Return the drawing of one drill; nothing where it was not played.

    Parameters
    ----------
    name : str
        Makes its ids its own.
    width : int
        In pixels.
    until : float or None
        Seconds after the fault to which time goes, where it stands beside another; None: to its own end.
    """
    if not result.get("series"):
        return ""
    zero = zero_of(result)
    low = max(result["began"] - zero, -_BEFORE_SECONDS)
    x = Scale(low, until or length(result), _LEFT, width - _RIGHT)
    lanes = in_lanes(marks_of(result, zero), x, width)
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
        parts.append(f'<path class="grid" d="M{_LEFT} {at}H{x.end:.0f}"/>')
        parts += _dots(result["events"], kind, zero, x, at)
    parts += _marks(lanes, top, bottom)
    height = below + 14 + _ROW * len(_ROWS)
    title = f"Requests a second by who answered them, around {result['title'].lower()}"
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-labelledby="{name}">'
        f'<title id="{name}">{escape(plain(title))}</title>{"".join(parts)}</svg>'
    )


def zero_of(result: Mapping[str, Any]) -> float:
    """Return when the fault was, from which time counts; the beginning where there was none."""
    at: float = result["began"] if result["fault_at"] is None else result["fault_at"]
    return at


def length(result: Mapping[str, Any]) -> float:
    """Return how many seconds after the fault it ended."""
    return float(result["ended"] - zero_of(result))


def marks_of(result: Mapping[str, Any], zero: float) -> list[Mark]:
    """Return the moments that the drawing names: the first of each kind, and everything that a person did."""
    marks: list[Mark] = []
    first: set[str] = set()
    struck = next((e["at"] for e in result["events"] if e["kind"] == "fault"), zero)
    for event in result["events"]:
        kind, what = event["kind"], event["what"]
        # The function also hears of alarms that are over: only what follows the fault says anything.
        told_before = kind in _ONCE and (kind in first or event["at"] < struck)
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


def in_lanes(marks: Sequence[Mark], x: Scale, width: float = WIDTH) -> list[Placed]:
    """Return each mark with a place for its words, so that no two overlap.

    Words go to the right of their line, to its left near the right edge.
    """
    placed: list[Placed] = []
    for mark in sorted((_cut(mark, width) for mark in marks), key=lambda m: m.at):
        long = len(mark.words) * _CHARACTER
        line = x.at(mark.at)
        start = line + 4 if line + 4 + long <= width else max(0.0, line - 4 - long)
        lane = 0
        while any(_overlaps(other, lane, start, long) for other in placed):
            lane += 1
        placed.append(Placed(mark, lane, line, start, long))
    return placed


def _cut(mark: Mark, width: float) -> Mark:
    most = int(width / _CHARACTER)
    return replace(mark, words=f"{mark.words[: most - 1]}…") if len(mark.words) > most else mark


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
    per = math.ceil(len(series["old"]) / _BINS)
    rates = {key: _rates(series[key], per) for key in _STACK}
    count = len(rates["old"])
    total = [sum(rates[key][i] for key in _STACK) for i in range(count)]
    most = _STEP * math.ceil(max(max(total, default=1), 1) / _STEP)
    up = Scale(0, most, y + height, y)
    yield _text(8, y + 12, door, "strong")
    for tick in up.ticks(2):
        at = up.at(tick)
        yield f'<path class="grid" d="M{_LEFT} {at:.1f}H{x.end:.0f}"/>'
        yield _text(_LEFT - 8, at + 4, f"{tick:g}/s", "label", "end")
    below = [0.0] * count
    for key in _STACK:
        above = [below[i] + rates[key][i] for i in range(count)]
        yield _steps(key, below, above, x, up, began, per)
        below = above


def _rates(counts: Sequence[int], per: int) -> list[float]:
    """Return how many there were a second, of each `per` seconds."""
    parts = (counts[i : i + per] for i in range(0, len(counts), per))
    return [sum(part) / len(part) for part in parts]


def _steps(
    key: str,
    below: Sequence[float],
    above: Sequence[float],
    x: Scale,
    up: Scale,
    began: float,
    per: int,
) -> str:
    """Return an area of one step for each `per` seconds, from `below` to `above`."""
    starts = [began + per * i for i in range(len(above))]
    seen = [i for i, start in enumerate(starts) if start + per > x.low and start < x.high]
    if not any(above[i] > below[i] for i in seen):
        return ""
    there, back = [], []
    for i in seen:
        left, right = x.at(starts[i]), x.at(starts[i] + per)
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
    yield f'<path class="axis" d="M{_LEFT} {bottom}H{x.end:.0f}"/>'
    for tick in x.ticks(max(3, round(x.end / _TICK))):
        at = x.at(tick)
        yield f'<path class="axis" d="M{at:.1f} {bottom}v5"/>'
        yield _text(at, bottom + 18, f"{tick:g} s", "label", "middle")


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(plain(words))}</text>"
    )
