"""How often the three rules over the edge's log are wrong in a year, and how soon they are right.

    .venv/bin/python benchmarks/fast_log_rules.py

prints the tables of docs/fast-log.md, the same each time, in about three minutes. The rules' figures are the
deployed ones (`cutover.alarms.fast_log_alarms`); that the expressions say the same is tested
(tests/unit/alarms/test_alarms_fast_log.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

import numpy as np
import numpy.typing as npt

from cutover.alarms.fast_log_alarms import (
    BURST,
    HARD_ERRORS,
    HARD_SHARE,
    HARD_TIMES_OLD,
    RATE,
    Excess,
)
from cutover.declaration.thresholds import Thresholds

Counts = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]
Breaches = npt.NDArray[np.bool_]
Rule = Callable[[Counts, Counts, Counts, Counts], Breaches]

PERIODS_A_DAY: Final = 8640
YEAR: Final = 365 * PERIODS_A_DAY
PERIOD_SECONDS: Final = 10
WATCHED_SECONDS: Final = 90
FAULTS_PLAYED: Final = 1000
BATCHED: Final = (0.0, 3.0)
"""Lambda looks at a shard once a second and gathers for two (Lambda Developer Guide, with-kinesis)."""
VISIBLE: Final = (1.0, 3.0)
"""Seconds from PutMetricData to the alarm: "a few" (CloudWatch User Guide); an assumption."""
CLOCKED: Final = (10, 50, 100)
OF: Final = 3
BASE: Final = 0.001
DECLARED: Final = Thresholds().fast_error_rate_percent / 100
PER_SECOND: Final = (1, 3, 10, 20, 30, 50, 100)
FAULTS: Final = (0.03, 0.1, 1.0)
TRIALS: Final = 4000
YEARS: Final = 4
"""Played of each world; the tables have their mean."""
WITHIN: Final = 22.0
"""Seconds of data after which 8 are left of 30."""


def hard(e: Counts, n: Counts, eo: Counts, no: Counts) -> Breaches:
    """Return in which periods new is down."""
    return (e >= HARD_ERRORS) & (e >= HARD_SHARE * n) & (e * no >= HARD_TIMES_OLD * eo * n)


def exceeds(rule: Excess) -> Rule:
    """Return the rule that says in which periods new has more errors than declared, and than old explains."""

    def breach(e: Counts, n: Counts, eo: Counts, no: Counts) -> Breaches:
        more = (e - rule.errors) * no >= rule.times_old * eo * n
        return (e >= rule.errors) & (e >= DECLARED * n) & more

    return breach


RULES: Final[dict[str, tuple[Rule, int]]] = {
    "hard": (hard, 1),
    "burst": (exceeds(BURST), BURST.periods),
    "rate": (exceeds(RATE), RATE.periods),
}


def alarm(breach: Breaches, periods: int) -> Breaches:
    """Return in which periods an alarm of `periods` out of three is in ALARM, along the last axis."""
    summed: Counts = np.cumsum(breach, axis=-1, dtype=np.int64)
    inside = summed.copy()
    inside[..., OF:] -= summed[..., :-OF]
    fired: Breaches = inside >= periods
    return fired


def wandering(chance: np.random.Generator) -> Shares:
    """Return a year of a share that both sides have, 0.1 % on average, another each minute (cv 0.7)."""
    spread = np.log(1 + 0.7**2)
    minutes = chance.lognormal(-spread / 2, np.sqrt(spread), YEAR // 6)
    return np.minimum(BASE * np.repeat(minutes, 6), 1.0)


def with_bursts(chance: np.random.Generator) -> Shares:
    """Return a year of 0.1 %, in which both sides fail 5 % for 20 s six times a day."""
    shares = np.full(YEAR, BASE)
    starts = chance.integers(0, YEAR - 2, 6 * 365)
    shares[starts] = shares[starts + 1] = 0.05
    return shares


WORLDS: Final[dict[str, Callable[[np.random.Generator], Shares]]] = {
    "0.1 %, still": lambda _chance: np.full(YEAR, BASE),
    "0.1 %, wandering": wandering,
    "0.1 %, six bursts a day of 20 s of 5 % on both": with_bursts,
}


def false_alarms(per_second: float, shares: Shares, chance: np.random.Generator) -> dict[str, int]:
    """Return how often each rule fires in a year, both sides alike."""
    no, n = (chance.poisson(per_second * PERIOD_SECONDS, YEAR) for _ in range(2))
    eo, e = chance.binomial(no, shares), chance.binomial(n, shares)
    fired = {}
    for name, (rule, periods) in RULES.items():
        state = alarm(rule(e, n, eo, no), periods)
        fired[name] = int(np.count_nonzero(state[1:] & ~state[:-1]))
    return fired


def yearly(
    per_second: float, make: Callable[[np.random.Generator], Shares], chance: np.random.Generator
) -> list[float]:
    """Return how often each rule fires in a year on average."""
    years = [false_alarms(per_second, make(chance), chance) for _ in range(YEARS)]
    return [sum(year[name] for year in years) / YEARS for name in RULES]


def seconds_of_data(per_second: float, fault: float, chance: np.random.Generator) -> Shares:
    """Return from many faults, each anywhere in its ten seconds, how many seconds pass until the first period
    with which an alarm fires is over; infinity where none does in ten minutes."""
    size = (TRIALS, OF + 60)
    phase = chance.uniform(0, PERIOD_SECONDS, TRIALS)
    shares = np.full(size, BASE)
    shares[:, OF:] = fault
    part = phase / PERIOD_SECONDS
    shares[:, OF] = BASE * part + fault * (1 - part)
    no, n = (chance.poisson(per_second * PERIOD_SECONDS, size) for _ in range(2))
    eo, e = chance.binomial(no, BASE), chance.binomial(n, shares)
    fired = np.zeros(size, dtype=np.bool_)
    for rule, periods in RULES.values():
        breach = rule(e, n, eo, no)
        breach[:, :OF] = False
        fired |= alarm(breach, periods)
    first = fired.argmax(axis=1)
    return np.where(fired.any(axis=1), (first - OF + 1) * PERIOD_SECONDS - phase, np.inf)


def seconds_in_an_account(
    per_second: float, fault: float, delay: tuple[float, float], chance: np.random.Generator
) -> Shares:
    """Return from many faults how many seconds pass until an alarm fires in an account: a line comes within
    `delay` seconds, waits for its batch, and is visible some seconds after it is published. Each alarm is
    looked at every ten seconds, at a phase of its own, over the periods that are over."""
    played = (one_fault(per_second, fault, delay, chance) for _ in range(FAULTS_PLAYED))
    return np.array([alarm for _, alarm in played])


def one_fault(
    per_second: float, fault: float, delay: tuple[float, float], chance: np.random.Generator
) -> tuple[float, float]:
    """Return how many seconds after a fault the ten seconds are over that show it, and the alarm fires;
    infinity where it does not in time."""
    began = OF * PERIOD_SECONDS + chance.uniform(0, PERIOD_SECONDS)
    horizon = began + WATCHED_SECONDS
    at, seen, failed = {}, {}, {}
    for side in ("old", "new"):
        requests = chance.poisson(per_second * horizon)
        at[side] = chance.uniform(0, horizon, requests)
        waits = (delay, BATCHED, VISIBLE)
        seen[side] = at[side] + sum(chance.uniform(*wait, requests) for wait in waits)
        shares = np.where((at[side] >= began) & (side == "new"), fault, BASE)
        failed[side] = chance.random(requests) < shares
    soonest = shown = np.inf
    for rule, periods in RULES.values():
        for look in np.arange(chance.uniform(0, PERIOD_SECONDS), horizon, PERIOD_SECONDS):
            if look < began:
                continue
            end = look // PERIOD_SECONDS * PERIOD_SECONDS
            edges = end - PERIOD_SECONDS * np.arange(OF, -1, -1)
            counts = [
                np.histogram(at[side][(seen[side] <= look) & which], edges)[0]
                for side in ("new", "old")
                for which in (failed[side], np.ones_like(failed[side]))
            ]
            e, n, eo, no = counts
            if np.count_nonzero(rule(e, n, eo, no)) >= periods:
                soonest, shown = min((soonest, shown), (look - began, end - began))
                break
    return float(shown), float(soonest)


def tables() -> Iterator[str]:
    """Yield the lines of the tables."""
    chance = np.random.default_rng(20261128)
    names = " / ".join(RULES)
    yield f"False alarms a year: {names}, by requests a second on each side; mean of {YEARS} years."
    yield ""
    yield "| both sides fail | " + " | ".join(f"{rate}" for rate in PER_SECOND) + " |"
    yield "| --- |" + " --- |" * len(PER_SECOND)
    for world, make in WORLDS.items():
        cells = [yearly(rate, make, chance) for rate in PER_SECOND]
        yield (
            f"| {world} | "
            + " | ".join(" / ".join(f"{count:g}" for count in cell) for cell in cells)
            + " |"
        )
    yield ""
    yield f"Seconds of data: median / p95 (share within {WITHIN:g} s)."
    yield ""
    yield "| new fails | " + " | ".join(f"{rate}/s on new" for rate in PER_SECOND) + " |"
    yield "| --- |" + " --- |" * len(PER_SECOND)
    for fault in FAULTS:
        cells_of = [seconds_of_data(rate, fault, chance) for rate in PER_SECOND]
        yield f"| {fault:.0%} | " + " | ".join(_shown(cell) for cell in cells_of) + " |"


def clock_table() -> Iterator[str]:
    """Yield the lines of the table of an account's clock."""
    chance = np.random.default_rng(20261129)
    yield "Seconds until the alarm in an account: median / p95 / worst."
    yield ""
    yield (
        "| new fails | lines come after | "
        + " | ".join(f"{rate}/s on new" for rate in CLOCKED)
        + " |"
    )
    yield "| --- | --- |" + " --- |" * len(CLOCKED)
    for fault in (1.0, 0.03):
        for delay in ((1.0, 4.0), (3.0, 10.0)):
            cells = [np.sort(seconds_in_an_account(rate, fault, delay, chance)) for rate in CLOCKED]
            yield (
                f"| {fault:.0%} | {delay[0]:g} to {delay[1]:g} s | "
                + " | ".join(
                    " / ".join(
                        _second(cell[int(share * (len(cell) - 1))]) for share in (0.5, 0.95, 1)
                    )
                    for cell in cells
                )
                + " |"
            )


def _shown(seconds: Shares) -> str:
    within = np.mean(seconds <= WITHIN)
    ordered = np.sort(seconds)
    median, p95 = ordered[len(ordered) // 2], ordered[len(ordered) * 95 // 100]
    return f"{_second(median)} / {_second(p95)} ({within:.0%})"


def _second(seconds: float) -> str:
    return "never" if np.isinf(seconds) else f"{seconds:.0f}"


if __name__ == "__main__":
    for line in chain(tables(), [""], clock_table()):
        print(line, flush=True)
