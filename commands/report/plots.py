"""The report's plots, as SVG inside a page: no script, and colours by the page's own classes.

Each returns nothing where there is nothing to draw, so that a run that was cut short still has a report.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from commands.report.wording import estimate, interval, milliseconds, percent, plain
from shared.readiness.spec import SIDES

_WIDE: Final = 600
"""From this width on, a value is written beside its mark."""
_CHARACTER: Final = 0.57
"""How wide a character of a sans-serif font is on average, in its own size."""
_FONT: Final = 12.5
_FAR: Final = 2.5
"""A limit this many times the longest time would leave no room for the times: it is written, not drawn."""
_STOPPED: Final = 60
"""How wide the word `stopped` is, and some air."""


@dataclass(frozen=True)
class Scale:
    """The place of a value: `low` to `high` of its own unit onto `start` to `end` of the drawing's."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of `value`, held within the drawing."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self, about: int) -> list[float]:
        """Return a few round values from `low` to `high`."""
        step = round_up((self.high - self.low) / about)
        first = math.ceil(self.low / step - 1e-9)
        return [i * step for i in range(first, math.floor(self.high / step + 1e-9) + 1)]


def round_up(value: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is at least `value` (above 0)."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(f * power for f in (1, 2, 5, 10) if f * power >= value * (1 - 1e-9))


def latency(figures: Mapping[str, Any], width: int, name: str) -> str:
    """Return how both sides' response times are spread, with mean and p95, their intervals and the limits.

    Parameters
    ----------
    figures : mapping
        Of the check of performance (docs/readiness-report.md).
    width : int
        Of the drawing; text keeps its size, so that a narrow one can be read as well.
    name : str
        Makes its ids unlike those of other drawings in the page.
    """
    sides = {s: figures["sides"][s] for s in SIDES if _measured(figures, s)}
    if not sides:
        return ""
    limits = _limits(figures)
    left, right = 80, 152 if width >= _WIDE else 14
    histogram = 210 if width >= _WIDE else 150
    top = 30 + 16 * len(limits)
    rows = [(mark, side) for mark in ("mean", "p95") for side in sides]
    below = top + histogram + 12
    bottom = below + 19 * len(rows) + 6
    x = _times([_longest(side) for side in sides.values()], limits, left, width - right)
    parts = [*_time_axis(x, top, bottom, width), *_limit_lines(limits, x, top, bottom)]
    parts += _histograms(sides, x, top, top + histogram)
    for i, (mark, side) in enumerate(rows):
        y = below + 19 * i + 9
        parts.append(_text(left - 10, y + 4, f"{side} {mark}", "label", "end"))
        parts += _estimate(sides[side][mark], x, y, side, mark)
        if width >= _WIDE:
            parts.append(_text(width - right + 10, y + 4, estimate(sides[side][mark]), "label"))
    means = " and ".join(f"{side} {estimate(sides[side]['mean'])}" for side in sides)
    title = f"Response times of both sides; on average {means}"
    return _svg(name, width, bottom + 38, title, parts)


def endpoints(figures: Mapping[str, Any], width: int, name: str) -> str:
    """Return a line for each endpoint and side with mean and p95 and their intervals.

    Parameters
    ----------
    figures, width, name
        As `latency` has them.
    """
    rows = [e for e in figures.get("endpoints", ()) if any(_known(e.get(s)) for s in SIDES)]
    if not rows:
        return ""
    limits = _limits(figures)
    left, right = 40, 14
    top = 12 + 16 * len(limits)
    height = 58
    bottom = top + height * len(rows) + 4
    longest = [
        max(b for e in (row[s]["mean"], row[s]["p95"]) for b in e if b is not None)
        for row in rows
        for s in SIDES
        if _known(row.get(s))
    ]
    x = _times(longest, limits, left, width - right)
    parts = [*_time_axis(x, top, bottom, width), *_limit_lines(limits, x, top, bottom)]
    for i, row in enumerate(rows):
        y = top + height * i
        slower = _slower(row.get("slowdown_percent"), width)
        fits = int((width - left - right - len(slower) * _FONT * _CHARACTER - 24) / 7.6)
        if i:
            parts.append(_line(left, y + 2, width - right, y + 2, "grid"))
        parts.append(_text(left + 4, y + 17, _cut(plain(str(row["path"])), fits), "path"))
        parts.append(_text(width - right - 4, y + 17, slower, "label over", "end"))
        for side, down in (("old", 30), ("new", 46)):
            parts.append(_text(left - 8, y + down + 4, side, "label", "end"))
            if _known(row.get(side)):
                for mark in ("mean", "p95"):
                    parts += _estimate(row[side][mark], x, y + down, side, mark)
    title = "Mean and 95th percentile of the response time by endpoint and side"
    return _svg(name, width, bottom + 38, title, parts)


def load(figures: Mapping[str, Any], side: str, width: int, name: str) -> str:
    """Return what a side answered while the rate rose, what failed, and how long it took.

    Both sides are drawn on the same scales. What was due after it was stopped is drawn, not answered.

    Parameters
    ----------
    figures : mapping
        Of the check of load (docs/readiness-report.md).
    side : str
        old or new.
    width, name
        As `latency` has them.
    """
    runs = {s: _points(figures, s) for s in SIDES}
    points = runs[side]
    if not points:
        return ""
    every = [p for s in SIDES for p in runs[s]]
    left, right, top = 52, 18, 28
    rate, lane, slow = (top, top + 130), top + 142, (top + 194, top + 314)
    x = Scale(0.0, max(1.0, *(p["at_s"] for p in every)), left, width - right)
    rates = _upwards([p[k] for p in every for k in ("due_rate", "answered_rate")], *rate)
    times = _upwards([p[k] or 0.0 for p in every for k in ("p50_ms", "p95_ms")], *slow)
    parts = [_text(0, 12, "requests a second", "label strong")]
    parts += _value_axis(rates, left, width - right)
    parts.append(_polyline([(x.at(p["at_s"]), rates.at(p["due_rate"])) for p in points], "due"))
    answered = [(x.at(p["at_s"]), rates.at(p["answered_rate"])) for p in _until_stopped(points)]
    parts += [_area(answered, rate[1], side), _polyline(answered, f"line {side}")]
    parts += _failures(points, x, lane, left)
    parts.append(_text(0, slow[0] - 16, "response time, ms", "label strong"))
    parts += _value_axis(times, left, width - right)
    for key, kind in (("p95_ms", "thin"), ("p50_ms", "line")):
        for run in _runs_of(points, key):
            line = [(x.at(p["at_s"]), times.at(p[key])) for p in run]
            parts.append(_polyline(line, f"{kind} {side}"))
    for second in x.ticks(8):
        parts.append(_text(x.at(second), slow[1] + 17, f"{second:g}", "label", "middle"))
    parts.append(_text((left + width - right) / 2, slow[1] + 34, "seconds", "label", "middle"))
    failed = sum(p["failed"] for p in points)
    title = f"Load on {side}: rate due and answered, {failed} failed, and response times"
    return _svg(name, width, slow[1] + 42, title, parts)


def _until_stopped(points: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the points up to the last at which anything was answered or failed; at least one."""
    seen = [i for i, p in enumerate(points) if p["answered_rate"] or p["failed"]]
    return points[: seen[-1] + 1] if seen else points[:1]


def _slower(found: Sequence[float | None] | None, width: int) -> str:
    if not found or found[0] is None:
        return ""
    between = interval(found[1], found[2]) if width >= _WIDE else ""
    return f"new {percent(found[0])}" + (f" ({between})" if between else "")


def _measured(figures: Mapping[str, Any], side: str) -> bool:
    return _known(figures.get("sides", {}).get(side))


def _known(side: Mapping[str, Any] | None) -> bool:
    return bool(side) and side["mean"][0] is not None and side["p95"][0] is not None  # type: ignore[index]


def _longest(side: Mapping[str, Any]) -> float:
    bounds = [b for key in ("mean", "p95", "p99") for b in side.get(key, ()) if b is not None]
    return float(max(bounds))


def _limits(figures: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return each limit by its words; two that are the same are one line."""
    given = figures.get("limits", {})
    average, p95 = given.get("average_ms"), given.get("p95_ms")
    if average is not None and average == p95:
        return [("limit of mean and p95", average)]
    named = [("limit of the mean", average), ("limit of the p95", p95)]
    return [(words, value) for words, value in named if value is not None]


def _times(
    longest: Sequence[float], limits: Sequence[tuple[str, float]], a: float, b: float
) -> Scale:
    """Return a scale from 0 that holds the longest, and each limit that is not far beyond it."""
    near = [value for _, value in limits if value <= _FAR * max(longest)]
    return _held([*longest, *near], 10, 1.08, a, b)


def _upwards(values: Iterable[float], top: float, bottom: float) -> Scale:
    return _held([*values, 1.0], 4, 1.05, bottom, top)


def _held(values: Iterable[float], ticks: int, air: float, start: float, end: float) -> Scale:
    """Return a scale from 0 to the round value above all `values`."""
    reach = max(values) * air
    step = round_up(reach / ticks)
    return Scale(0.0, math.ceil(reach / step) * step, start, end)


def _time_axis(x: Scale, top: float, bottom: float, width: int) -> Iterator[str]:
    for value in x.ticks(10 if width >= _WIDE else 5):
        yield _line(x.at(value), top, x.at(value), bottom, "grid")
        yield _text(x.at(value), bottom + 17, f"{value:g}", "label", "middle")
    yield _line(x.start, bottom, x.end, bottom, "axis")
    yield _text((x.start + x.end) / 2, bottom + 34, "response time, ms", "label", "middle")


def _value_axis(y: Scale, left: float, right: float) -> Iterator[str]:
    for value in y.ticks(4):
        yield _line(left, y.at(value), right, y.at(value), "grid" if value else "axis")
        yield _text(left - 7, y.at(value) + 4, f"{value:,g}", "label", "end")


def _limit_lines(
    limits: Sequence[tuple[str, float]], x: Scale, top: float, bottom: float
) -> Iterator[str]:
    for i, (words, value) in enumerate(limits):
        label = f"{words}: {milliseconds(value)}"
        y = top - 16 * (len(limits) - i) + 5
        if value > x.high:
            yield _text(x.end, y, f"{label} →", "label over", "end")
            continue
        is_late = x.at(value) + 8 + len(label) * _FONT * _CHARACTER > x.end
        yield _line(x.at(value), y - 9, x.at(value), bottom, "limit")
        beside = x.at(value) + (-6 if is_late else 6)
        yield _text(beside, y, label, "label over", "end" if is_late else "start")


def _histograms(sides: Mapping[str, Any], x: Scale, top: float, bottom: float) -> Iterator[str]:
    """Yield both sides' shares of requests by time, on one scale whatever the widths of their bins."""
    found = ((name, _shares(side.get("histogram") or {})) for name, side in sides.items())
    shapes = {name: shares for name, shares in found if shares}
    widths = [b - a for shares in shapes.values() for a, b, _ in shares]
    if not widths:
        return
    unit = round_up(sorted(widths)[len(widths) // 2])
    y = _upwards([s * unit for shares in shapes.values() for _, _, s in shares], top, bottom)
    for value in y.ticks(4):
        yield _line(x.start, y.at(value), x.end, y.at(value), "grid" if value else "axis")
        yield _text(x.start - 7, y.at(value) + 4, f"{value:g} %", "label", "end")
    for side, shares in shapes.items():
        corners = [
            (x.at(edge), y.at(share * unit))
            for a, b, share in shares
            for edge in (a, b)
            if a < x.high
        ]
        yield _area(corners, bottom, side)
        yield _polyline(
            [(corners[0][0], bottom), *corners, (corners[-1][0], bottom)], f"line {side}"
        )
    yield _text(0, 12, f"share of requests in each {unit:g} ms", "label strong")


def _shares(histogram: Mapping[str, Any]) -> list[tuple[float, float, float]]:
    """Return each bar's edges, and its share of all in percent for each millisecond, from the first bar that
    holds any to the last."""
    edges, counts = histogram.get("edges_ms", ()), histogram.get("counts", ())
    total = sum(counts)
    bins = zip(edges, edges[1:], counts, strict=False)
    shares = [(a, b, 100 * n / total / (b - a)) for a, b, n in bins if total and b > a]
    held = [i for i, (_, _, share) in enumerate(shares) if share]
    return shares[held[0] : held[-1] + 1] if held else []


def _estimate(
    estimate: Sequence[float | None], x: Scale, y: float, side: str, mark: str
) -> Iterator[str]:
    """Yield a bar from bound to bound, open where a bound is not known, and a mark at the estimate."""
    middle, low, high = estimate
    if middle is None:
        return
    for bound in (low, high):
        if bound is not None:
            yield _line(x.at(middle), y, x.at(bound), y, f"bar {side}")
            yield _line(x.at(bound), y - 4, x.at(bound), y + 4, f"bar {side}")
    here = x.at(middle)
    if mark == "mean":
        yield f'<circle class="dot {side}" cx="{here:.1f}" cy="{y:.1f}" r="4.5"/>'
    else:
        corners = f"M{here:.1f} {y - 5.5:.1f}l5.5 5.5-5.5 5.5-5.5-5.5z"
        yield f'<path class="hollow {side}" d="{corners}"/>'


def _points(figures: Mapping[str, Any], side: str) -> list[Mapping[str, Any]]:
    run = figures.get("sides", {}).get(side) or {}
    return list((run.get("open") or {}).get("points") or ())


def _runs_of(points: Sequence[Mapping[str, Any]], key: str) -> Iterator[list[Mapping[str, Any]]]:
    """Yield the stretches of points that have a value, so that no line is drawn where none was seen."""
    run: list[Mapping[str, Any]] = []
    for point in [*points, {key: None}]:
        if point[key] is not None:
            run.append(point)
        elif run:
            yield run
            run = []


def _failures(
    points: Sequence[Mapping[str, Any]], x: Scale, y: float, left: float
) -> Iterator[str]:
    """Yield a lane that tells how many requests failed in each moment, and where it was stopped for it."""
    yield _text(left - 7, y + 13, "failed", "label", "end")
    failed = [p for p in points if p["failed"]]
    if not failed:
        yield _text(left + 4, y + 13, "none", "label")
    gap = (x.end - x.start) / max(1, len(points) - 1)
    for point in failed:
        here = x.at(point["at_s"])
        words = str(point["failed"])
        if gap >= len(words) * 7 + 3:
            yield _text(here, y + 13, words, "label failed", "middle")
        else:
            yield f'<path class="cross" d="M{here - 3:.1f} {y + 5:.1f}l6 6m0-6l-6 6"/>'
    after = len(_until_stopped(points))
    if failed and after < len(points) and (len(points) - after) * gap > _STOPPED:
        yield _text(x.at(points[after]["at_s"]), y + 13, "stopped", "label")


def _svg(name: str, width: int, height: float, title: str, parts: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-labelledby="{name}">'
        f'<title id="{name}">{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: str, kind: str, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}"'
    return f'<text class="{kind}" {place} text-anchor="{anchor}">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line class="{kind}" {ends}/>'


def _polyline(points: Sequence[tuple[float, float]], kind: str) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline class="{kind}" points="{places}"/>'


def _area(points: Sequence[tuple[float, float]], bottom: float, side: str) -> str:
    closed = [(points[0][0], bottom), *points, (points[-1][0], bottom)]
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in closed)
    return f'<polygon class="area {side}" points="{places}"/>'


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: max(1, most - 1)] + "…"
