"""How often the judge is wrong in a day, and how soon it is right: beside Kayenta's and Flagger's rules.

    .venv/bin/python benchmarks/judge_simulation.py

prints the tables of docs/judge.md, the same each time; with --only and few --seeds in minutes. --judge-only
leaves the peers out. The judge is the deployed code. The peers' rules are written here from their sources,
named at each, and see the same minutes.
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

import judge.latency
from judge.compare import compare
from judge.errors import FLOOR, RATIO, Said, Source, bets
from judge.latency import bounds, slowed
from judge.minutes import RECENT, Minute
from judge.rules import Rules
from judge.verdict_on_classes import judge_classes
from judge.verdict_on_errors import judge_errors
from judge.verdict_on_latency import judge_latency
from judge.viewers import Told, Viewers
from shared.inference import ranks
from shared.inference.proportions import proportion_interval
from shared.inference.verdict import Verdict
from shared.inference.watch import stake
from shared.probes import NO_PROBES, Probes

# Each look compares the same minutes again: a simulated day is the shorter for remembering them.
ranks.superiority = judge.latency.superiority = lru_cache(10_000)(ranks.superiority)  # type: ignore[attr-defined]

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

DAY = 24 * 60
_SLOW_SHARE = 0.005
_BRENT_TOLERANCE = 1e-4
FLAGGER_ALLOWS = {"error_percent": 1.0, "p99_ms": 500.0}
FLAGGER_THRESHOLD = 10

FIRST_HOURS = 120

LOOKBACK = 10
MEMORY = 6 * 60
MINIMUM_REQUESTS = 50
FALSE_ALARMS = 0.1
_MEASURED_EACH = 10
"""Minutes after which the simulation measures again how restless errors are; the judge does each minute."""
MORE_4XX_POINTS = 2.0
MORE_3XX_POINTS = 5.0

PROBES = Probes(about=90, at_most=120)
"""Of one endpoint, probed each 10 s."""
_PROBE_SECONDS = 0.02


@dataclass(frozen=True)
class World:
    """A service of two sides, and what befalls new.

    Both sides share a daily wave in traffic (half up and down) and latency (a fifth), and a noise from
    minute to minute. Each side also has a noise of its own: errors by a gamma factor with a coefficient of
    variation of 0.3, latency by a factor of 5 % that fades over minutes (autocorrelation 0.5), and
    `bad_minutes` a day with 5 % errors more and latency tripled.

    Probes come on top, as many to either side: about 90 a minute, answered in 20 ms where users' requests
    take 100. They fail as often as users' requests do, but what befalls new does not touch them.

    Of the users' requests `usual_4xx` are answered with 4xx and a tenth with 3xx, on both sides, with a noise
    from minute to minute that both share (coefficient of variation 0.5; of 3xx 0.2) and one of each side's
    own (0.3; of 3xx 0.1). From the onset on, new refuses `more_4xx` of its requests in place of 2xx. `scans`
    a day on each side alone last five minutes, with 120 requests a minute for what is not there. Where it is
    not `timed`, the judge sees no response times.
    """

    rate: float
    weight: float
    error_rate: float = 0.001
    new_error_rate: float | None = None
    slower: float = 1.0
    allowed_percent: float = 25.0
    minutes: int = DAY
    onset: int = 0
    bad_minutes: float = 6.0
    usual_4xx: float = 0.02
    more_4xx: float = 0.0
    scans: float = 0.0
    timed: bool = True


@dataclass(frozen=True)
class Side:
    """One side's minutes as the judge sees them, by its load balancer and by the edge's log (viewers), and as
    the peers' metrics would tell them."""

    minutes: list[Minute]
    viewers: list[Minute]
    error_percent: Array
    mean_ms: Array
    p99_ms: Array


def live(world: World, seed: Sequence[int]) -> tuple[Side, Side]:
    """Return old and new through all minutes of `world`."""
    rng = np.random.default_rng(seed)
    wave = np.sin(2 * np.pi * (np.arange(world.minutes) / DAY + rng.random()))
    rate = world.rate * (1 + 0.5 * wave) * rng.lognormal(0, 0.1, world.minutes)
    errors = _gamma(rng, 0.5, world.minutes)
    latency = (1 + 0.2 * wave) * rng.lognormal(0, 0.05, world.minutes)
    after = np.arange(world.minutes) >= world.onset
    new_rate = world.error_rate if world.new_error_rate is None else world.new_error_rate
    old = _side(
        rng,
        rate * (1 - world.weight),
        world.error_rate * errors,
        latency,
        slowed(world.allowed_percent),
        world,
    )
    new = _side(
        rng,
        rate * world.weight,
        np.where(after, new_rate, world.error_rate) * errors,
        latency * np.where(after, world.slower, 1.0),
        bounds(),
        world,
        of_probes=(world.error_rate * errors, latency),
    )
    # With numbers of their own, so that errors and latency are what they were before classes were compared.
    more = np.where(after, world.more_4xx, 0.0)
    shared = np.random.default_rng([*seed, _CLASSES])
    noise = _gamma(shared, 0.5, world.minutes), _gamma(shared, 0.2, world.minutes)
    return (
        _classed(shared, old, noise, np.zeros(world.minutes), world),
        _classed(shared, new, noise, more, world),
    )


_CLASSES = 4
_USUAL_3XX = 0.1
_SCAN_MINUTES, _SCAN_REQUESTS = 5, 120


def _classed(
    rng: np.random.Generator,
    side: Side,
    noise: tuple[Array, Array],
    more: Array,
    world: World,
) -> Side:
    """Return the side with its answers told by class."""
    n = world.minutes
    of_4xx = np.clip(world.usual_4xx * noise[0] * _gamma(rng, 0.3, n), 0, 0.9)
    of_3xx = np.clip(_USUAL_3XX * noise[1] * _gamma(rng, 0.1, n), 0, 1)
    starts = rng.random(n) < world.scans / DAY
    scanned = np.convolve(starts, np.ones(_SCAN_MINUTES))[:n] > 0
    minutes, viewers = [], []
    for minute, (count, by_log) in enumerate(zip(side.minutes, side.viewers, strict=True)):
        users = max(0, count.requests - count.errors - PROBES.about)
        refused = rng.binomial(users, of_4xx[minute])
        redirected = rng.binomial(users - refused, of_3xx[minute])
        refused += rng.binomial(users - refused - redirected, more[minute])
        scan = rng.poisson(_SCAN_REQUESTS) if scanned[minute] else 0
        minutes.append(
            replace(
                count,
                times=count.times if world.timed else (),
                requests=int(count.requests + scan),
                succeeded=int(count.requests - count.errors - refused - redirected),
                redirected=int(redirected),
                refused=int(refused + scan),
            )
        )
        met = min(int(refused), by_log.requests - by_log.errors) + scan
        viewers.append(
            replace(
                by_log,
                requests=int(by_log.requests + scan),
                succeeded=int(by_log.requests + scan - by_log.errors - met),
                refused=int(met),
            )
        )
    return replace(side, minutes=minutes, viewers=viewers)


def _side(
    rng: np.random.Generator,
    rate: Array,
    error_rate: Array,
    latency: Array,
    upper: Sequence[float],
    world: World,
    of_probes: tuple[Array, Array] | None = None,
) -> Side:
    """Return one side; `of_probes` are its probes' error rate and latency, where they differ."""
    n = len(rate)
    bad = rng.random(n) < world.bad_minutes / DAY
    probe_errors, probe_latency = of_probes or (error_rate, latency)
    unrest = _gamma(rng, 0.3, n)
    error_rate, probe_errors = (r * unrest + 0.05 * bad for r in (error_rate, probe_errors))
    own = np.zeros(n)
    for minute in range(n):
        before = own[minute - 1] if minute else 0.0
        own[minute] = 0.5 * before + rng.normal(0, 0.05 * np.sqrt(0.75))
    slow = np.exp(own) * np.where(bad, 3.0, 1.0)
    users = rng.poisson(rate)
    # Checkers keep their own time: in a minute there are a few more or fewer.
    probes = np.rint(rng.normal(PROBES.about, 2, n)).astype(int)
    requests = users + probes
    lost = rng.binomial(users, np.clip(error_rate, 0, 1))
    failed = lost + rng.binomial(probes, np.clip(probe_errors, 0, 1))
    edges = np.array([0.0, *upper, np.inf])
    minutes, mean, p99 = [], np.full(n, np.nan), np.full(n, np.nan)
    for minute in range(n):
        # 100 ms in the middle, a factor of 1.6 around it, and one request in 200 five times slower.
        times = 0.1 * latency[minute] * rng.lognormal(0, 0.5, users[minute])
        times *= np.where(rng.random(len(times)) < _SLOW_SHARE, 5.0, 1.0)
        probed = _PROBE_SECONDS * probe_latency[minute] * rng.lognormal(0, 0.5, probes[minute])
        times = slow[minute] * np.concatenate([times, probed])
        if len(times):
            mean[minute], p99[minute] = 1000 * times.mean(), 1000 * np.quantile(times, 0.99)
        classes = np.bincount(np.searchsorted(edges, times) - 1, minlength=len(edges) - 1)
        minutes.append(
            Minute(
                int(requests[minute]),
                int(failed[minute]),
                tuple(map(float, classes)) if len(times) else (),
            )
        )
    viewers = [Minute(int(n), int(e), probed=False) for n, e in zip(users, lost, strict=True)]
    with np.errstate(invalid="ignore"):
        return Side(minutes, viewers, 100 * failed / requests, mean, p99)


def _gamma(rng: np.random.Generator, variation: float, n: int) -> Array:
    return rng.gamma(1 / variation**2, variation**2, n)


def _rules(world: World) -> Rules:
    return Rules(
        lookback_minutes=LOOKBACK,
        minimum_requests=MINIMUM_REQUESTS,
        false_alarms=FALSE_ALARMS,
        slowdown_percent=world.allowed_percent,
        more_4xx_points=MORE_4XX_POINTS,
        more_3xx_points=MORE_3XX_POINTS,
        probes=PROBES,
    )


Alarm = Callable[[World, Side, Side], int | None]
"""The minute, counted from 0, with whose data a rule would first roll back."""


def this_judge(world: World, old: Side, new: Side, *, log: bool = False) -> int | None:
    """This project's judge: each minute, a look-back of ten and its memories; the weight was changed just
    before the first minute. With `log` it has the edge's log too, which told of every minute."""
    rules = _rules(world)
    viewers = Viewers(list(map(Told, old.viewers, new.viewers))) if log else None
    by_errors = _by_errors(world, old, new, rules, viewers)
    end = world.minutes if by_errors is None else by_errors
    for last in range(max(LOOKBACK - 1, world.onset), end):
        seen = slice(max(0, last - RECENT + 1), last + 1)
        recent = old.minutes[seen], new.minutes[seen]
        told = viewers and Viewers(viewers.told[seen])
        verdicts = judge_classes(*recent, rules, told)[0], judge_latency(*recent, rules)[0]
        if Verdict.FAIL in verdicts:
            return last
    return by_errors


def _by_errors(
    world: World, old: Side, new: Side, rules: Rules, viewers: Viewers | None
) -> int | None:
    """Return the first minute at which errors fail new.

    All minutes of a block are looked at in one pass, which says the same as a look after each.
    """
    for start in range(max(LOOKBACK - 1, world.onset), world.minutes, _MEASURED_EACH):
        end = min(start + _MEASURED_EACH, world.minutes)
        first = max(0, end - MEMORY)
        seen = old.minutes[first:end], new.minutes[first:end]
        course = Said.of(
            *seen,
            range(first, end),
            probes=rules.probes,
            level=rules.false_alarms,
            viewers=viewers and Viewers(viewers.told[first:end]),
        ).course()
        for last in range(start, end):
            if course[last - first] > rules.false_alarms:
                continue
            upto = slice(max(0, last + 1 - MEMORY), last + 1)
            ages = range(upto.start, upto.stop)
            told = viewers and Viewers(viewers.told[upto])
            verdict, _, _ = judge_errors(old.minutes[upto], new.minutes[upto], ages, rules, told)
            if verdict is Verdict.FAIL:
                return last
    return None


def kayenta(world: World, old: Side, new: Side, *, points: int, every: int) -> int | None:
    """Kayenta's default judge over the last `points` minutes, asked each `every` minutes.

    Two metrics, error rate and mean latency, direction increase, in a group each: one High leaves a score of
    50, below the marginal threshold of 75 that its sample configurations state.
    Source: spinnaker/kayenta a69573b, NetflixACAJudge.scala, MannWhitneyClassifier.scala, MannWhitney.scala.
    """
    for last in range(max(points - 1, world.onset), world.minutes, every):
        seen = slice(last - points + 1, last + 1)
        for metric in ("error_percent", "mean_ms"):
            if _is_high(getattr(new, metric)[seen], getattr(old, metric)[seen]):
                return last
    return None


_Z98 = 2.3263478740408408


def _is_high(experiment: Array, control: Array) -> bool:
    """Return whether Kayenta calls `experiment` High: the interval's lower end of the shift is above a
    quarter of its estimate."""
    experiment, control = experiment[~np.isnan(experiment)], control[~np.isnan(control)]
    if not len(experiment) or not len(control):
        return False
    if np.array_equal(np.sort(experiment), np.sort(control)):
        return False
    if len(np.unique(experiment)) == 1 and len(np.unique(control)) == 1:
        return bool(experiment[0] > control[0])  # it adds noise of 1e-5: the two do not overlap
    low, high = experiment.min() - control.max(), experiment.max() - control.min()

    def root(z: float) -> float:
        if _wilcoxon(low, z, experiment, control) <= 0:
            return float(low)
        if _wilcoxon(high, z, experiment, control) >= 0:
            return float(high)
        left, right = float(low), float(high)
        while right - left > _BRENT_TOLERANCE:
            middle = (left + right) / 2
            if _wilcoxon(middle, z, experiment, control) > 0:
                left = middle
            else:
                right = middle
        return (left + right) / 2

    estimate = root(0.0)
    if root(_Z98) <= 0.25 * abs(estimate):
        return False
    means = float(experiment.mean()), float(control.mean())
    return 0.0 in means or means[0] / means[1] >= 1.0


def _wilcoxon(shift: float, z: float, x: Array, y: Array) -> float:
    n, m = len(x), len(y)
    shifted = x - shift
    # Midranks of x among both, by counting; and the tie correction.
    both = np.sort(np.concatenate([shifted, y]))
    ranks = (
        np.searchsorted(both, shifted, "left") + np.searchsorted(both, shifted, "right") + 1
    ) / 2
    d = ranks.sum() - n * (n + 1) / 2 - n * m / 2
    ties = np.unique(both, return_counts=True)[1].astype(float)
    spread = n + m + 1 - (ties**3 - ties).sum() / ((n + m) * (n + m - 1))
    sigma = np.sqrt(n * m / 12 * spread)
    return float((d - 0.5 * np.sign(d)) / sigma - z) if sigma else -z


def flagger(world: World, old: Side, new: Side) -> int | None:
    """Flagger's built-in checks as its documentation sets them: success rate 99 %, p99 500 ms, each minute;
    it rolls back at the tenth failed check, and the count is not reset by good ones.

    Source: fluxcd/flagger 15bd6ad, docs/gitbook/usage/metrics.md and pkg/controller/scheduler.go; a minute
    without traffic is a failed check too (scheduler_metrics.go, "no values found").
    """
    del old
    failed = 0
    for minute in range(world.onset, world.minutes):
        good = all(getattr(new, name)[minute] <= most for name, most in FLAGGER_ALLOWS.items())
        failed += not good
        if failed == FLAGGER_THRESHOLD:
            return minute
    return None


JUDGE: dict[str, Alarm] = {
    "this judge": this_judge,
    "with the edge's log": partial(this_judge, log=True),
}
PEERS: dict[str, Alarm] = {
    "Kayenta, 10 points each minute": partial(kayenta, points=10, every=1),
    "Kayenta, 60 points each 10 minutes": partial(kayenta, points=60, every=10),
    "Flagger": flagger,
}
RULES = JUDGE | PEERS


Rivals = Mapping[str, Alarm]


def _run(task: tuple[Rivals, World, Sequence[int]]) -> list[int | None]:
    rules, world, seed = task
    old, new = live(world, seed)
    return [alarm(world, old, new) for alarm in rules.values()]


def _header(first: str, rules: Rivals) -> Iterator[str]:
    yield f"| {first} | " + " | ".join(rules) + " |"
    yield "|---|" + "---|" * len(rules)


def false_alarms(pool: ProcessPoolExecutor, seeds: int, rules: Rivals) -> Iterator[str]:
    """Yield a table: how many of so many days without a fault end in a rollback, and how many of those
    within the first two hours, about as long as the peers' rules are meant to look."""
    yield from _header("no fault, 24 h (in the first 2 h)", rules)
    worlds = [
        World(rate, weight, error_rate)
        for rate in (60, 600, 6000)
        for weight in (0.1, 0.5)
        for error_rate in (0.001, 0.01)
    ]
    calm = [World(rate, 0.5, bad_minutes=0) for rate in (60, 600, 6000)]
    total = 0
    for row, world in enumerate([*worlds, *calm]):
        first = list(pool.map(_run, [(rules, world, (1, row, seed)) for seed in range(seeds)]))
        cells = []
        for index, column in enumerate(zip(*first, strict=True)):
            wrong = [alarm for alarm in column if alarm is not None]
            soon = sum(alarm < FIRST_HOURS for alarm in wrong)
            cells.append(f"{len(wrong)} of {seeds} ({soon})")
            total += len(wrong) if index == 0 else 0
        named = (
            f"{world.rate:g}/min, weight {100 * world.weight:.0f}, "
            f"errors {100 * world.error_rate:.1f} %"
        )
        yield f"| {named}{'' if world.bad_minutes else ', no bad minutes'} | {' | '.join(cells)} |"
    days = seeds * len([*worlds, *calm])
    interval = proportion_interval(total, days)
    yield (
        f"\nThis judge over all: {total} of {days} days, {100 * interval.estimate:.2f} % "
        f"(95 % interval {100 * (interval.low or 0):.2f} to {100 * (interval.high or 0):.2f} %)."
    )


def detection(pool: ProcessPoolExecutor, seeds: int, rules: Rivals) -> Iterator[str]:
    """Yield a table: minutes of data from a fault's onset until a rule would roll back."""
    horizon = 120
    row = 0
    yield from _header("fault on new; median minutes (found within 2 h)", rules)
    faults: dict[str, dict[str, Any]] = {
        "errors 0.1 % to 1 %": {"new_error_rate": 0.01},
        "errors 0.1 % to 5 %": {"new_error_rate": 0.05},
        "latency +25 %, 10 % allowed": {"slower": 1.25, "allowed_percent": 10.0},
        "latency +100 %, 10 % allowed": {"slower": 2.0, "allowed_percent": 10.0},
        "latency +100 %, 25 % allowed": {"slower": 2.0},
    }
    for name, change in faults.items():
        for rate in (60, 600, 6000):
            for weight in (0.1, 0.5):
                world = replace(
                    World(rate, weight, minutes=60 + horizon, onset=60),
                    **change,
                )
                found = list(
                    pool.map(_run, [(rules, world, (2, row, seed)) for seed in range(seeds)])
                )
                row += 1
                cells = [_found(world, column, horizon) for column in zip(*found, strict=True)]
                yield f"| {name}; {rate}/min, weight {100 * weight:.0f} | {' | '.join(cells)} |"


def _found(world: World, alarms: Sequence[int | None], horizon: int) -> str:
    waits = sorted(
        alarm - world.onset + 1 if alarm is not None else horizon + 1 for alarm in alarms
    )
    share = sum(wait <= horizon for wait in waits) / len(waits)
    median = waits[len(waits) // 2]
    return f"{median if median <= horizon else '-'} ({100 * share:.0f} %)"


_TRAFFIC = [(rate, weight) for rate in (60, 600, 6000) for weight in (0.1, 0.5)]


def log_detection(pool: ProcessPoolExecutor, seeds: int, _rules: Rivals) -> Iterator[str]:
    """Yield a table: minutes of data until errors alone fail new, by the load balancers, with the edge's log
    too, and by the log alone; within five hours, and whatever `minimum_requests` says."""
    horizon = 300
    yield "| errors on new; median minutes (found within 2 h) | load balancers | with the log | log alone |"
    yield "|---|---|---|---|"
    rows = [
        World(rate, weight, new_error_rate=new_rate, minutes=60 + horizon, onset=60)
        for new_rate in (0.01, 0.05)
        for rate, weight in _TRAFFIC
    ]
    for row, world in enumerate(rows):
        found = list(pool.map(_waits, [(world, (10, row, seed)) for seed in range(seeds)]))
        cells = []
        for column in zip(*found, strict=True):
            waits = sorted(horizon + 1 if wait is None else wait for wait in column)
            median = waits[len(waits) // 2]
            soon = sum(wait <= FIRST_HOURS for wait in waits)
            cells.append(f"{median if median <= horizon else '-'} ({100 * soon / seeds:.0f} %)")
        named = f"0.1 % to {100 * (world.new_error_rate or 0):.0f} %; {world.rate:g}/min"
        yield f"| {named}, weight {100 * world.weight:.0f} | {' | '.join(cells)} |"


def _waits(task: tuple[World, Sequence[int]]) -> list[int | None]:
    """Return after how many minutes each reading of the errors fails new. All minutes are looked at in one
    pass: how restless errors are is measured over all of them."""
    world, seed = task
    old, new = live(world, seed)
    ages = range(world.minutes)
    told = Viewers(list(map(Told, old.viewers, new.viewers)))
    readings = (
        Said.of(old.minutes, new.minutes, ages, probes=PROBES, level=FALSE_ALARMS),
        Said.of(old.minutes, new.minutes, ages, probes=PROBES, level=FALSE_ALARMS, viewers=told),
        Said.of(old.viewers, new.viewers, ages, probes=NO_PROBES, level=FALSE_ALARMS),
    )
    return [
        next(
            (
                after
                for after, p_value in enumerate(said.course()[world.onset :], start=1)
                if p_value <= FALSE_ALARMS
            ),
            None,
        )
        for said in readings
    ]


def class_false_alarms(pool: ProcessPoolExecutor, seeds: int, _rules: Rivals) -> Iterator[str]:
    """Yield a table: how many days without a fault end in a rollback by 4xx, 3xx or errors."""
    yield from _header("no fault, 24 h; rolled back (in the first 2 h)", JUDGE)
    worlds = [
        World(rate, weight, usual_4xx=usual, scans=scans, timed=False)
        for usual, scans in ((0.02, 0), (0.2, 0), (0.02, 2))
        for rate, weight in _TRAFFIC
    ]
    for row, world in enumerate(worlds):
        days = list(pool.map(_run, [(JUDGE, world, (5, row, seed)) for seed in range(seeds)]))
        scanned = f", {world.scans:g} scans a day on each side alone" if world.scans else ""
        cells = []
        for column in zip(*days, strict=True):
            wrong = [alarm for alarm in column if alarm is not None]
            soon = sum(alarm < FIRST_HOURS for alarm in wrong)
            cells.append(f"{len(wrong)} of {seeds} ({soon})")
        yield f"| {_named(world)}{scanned} | {' | '.join(cells)} |"


def class_detection(pool: ProcessPoolExecutor, seeds: int, _rules: Rivals) -> Iterator[str]:
    """Yield a table: minutes of data until new that refuses some requests would be rolled back."""
    yield from _header("fault on new; median minutes (found within 2 h)", JUDGE)
    horizon = 120
    faults = [
        World(
            rate,
            weight,
            minutes=60 + horizon,
            onset=60,
            usual_4xx=usual,
            more_4xx=more,
            timed=False,
        )
        for usual, more in ((0.02, 0.2), (0.02, 0.06), (0.2, 0.2))
        for rate, weight in _TRAFFIC
    ]
    for row, world in enumerate(faults):
        found = list(pool.map(_run, [(JUDGE, world, (6, row, seed)) for seed in range(seeds)]))
        cells = [_found(world, column, horizon) for column in zip(*found, strict=True)]
        named = f"403 to {100 * world.more_4xx:.0f} % of requests; {_named(world)}"
        yield f"| {named} | {' | '.join(cells)} |"


def _named(world: World) -> str:
    return (
        f"{world.rate:g}/min, weight {100 * world.weight:.0f}, 4xx usually "
        f"{100 * world.usual_4xx:.0f} %"
    )


_EACH = 15


def _verdicts(task: tuple[World, Sequence[int]]) -> Counter[Verdict]:
    world, seed = task
    old, new = live(world, seed)
    rules = _rules(world)
    looks = (slice(end - MEMORY, end) for end in range(MEMORY, world.minutes, _EACH))
    return Counter(
        compare(
            old.minutes[seen], new.minutes[seen], range(seen.start, seen.stop), {}, rules
        ).verdict
        for seen in looks
    )


def verdicts(pool: ProcessPoolExecutor, seeds: int, _rules: Rivals) -> Iterator[str]:
    """Yield a table: how often this judge says what on days without a fault, in percent of its looks."""
    named = [Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL]
    yield "| no fault, 24 h; % of the looks | " + " | ".join(named) + " |"
    yield "|---|" + "---|" * len(named)
    worlds = [
        World(rate, weight) for rate in (0, 60, 200, 600, 2000, 6000) for weight in (0.1, 0.5)
    ]
    for row, world in enumerate(worlds):
        days = pool.map(_verdicts, [(world, (3, row, seed)) for seed in range(seeds)])
        seen = sum(days, start=Counter[Verdict]())
        cells = [f"{100 * seen[verdict] / seen.total():.0f}" for verdict in named]
        yield f"| {world.rate:g}/min, weight {100 * world.weight:.0f} | {' | '.join(cells)} |"


Sides = tuple[tuple[Counts, Counts], tuple[Counts, Counts]]
"""Requests and errors of old and of new, for some days, a row each."""


@dataclass(frozen=True)
class Log:
    """What becomes of the edge's log: the share of lines that is lost, and of minutes that are not whole, or
    of which every line is counted twice without anybody's knowing."""

    lost: float = 0.0
    not_whole: float = 0.0
    twice: float = 0.0


def counted(
    world: World, days: int, seed: Sequence[int], probes: int, cluster: float
) -> tuple[Sides, Sides]:
    """Return what the load balancers count in so many days of `world`, and of that what users are.

    Errors of users come in clusters of so many on average, each in one minute.
    """
    rng = np.random.default_rng(seed)
    shape = (days, world.minutes)
    wave = np.sin(2 * np.pi * (np.arange(world.minutes) / DAY + rng.random((days, 1))))
    rate = world.rate * (1 + 0.5 * wave) * rng.lognormal(0, 0.1, shape)
    common = rng.gamma(4, 1 / 4, shape)
    new_rate = world.error_rate if world.new_error_rate is None else world.new_error_rate
    sides, viewers = [], []
    for share, of_users in ((1 - world.weight, world.error_rate), (world.weight, new_rate)):
        moved = common * rng.gamma(1 / 0.09, 0.09, shape) / cluster
        bad = 0.05 * (rng.random(shape) < world.bad_minutes / DAY)
        users = rng.poisson(rate * share)
        probed = np.rint(rng.normal(probes, 2 * bool(probes), shape)).astype(int)
        lost = rng.binomial(users, np.clip(of_users * moved + bad, 0, 1))
        of_probes = rng.binomial(probed, np.clip(world.error_rate * moved + bad, 0, 1))
        if cluster > 1:
            lost += rng.negative_binomial(np.maximum(lost, 1), 1 / cluster) * (lost > 0)
        sides.append((np.maximum(users + probed, lost + of_probes), lost + of_probes))
        viewers.append((np.maximum(users, lost), lost))
    return (sides[0], sides[1]), (viewers[0], viewers[1])


def logged(viewers: Sides, log: Log, seed: Sequence[int]) -> list[Viewers]:
    """Return what the log tells of `viewers`, for each day."""
    rng = np.random.default_rng([*seed, _LOGGED])
    shape = viewers[0][0].shape
    whole = rng.random(shape) >= log.not_whole
    times = 1 + (rng.random(shape) < log.twice)
    sides = []
    for asked, failed in viewers:
        good = rng.binomial(asked - failed, 1 - log.lost)
        told = rng.binomial(failed, 1 - log.lost)
        sides.append(
            [_viewers(n, e) for n, e in zip(times * (good + told), times * told, strict=True)]
        )
    return [
        Viewers([Told(o, n) if known else None for o, n, known in zip(*day, strict=True)])
        for day in zip(*sides, whole, strict=True)
    ]


_LOGGED = 8


def _viewers(requests: Counts, errors: Counts) -> list[Minute]:
    return [replace(minute, probed=False) for minute in _minutes(requests, errors)]


def least_doubts(
    sides: Sides, probes: Probes, viewers: Sequence[Viewers | None] | None = None
) -> Array:
    """Return each day's smallest p-value, as the deployed code says it, but for all days in one go.

    How restless errors are is measured over the whole day. The first day is checked against the deployed
    code.
    """
    old, new = sides
    days, minutes = old[0].shape
    said = [
        Said.of(
            _minutes(*by_old),
            _minutes(*by_new),
            range(minutes),
            probes=probes,
            level=FALSE_ALARMS,
            viewers=by_log,
        )
        for by_old, by_new, by_log in zip(
            zip(*old, strict=True), zip(*new, strict=True), viewers or [None] * days, strict=True
        )
    ]
    sources = [_Source.of(days_) for days_ in zip(*(day.sources for day in said), strict=True)]
    doubt = np.zeros((days, minutes))
    questions: tuple[Callable[[_Source, float], Array], ...] = (
        lambda of, times: _of_both(of.new, of.old, RATIO * of.traffic, times, of.of_both),
        lambda of, times: _of_one(of.new, np.maximum(of.asked, 1) * FLOOR, times, of.of_one),
    )
    for log_ratio in questions:
        found = np.zeros((days, minutes))
        for (source, share), kind in itertools.product(
            zip(sources, said[0].shares, strict=True), range(2)
        ):
            found += _evidence(log_ratio, source, kind, share)
        doubt = np.maximum(doubt, np.minimum(1, 1 / found))
    assert np.allclose(doubt[0], said[0].course(), rtol=1e-6)
    least: Array = doubt.min(axis=1)
    return least


@dataclass(frozen=True)
class _Source:
    """One source of each day's counts: errors of both sides, new's requests, and what was measured."""

    old: Counts
    new: Counts
    asked: Counts
    traffic: Array
    of_both: Array
    of_one: Array

    @classmethod
    def of(cls, days: Sequence[Source]) -> _Source:
        return cls(
            np.array([[m.errors for m in day.old] for day in days]),
            np.array([[m.errors for m in day.new] for day in days]),
            np.array([[m.requests for m in day.new] for day in days]),
            np.array([np.max(day.traffics, axis=0) for day in days]),
            np.array([[day.of_both] for day in days]),
            np.array([[day.of_one] for day in days]),
        )


def _evidence(
    log_ratio: Callable[[_Source, float], Array], source: _Source, kind: int, share: float
) -> Array:
    """Return what the runs of one kind of bet are worth after each minute, for their share of the stakes."""
    days, minutes = source.new.shape
    betted = [bets(age, FALSE_ALARMS)[kind] for age in range(minutes)]
    ratios = log_ratio(source, betted[0].times)
    runs, found = np.zeros(days), np.zeros((days, minutes))
    for age, bet in enumerate(betted):
        risked, most = 1 - bet.kept, np.exp(bet.most)
        won = bet.kept + risked * np.exp(np.minimum(bet.most, ratios[:, age]))
        won /= 1 + bet.bad * (bet.kept + risked * most - 1)
        runs = np.minimum(100 / FALSE_ALARMS, (stake(age) / 2 * share + runs) * won)
        found[:, age] = runs
    return found


def _minutes(requests: Counts, errors: Counts) -> list[Minute]:
    return [Minute(int(n), int(e)) for n, e in zip(requests, errors, strict=True)]


def _of_both(events: Counts, others: Counts, odds: Array, times: float, variation: Array) -> Array:
    allowed, wanted = odds / (1 + odds), odds * times / (1 + odds * times)
    alike = np.maximum(0.05, 1 / (allowed * (1 - allowed) * variation**2) - 1)
    ratio: Array = _rising(alike * wanted, alike * allowed, events)
    return ratio + _rising(alike * (1 - wanted), alike * (1 - allowed), others)


def _rising(wanted: Array, allowed: Array, count: Counts) -> Array:
    ratio: Array = (
        gammaln(wanted + count) - gammaln(wanted) - gammaln(allowed + count) + gammaln(allowed)
    )
    return ratio


def _of_one(events: Counts, allowed: Array, times: float, variation: Array) -> Array:
    shape = 1 / variation**2
    more: Array = (shape + allowed) / (shape + allowed * times)
    ratio: Array = (shape + events) * np.log(more) + events * np.log(times)
    return ratio


def _watched(task: tuple[World, int, Sequence[int], int, float, Log | None]) -> Array:
    world, days, seed, probes, cluster, log = task
    sides, viewers = counted(world, days, seed, probes, cluster)
    told = None if log is None else logged(viewers, log, seed)
    return least_doubts(sides, Probes(probes, probes * 4 // 3), told)


_Watched = tuple[str, World, int, float, Log | None]


def watches(pool: ProcessPoolExecutor, seeds: int, _rules: Rivals) -> Iterator[str]:
    """Yield a table: how many days errors alone fail new that has no more than it may."""
    rows: list[_Watched] = [
        (
            name,
            World(rate, weight, error_rate, new_error_rate=times * error_rate),
            probes,
            cluster,
            None,
        )
        for name, error_rate, times, probes, cluster in (
            ("as many, 0.1 %", 0.001, 1, 90, 1.0),
            ("as many, 1 %", 0.01, 1, 90, 1.0),
            ("as many, 2 %, in clusters of 5, no probes", 0.02, 1, 0, 5.0),
            ("twice as many, 0.2 %, no probes", 0.002, 2, 0, 1.0),
            ("twice as many, 1 %, no probes", 0.01, 2, 0, 1.0),
        )
        for rate, weight in _TRAFFIC
    ]
    yield from _watches(pool, 10 * seeds, rows, 7)


def log_watches(pool: ProcessPoolExecutor, seeds: int, _rules: Rivals) -> Iterator[str]:
    """Yield the same of the judge that has the edge's log too."""
    rows: list[_Watched] = [
        (
            name,
            World(rate, weight, error_rate, new_error_rate=times * error_rate),
            90,
            cluster,
            log,
        )
        for name, error_rate, times, cluster, log in (
            ("as many, 0.1 %", 0.001, 1, 1.0, Log()),
            ("as many, 2 %, in clusters of 5", 0.02, 1, 5.0, Log()),
            ("twice as many, 0.2 %", 0.002, 2, 1.0, Log()),
            ("twice as many, 1 %", 0.01, 2, 1.0, Log()),
            (
                "twice as many, 1 %, a third of the minutes not whole, a third of the lines lost",
                0.01,
                2,
                1.0,
                Log(lost=1 / 3, not_whole=1 / 3),
            ),
            (
                "twice as many, 1 %, one minute in twenty counted twice",
                0.01,
                2,
                1.0,
                Log(twice=0.05),
            ),
        )
        for rate, weight in _TRAFFIC
    ]
    yield from _watches(pool, 10 * seeds, rows, 9)


def _watches(
    pool: ProcessPoolExecutor, days: int, rows: Sequence[_Watched], table: int
) -> Iterator[str]:
    yield f"| no more errors than may be, 24 h | failed, of {days} days, at 0.5 | at 0.1 | at 0.05 |"
    yield "|---|---|---|---|"
    tasks = [(world, days, (table, row), *rest) for row, (_, world, *rest) in enumerate(rows)]
    for (name, world, *_), least in zip(rows, pool.map(_watched, tasks), strict=True):
        cells = " | ".join(str((least <= at).sum()) for at in (0.5, 0.1, 0.05))
        yield f"| {name}; {world.rate:g}/min, weight {100 * world.weight:.0f} | {cells} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=30, help="days, and faults, of each kind")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument(
        "--only",
        choices=[
            "false-alarms",
            "detection",
            "class-false-alarms",
            "class-detection",
            "verdicts",
            "watches",
            "log-watches",
            "log-detection",
        ],
    )
    parser.add_argument("--judge-only", action="store_true", help="without the peers' rules")
    given = parser.parse_args()
    with ProcessPoolExecutor(given.workers) as pool:
        tables = {
            "false-alarms": false_alarms,
            "detection": detection,
            "class-false-alarms": class_false_alarms,
            "class-detection": class_detection,
            "verdicts": verdicts,
            "watches": watches,
            "log-watches": log_watches,
            "log-detection": log_detection,
        }
        for what, table in tables.items():
            if given.only in (None, what):
                for line in table(pool, given.seeds, JUDGE if given.judge_only else RULES):
                    print(line, flush=True)
                print()


if __name__ == "__main__":
    main()
