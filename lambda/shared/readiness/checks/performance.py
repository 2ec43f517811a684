"""Performance: how fast both sides answer, asked in turn, and whether new is fast enough."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from shared.inference.difference import difference_interval, ratio_interval
from shared.inference.quantiles import quantile, quantile_interval
from shared.inference.student import LEAST, Interval, mean_interval
from shared.inference.verdict import Verdict, at_most
from shared.readiness.finding import Check, Finding, check
from shared.readiness.http.fetch import Client, FetchError
from shared.readiness.spec import Endpoint, Latency

_AT_ONCE: Final = 6
_AT_ONCE_EACH: Final = 2
"""In flight in all, and for each endpoint: enough to be quick, far from a load."""
_WARM_UP: Final = 3
_IN_A_ROW: Final = 3
"""After this many failures in a row a side is not asked again: each may take the whole time limit."""
_BARS: Final = 30
_P95_FROM: Final = 72
"""Values from which a 95th percentile has an upper bound (inference.quantiles)."""
_LIKELY: Final = 2.0
"""With this many times the sample whose interval would just end at the limit, four of five runs can tell."""
_WORTH_WHILE: Final = 10_000
_NORMAL: Final = 1.96
_LEAST_MS: Final = 0.1
"""An answer takes this long at least, whatever is taken off."""

Samples = Mapping[str, Sequence[float]]
"""Milliseconds by the endpoint's path, in the order in which they were taken."""
Job = TypeVar("Job")


class _Stopped(Exception):  # noqa: N818 - no error: there is no sense in asking on
    """A side fails and fails."""


@dataclass
class _Side:
    """One side and what it has answered so far."""

    client: Client
    name: str
    asked: int = 0
    failed: int = 0
    in_a_row: int = 0
    first: str = ""
    last: str = ""
    samples: dict[str, list[float]] = field(default_factory=dict)

    async def time(self, endpoint: Endpoint) -> float | None:
        """Return the milliseconds of an answer, or None when there is none.

        Raises
        ------
        _Stopped
            When it has failed too often in a row.
        """
        self.asked += 1
        try:
            seconds = await self.client.time(endpoint.path, endpoint.status)
        except FetchError as error:
            self.failed += 1
            self.in_a_row += 1
            self.last = f"{endpoint.path}: {error}"
            self.first = self.first or self.last
            if self.in_a_row >= _IN_A_ROW:
                raise _Stopped from error
            return None
        self.in_a_row = 0
        return 1000 * seconds


async def performance(
    old: Client,
    new: Client,
    endpoints: Sequence[Endpoint],
    latency: Latency,
    progress: Callable[[float], None],
    away: tuple[float, float] | None = None,
) -> Check:
    """Measure both sides and return how fast they are, and whether new is fast enough.

    Where they are in two regions, `away` is how many seconds it takes to old and back, and to new and back:
    that is taken off, because from here one of them would be slower whatever it does.

    Each endpoint is asked `latency.samples` times on each side, old and new in turn and every second time
    the other way round, so that what drifts meanwhile hits both alike. At most six requests are in flight.
    A side that fails three times in a row ends it.
    """
    sides = (_Side(old, "old"), _Side(new, "new"))
    distances = (0.0, 0.0) if away is None else (1000 * away[0], 1000 * away[1])
    at_once = min(_AT_ONCE, _AT_ONCE_EACH * len(endpoints))
    pairs = [(i, endpoint) for i in range(latency.samples) for endpoint in endpoints]
    done = 0

    async def warm(job: tuple[_Side, Endpoint]) -> None:
        side, endpoint = job
        await side.time(endpoint)

    async def pair(job: tuple[int, Endpoint]) -> None:
        nonlocal done
        i, endpoint = job
        taken = [await side.time(endpoint) for side in (sides[::-1] if i % 2 else sides)]
        before, after = taken[::-1] if i % 2 else taken
        if before is not None and after is not None:
            for side, value, off in zip(sides, (before, after), distances, strict=True):
                own = value if away is None else max(_LEAST_MS, value - off)
                side.samples.setdefault(endpoint.path, []).append(own)
        done += 1
        progress(done / len(pairs))

    stopped = ""
    try:
        warm_up = ((side, one) for side in sides for _ in range(_WARM_UP) for one in endpoints)
        await _spread(warm, warm_up, at_once)
        for side in sides:
            side.asked = side.failed = 0
            side.first = ""
        await _spread(pair, pairs, at_once)
    except* _Stopped:
        stopped = f"stopped after {done} of {len(pairs)} pairs of requests"
        progress(1.0)
    findings, figures = judge(sides[0].samples, sides[1].samples, latency)
    for side in sides:
        figures["sides"][side.name]["failed"] = side.failed
    # What was seen until it stopped is shown, not judged.
    found = [_answered(side, stopped) for side in sides] + ([] if stopped else findings)
    if away is not None:
        said = (
            f"old is {_number(distances[0])} ms away from here and new {_number(distances[1])} ms, there and "
            "back: that is taken off every answer, because they are in two regions"
        )
        found.append(Finding("performance:distance", Verdict.PASS, said))
    return check("performance", found, warm_up=_WARM_UP * len(endpoints), **figures)


async def _spread(
    work: Callable[[Job], Awaitable[None]], jobs: Iterable[Job], at_once: int
) -> None:
    left = iter(jobs)

    async def worker() -> None:
        for job in left:
            await work(job)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(worker())


def _answered(side: _Side, stopped: str) -> Finding:
    place = f"performance:{side.name}:answered"
    if side.in_a_row >= _IN_A_ROW:
        said = f"{side.name} failed {_IN_A_ROW} times in a row: measuring {stopped}; {side.last}"
        return Finding(place, Verdict.FAIL, said)
    if side.failed:
        said = (
            f"{side.failed} of {side.asked} requests failed on {side.name}, the first {side.first}"
        )
        return Finding(place, Verdict.FAIL, said)
    if stopped:
        said = f"{side.name} answered until measuring {stopped}"
        return Finding(place, Verdict.INCONCLUSIVE, said)
    return Finding(place, Verdict.PASS, f"{side.name} answered all {side.asked} requests")


def judge(old: Samples, new: Samples, latency: Latency) -> tuple[list[Finding], dict[str, Any]]:
    """Return whether new is fast enough, and the figures, from what was measured and nothing else.

    The i-th value of an endpoint on old and the i-th on new were taken together, and there are as many. A
    verdict is PASS when the whole interval is within the limit, FAIL when the whole is above it. Each
    endpoint counts alike. docs/readiness-statistics.md says how often each is wrong.
    """
    figures = _figures(old, new, latency)
    each = min(map(len, new.values()), default=0)
    if not each:
        said = "no pair of requests was answered on both sides"
        names = ("average", "p95", "slowdown")
        return [Finding(f"performance:{n}", Verdict.INCONCLUSIVE, said) for n in names], figures
    pooled = _pooled(new)
    mean, p95, slower = intervals(old, new)
    return [
        _within_ms(
            "average",
            "new answers in {} ms on average",
            mean,
            latency.average_ms,
            each,
            _enough_for_mean(mean, latency.average_ms, each, len(pooled)),
        ),
        _within_ms(
            "p95",
            "new answers 95 of 100 requests within {} ms",
            p95,
            latency.p95_ms,
            each,
            _enough_for_p95(pooled, latency.p95_ms, each),
        ),
        _slowdown(slower, latency.slowdown_percent, each, len(pooled), _slowest(old, new, latency)),
    ], figures


def intervals(old: Samples, new: Samples) -> tuple[Interval, Interval, Interval]:
    """Return new's mean and 95th percentile in ms, and its slowdown in %; there must be samples."""
    after = list(new.values())
    return (
        mean_interval(*after),
        quantile_interval(_pooled(new), 0.95),
        _percent(ratio_interval(list(old.values()), after)),
    )


def _within_ms(
    name: str, form: str, found: Interval, limit: float, each: int, enough: float
) -> Finding:
    said = form.format(_number(found.estimate)) + _bounds(found)
    said += f"; the limit is {_number(limit)} ms"
    verdict = at_most(found, limit)
    if verdict is Verdict.FAIL:
        said += f": {_number(found.estimate - limit)} ms too slow"
    elif verdict is Verdict.INCONCLUSIVE:
        said += f": {_unsure(found, limit, each, enough)}"
    return Finding(f"performance:{name}", verdict, said)


def _slowdown(found: Interval, limit: float, each: int, pooled: int, slowest: str) -> Finding:
    bounds = [bound for bound in (found.low, found.high) if bound is not None]
    if found.estimate >= 0:
        said = f"new is {found.estimate:.1f} % slower than old"
    else:
        said = f"new is {-found.estimate:.1f} % faster than old"
    if bounds:
        said += " ({:+.1f} to {:+.1f} %)".format(*bounds)
    said += f"; the limit is {limit:g} % slower"
    verdict = at_most(found, limit)
    if verdict is Verdict.FAIL:
        said += f": {found.estimate - limit:.1f} points too slow"
    elif verdict is Verdict.INCONCLUSIVE:
        enough = _enough_for_mean(found, limit, each, pooled)
        said += f": {_unsure(found, limit, each, enough)}"
    return Finding("performance:slowdown", verdict, said + slowest)


def _slowest(old: Samples, new: Samples, latency: Latency) -> str:
    """Return which endpoint is slowed down most, where it alone would fail: the average may hide it."""
    if len(new) == 1:
        return ""
    slowed = {path: _percent(ratio_interval([old[path]], [new[path]])) for path in new}
    path, found = max(slowed.items(), key=lambda one: one[1].estimate)
    if at_most(found, latency.slowdown_percent) is not Verdict.FAIL:
        return ""
    return f"; the most at {path}: {found.estimate:.1f} %"


def _unsure(found: Interval, limit: float, each: int, enough: float) -> str:
    is_within = found.estimate <= limit
    where = "the estimate is within the limit" if is_within else "the estimate is above the limit"
    samples = "1 sample" if each == 1 else f"{each} samples"
    if (found.high if is_within else found.low) is None:
        told = f"at least {_round_up(enough)} are needed"
    elif enough <= _WORTH_WHILE:
        told = f"about {_round_up(enough)} would"
    else:
        told = f"it is so close that even {_WORTH_WHILE} might not"
    return f"{where}, but {samples} for each endpoint cannot tell; {told}"


def _enough_for_mean(found: Interval, limit: float, each: int, pooled: int) -> float:
    """Return how many samples for each endpoint would tell a mean, or a ratio, from `limit`."""
    bound = found.high if found.estimate <= limit else found.low
    if bound is None:
        return max(2.0, LEAST / pooled * each)
    distance = abs(limit - found.estimate)
    return each * _LIKELY * ((bound - found.estimate) / distance) ** 2 if distance else math.inf


def _enough_for_p95(pooled: Sequence[float], limit: float, each: int) -> float:
    """Return how many samples for each endpoint would tell a 95th percentile from `limit`."""
    above = sum(1 for value in pooled if value > limit) / len(pooled)
    least: float = _P95_FROM
    if above:
        distance = abs(above - 0.05)
        spread = 0.05 * 0.95 * _NORMAL**2
        least = max(least, _LIKELY * spread / distance**2 if distance else math.inf)
    return least / len(pooled) * each


def _figures(old: Samples, new: Samples, latency: Latency) -> dict[str, Any]:
    pooled = {"old": _pooled(old), "new": _pooled(new)}
    edges = _edges([*pooled["old"], *pooled["new"]])
    before, after = list(old.values()), list(new.values())
    some = bool(pooled["new"])
    return {
        "samples": len(pooled["new"]),
        "limits": {
            "average_ms": latency.average_ms,
            "p95_ms": latency.p95_ms,
            "slowdown_percent": latency.slowdown_percent,
        },
        "sides": {
            name: {
                "count": len(pooled[name]),
                "failed": 0,
                "mean": _estimate(mean_interval(*strata) if some else None),
                **{
                    f"p{percent}": _estimate(
                        quantile_interval(pooled[name], percent / 100) if some else None
                    )
                    for percent in (50, 95, 99)
                },
                "histogram": {"edges_ms": edges, "counts": _counts(pooled[name], edges)},
            }
            for name, strata in (("old", before), ("new", after))
        },
        "difference": {
            "mean_ms": _estimate(difference_interval(before, after) if some else None),
            "slowdown_percent": _estimate(
                _percent(ratio_interval(before, after)) if some else None
            ),
        },
        "endpoints": [
            {
                "path": path,
                "old": _endpoint(old[path]),
                "new": _endpoint(new[path]),
                "slowdown_percent": _estimate(_percent(ratio_interval([old[path]], [new[path]]))),
            }
            for path in new
        ],
    }


def _endpoint(values: Sequence[float]) -> dict[str, Any]:
    return {
        "count": len(values),
        "mean": _estimate(mean_interval(values)),
        "p95": _estimate(quantile_interval(values, 0.95)),
    }


def _edges(values: Sequence[float]) -> list[float]:
    """Return the edges of the bars, all as wide, up to the 99th percentile of both sides."""
    if not values:
        return []
    ordered = sorted(values)
    low, high = ordered[0], quantile(ordered, 0.99)
    # Edges are told to a thousandth of a millisecond, and must differ.
    width = max((high - low) / _BARS, 0.001) if high > low else 1.0
    return [round(low + i * width, 3) for i in range(_BARS + 1)]


def _counts(values: Sequence[float], edges: Sequence[float]) -> list[int]:
    """Return how many values each bar holds; the last holds the slower ones too."""
    counts = [0] * (len(edges) - 1 if edges else 0)
    for value in values:
        place = int((value - edges[0]) / (edges[1] - edges[0]))
        counts[min(max(place, 0), len(counts) - 1)] += 1
    return counts


def _pooled(samples: Samples) -> list[float]:
    return [value for values in samples.values() for value in values]


def _percent(ratio: Interval) -> Interval:
    estimate, low, high = (
        None if value is None else 100 * (value - 1)
        for value in (ratio.estimate, ratio.low, ratio.high)
    )
    assert estimate is not None
    return Interval(estimate, low, high)


def _estimate(found: Interval | None) -> list[float | None]:
    if found is None:
        return [None, None, None]
    return [
        None if value is None else round(value, 3)
        for value in (found.estimate, found.low, found.high)
    ]


def _bounds(found: Interval) -> str:
    if found.low is None:
        return "" if found.high is None else f" (up to {_number(found.high)})"
    high = "more" if found.high is None else _number(found.high)
    return f" ({_number(found.low)} {'or' if found.high is None else 'to'} {high})"


def _number(ms: float) -> str:
    return f"{ms:.1f}" if abs(ms) < 10 and ms != round(ms) else f"{ms:.0f}"  # noqa: PLR2004


def _round_up(count: float) -> int:
    """Return `count` with two digits that count, never fewer."""
    unit = 10 ** max(0, math.floor(math.log10(count)) - 1) if count >= 1 else 1
    return math.ceil(count / unit) * unit
