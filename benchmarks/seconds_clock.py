"""From a fault to the last viewer of new, in an account: what is documented, what is assumed, and the sum.

    .venv/bin/python -m benchmarks.seconds_clock --write

puts the table into docs/drills.md, the same each time, in some minutes; without --write it prints it. With
--usual it prints the table of docs/seconds.md: how soon a dead new is seen where both sides often fail. The
sentinel's runs are the product's own (lambda/sentinel/watch.py) in made-up time, and so are the rules over
the edge's log. Nothing here was measured in an account.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import pairwise
from typing import Final

import numpy as np

from benchmarks.fast_log_rules import one_fault
from benchmarks.made_up_time import ANSWERS_IN_SECONDS, LIMIT_SECONDS, MadeUpTime
from cutover.declaration.thresholds import Thresholds
from cutover.paths import ROOT
from sentinel.streaks import Pair
from sentinel.usual import Side, Usual
from sentinel.watch import RUN_SECONDS, watch

PAGE: Final = ROOT / "docs" / "drills.md"
BEGIN, END = "<!-- account table: begin -->\n", "<!-- account table: end -->\n"

FAULTS = 4000
SENTINEL_FAULTS = 1000
LOG_FAULTS = 1000
"""Fewer: each is a simulation of all that the sentinel asks, or of every line of the log."""
LOOKS_EVERY = 10.0
"""Documented: an alarm of ten-second periods is evaluated every 10 s (CloudWatch User Guide,
AlarmThatSendsEmail). At which second is not: it is drawn."""
VISIBLE_AFTER = (1.0, 3.0)
"""Assumed: until an alarm sees what was put. "A few seconds" (an answer on AWS re:Post)."""
CALLED_AFTER = (0.2, 2.0)
"""Assumed: SNS, the asynchronous call and, at worst, a cold start."""
DECIDES_IN = (0.5, 3.3)
"""Ours: what is not read within 3 s is done without; then one write at each door."""
AT_EVERY_EDGE = (1.0, 5.0)
"""Assumed for "a few seconds" (AWS News Blog, November 2023; the Developer Guide gives no figure)."""
LINES_COME = (1.0, 4.0)
"""Assumed for "within seconds" (CloudFront Developer Guide, real-time-logs)."""
A_MINUTE = 60.0
HARD_SHARE = Thresholds().hard_error_rate_percent / 100
RATE_SHARE = Thresholds().error_rate_percent / 100
SLOW_SHARE = 0.05
"""Of a minute's requests, that must be slow for its 95th percentile to be."""
LOOKS_EACH_MINUTE = 60.0
"""Documented for an alarm of a minute: it is evaluated each minute."""
ERRORS = 0.001
"""Share of what they are asked that both sides fail by chance."""
USUAL_ERRORS = (0.001, 0.005, 0.01, 0.03)
FEWER_FAULTS = 500
CONFIRMED_WITHIN = 30.0
"""A run that begins so long after a fault is not the first to see it."""
REMEMBERS_RUNS = 60
"""Runs that the sentinel has watched before the fault."""


@dataclass
class Told:
    """When one run said that new is down."""

    at: list[float] = field(default_factory=list)

    def down(self, sides: Sequence[Side], now: float) -> None:
        """Note when new is down."""
        if "new" in sides:
            self.at.append(now)

    def watches(self, sees: bool) -> None:
        """Pass over that it watches."""


def confirmed(
    fault: float,
    chance: random.Random,
    usual: Usual,
    *,
    hangs: bool = False,
    endpoint: int | None = None,
    errors: float = ERRORS,
) -> float:
    """Return how long after `fault` (60 to 120 s) any of the runs, one a minute, says that new is down."""

    def answers(at: float, asked: int) -> tuple[Pair, float]:
        fails = at >= fault and endpoint in {None, asked}
        pair = Pair(chance.random() >= errors, not fails and chance.random() >= errors)
        return pair, LIMIT_SECONDS if fails and hangs else ANSWERS_IN_SECONDS

    soonest = []
    for minute in range(3):
        if not A_MINUTE * minute - CONFIRMED_WITHIN < fault < A_MINUTE * minute + RUN_SECONDS:
            continue
        told, made_up = Told(), MadeUpTime(answers, A_MINUTE * minute)
        watch(3, made_up, told, made_up, deepcopy(usual))
        soonest += [at for at in told.at if at > fault][:1]
    return min(soonest) - fault


@cache
def remembered(errors: float, endpoints: int = 3) -> Usual:
    """Return what the sentinel remembers where both sides fail this share."""
    chance, usual = random.Random(f"{errors}"), Usual(endpoints)  # noqa: S311 - a simulation

    def answers(_at: float, _asked: int) -> tuple[Pair, float]:
        return Pair(chance.random() >= errors, chance.random() >= errors), ANSWERS_IN_SECONDS

    for _ in range(REMEMBERS_RUNS):
        made_up = MadeUpTime(answers)
        watch(endpoints, made_up, Told(), made_up, usual)
    return usual


def looked_at(ready: float, every: float, chance: random.Random) -> float:
    """Return when an alarm with a phase of its own next looks, at `ready` or after it."""
    return ready + chance.uniform(0, every)


@dataclass(frozen=True)
class Times:
    """Seconds from the fault until the data that shows it is there, and until each phase after that is over.

    `called` is when the rollback function has the alarm, or a person its message; the rest is None where
    nobody is rolled back.
    """

    seen: float
    alarm: float
    called: float
    thrown: float | None = None
    off: float | None = None

    @property
    def phases(self) -> tuple[float | None, ...]:
        """How long each phase took, and all of them."""
        ends = (0.0, self.seen, self.alarm, self.called, self.thrown, self.off)
        took = [
            None if end is None or begin is None else end - begin for begin, end in pairwise(ends)
        ]
        return (*took, self.called if self.off is None else self.off)


def _rolled_back(seen: float, alarm: float, chance: random.Random) -> Times:
    called = alarm + chance.uniform(*CALLED_AFTER)
    thrown = called + chance.uniform(*DECIDES_IN)
    return Times(seen, alarm, called, thrown, thrown + chance.uniform(*AT_EVERY_EDGE))


def by_sentinel(
    chance: random.Random, *, hangs: bool = False, endpoint: int | None = None
) -> Times:
    """Return the times of a fault at any second of the minute."""
    fault, usual = chance.uniform(60, 120), remembered(ERRORS)
    seen = confirmed(fault, chance, usual, hangs=hangs, endpoint=endpoint)
    alarm = looked_at(seen + chance.uniform(*VISIBLE_AFTER), LOOKS_EVERY, chance)
    return _rolled_back(seen, alarm, chance)


def by_log(chance: random.Random, *, per_second: float, fails: float) -> Times:
    """Return the times of a new that fails a share of its requests, so many a second, by the edge's log."""
    drawn = np.random.default_rng(chance.getrandbits(64))
    seen, alarm = one_fault(per_second, fails, LINES_COME, drawn)
    return _rolled_back(seen, alarm, chance)


def by_minutes(chance: random.Random, *, minutes: int = 1, least: float) -> Times:
    """Return the times of a fault that so many minutes of metrics show, of which the first must hold it for
    the share `least`, 0 to 1."""
    left = chance.uniform(0, A_MINUTE)
    seen = left + A_MINUTE * (minutes - 1 + (left < least * A_MINUTE))
    alarm = looked_at(seen + chance.uniform(*VISIBLE_AFTER), LOOKS_EACH_MINUTE, chance)
    return _rolled_back(seen, alarm, chance)


def told(chance: random.Random) -> Times:
    """Return the times of an old that dies: nobody is rolled back to it, and people are told."""
    times = by_minutes(chance, least=HARD_SHARE)
    return Times(times.seen, times.alarm, times.called)


ROWS: Final[dict[str, tuple[Callable[[random.Random], Times], int]]] = {
    "new answers 500, refuses, or says something else": (by_sentinel, SENTINEL_FAULTS),
    "new hangs": (partial(by_sentinel, hangs=True), SENTINEL_FAULTS),
    "only an endpoint of new that is not the first fails": (
        partial(by_sentinel, endpoint=2),
        SENTINEL_FAULTS,
    ),
    "new answers 500, by the edge's log, 10 requests a second on new": (
        partial(by_log, per_second=10, fails=1.0),
        LOG_FAULTS,
    ),
    "3 % of new's answers are 500, by the edge's log, 50 a second on new": (
        partial(by_log, per_second=50, fails=0.03),
        LOG_FAULTS,
    ),
    "the same, 100 a second on new": (
        partial(by_log, per_second=100, fails=0.03),
        LOG_FAULTS,
    ),
    "the floor: new answers 500, by one minute's metric": (
        partial(by_minutes, least=HARD_SHARE),
        FAULTS,
    ),
    "the floor: 3 % of new's answers are 500, by two minutes": (
        partial(by_minutes, minutes=2, least=RATE_SHARE / 0.03),
        FAULTS,
    ),
    "new becomes 400 ms slower, by two minutes": (
        partial(by_minutes, minutes=2, least=SLOW_SHARE),
        FAULTS,
    ),
    "old dies: a person is told, by one minute's metric": (told, FAULTS),
}
"""What befalls a side, how its times are drawn, and how often."""

HEAD: Final = (
    "fault",
    "data that shows it",
    "metric and alarm",
    "the call",
    "decision and write",
    "at every edge",
    "in all",
)


def said(values: Sequence[float]) -> str:
    """Return median, 95th percentile and the worst that was drawn."""
    ranked = sorted(values)
    middle, p95 = ranked[len(ranked) // 2], ranked[int(0.95 * len(ranked))]
    return ", ".join("never" if np.isinf(v) else f"{v:.1f}" for v in (middle, p95, ranked[-1]))


def row(name: str) -> str:
    """Return one row, the same each time."""
    draw, faults = ROWS[name]
    chance = random.Random(11)  # noqa: S311 - a simulation
    drawn = [draw(chance).phases for _ in range(faults)]
    cells = []
    for column in zip(*drawn, strict=True):
        known = [value for value in column if value is not None]
        cells.append(said([v for v in known if not np.isnan(v)]) if known else "")
    return f"| {name} | {' | '.join(cells)} |"


def table() -> Iterator[str]:
    """Yield the lines of the table."""
    yield f"| {' | '.join(HEAD)} |"
    yield f"| --- |{' ---: |' * (len(HEAD) - 1)}"
    yield from map(row, ROWS)


def with_table(text: str, lines: Sequence[str]) -> str:
    """Return `text` with the table between its two marks renewed."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}" + "\n".join(lines) + f"\n{END}{after}"


def usual_table() -> Iterator[str]:
    """Yield the lines of the table of docs/seconds.md."""
    yield "| both sides usually fail | 500 | hangs |"
    yield "| --- | ---: | ---: |"
    for errors in USUAL_ERRORS:
        cells = []
        for hangs in (False, True):
            chance, usual = random.Random(12), remembered(errors)  # noqa: S311 - a simulation
            seen = [
                confirmed(chance.uniform(60, 120), chance, usual, hangs=hangs, errors=errors)
                for _ in range(FEWER_FAULTS)
            ]
            cells.append(said(seen))
        yield f"| {errors:.1%} | {' | '.join(cells)} |"


def main() -> None:
    """Print a table, or put it into the document."""
    lines = list(usual_table() if sys.argv[1:] == ["--usual"] else table())
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")
    else:
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
