"""From a fault of new to the switch, in an account: what is documented, what is assumed, and the sum.

    .venv/bin/python benchmarks/seconds_clock.py

prints the table of docs/seconds.md, the same each time, in about a minute. The sentinel's runs are the
product's own (lambda/sentinel/watch.py), in made-up time. Nothing here was measured in an account.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from sentinel.streaks import Pair, Side
from sentinel.watch import watch

FAULTS = 4000
LOOKS_EVERY = 10.0
"""Documented: an alarm of ten-second periods is evaluated every 10 s (CloudWatch User Guide,
AlarmThatSendsEmail). At which second is not: it is drawn."""
VISIBLE_AFTER = (1.0, 3.0)
"""Assumed: until an alarm sees what was put. "A few seconds" (an answer on AWS re:Post)."""
CALLED_AFTER = (0.2, 2.0)
"""Assumed: SNS, the asynchronous call and, at worst, a cold start."""
DECIDES_IN = (0.5, 3.3)
"""Ours: what is not read within 3 s is done without; then one write at each door."""
A_MINUTE = 60.0
LOOKS_EACH_MINUTE = 60.0
"""Documented for an alarm of a minute: it is evaluated each minute."""
_LIMIT = 1.5
_ANSWERS_IN = 0.1


@dataclass
class Run:
    """One run of the sentinel, and the first moment at which it said that new is down."""

    at: float
    fault: float
    hangs: bool
    endpoint: int | None
    told: list[float] = field(default_factory=list)

    def ask(self, endpoints: Sequence[int]) -> dict[int, Pair]:
        """Answer for both sides; new is well until the fault."""
        seen = {
            one: Pair(True, self.at < self.fault or self.endpoint not in {None, one})
            for one in endpoints
        }
        fails = any(not pair.new for pair in seen.values())
        self.at += _LIMIT if self.hangs and fails else _ANSWERS_IN
        return seen

    def now(self) -> float:
        """Return the time."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.at += seconds

    def down(self, sides: Sequence[Side], now: float) -> None:
        """Note when new is down."""
        if sides:
            self.told.append(now)

    def watches(self, sees: bool) -> None:
        """Pass over that it watches."""


def confirmed(fault: float, *, hangs: bool, endpoint: int | None) -> float:
    """Return how long after `fault` (60 to 120 s) any of the runs, one a minute, says that new is down."""
    soonest = []
    for minute in range(3):
        run = Run(A_MINUTE * minute, fault, hangs, endpoint)
        watch(3, run.ask, run, run)
        soonest += run.told[:1]
    return min(soonest) - fault


def looked_at(ready: float, every: float, chance: random.Random) -> float:
    """Return when an alarm with a phase of its own next looks, at `ready` or after it."""
    return ready + chance.uniform(0, every)


def by_sentinel(
    chance: random.Random, *, hangs: bool = False, endpoint: int | None = None
) -> Times:
    """Return the times of a fault at any second of the minute."""
    seen = confirmed(chance.uniform(60, 120), hangs=hangs, endpoint=endpoint)
    alarm = looked_at(seen + chance.uniform(*VISIBLE_AFTER), LOOKS_EVERY, chance)
    return Times(seen, alarm, _thrown(alarm, chance))


def by_minute(chance: random.Random) -> Times:
    """Return the times of a hard failure that the alarms of a minute see."""
    seen = chance.uniform(0, A_MINUTE)
    alarm = looked_at(seen + chance.uniform(*VISIBLE_AFTER), LOOKS_EACH_MINUTE, chance)
    return Times(seen, alarm, _thrown(alarm, chance))


def _thrown(alarm: float, chance: random.Random) -> float:
    return alarm + chance.uniform(*CALLED_AFTER) + chance.uniform(*DECIDES_IN)


@dataclass(frozen=True)
class Times:
    """Seconds from the fault until it is seen, is an alarm, and the switch is thrown."""

    seen: float
    alarm: float
    thrown: float


def said(values: Sequence[float]) -> str:
    """Return median, 95th percentile and the worst that was drawn."""
    ranked = sorted(values)
    middle, p95 = ranked[len(ranked) // 2], ranked[int(0.95 * len(ranked))]
    return f"{middle:.1f}, {p95:.1f}, {ranked[-1]:.1f}"


def main() -> None:
    """Print the table."""
    print("| fault | seen | in ALARM | switch thrown |\n| --- | ---: | ---: | ---: |")
    for name, draw in (
        ("500, refuses, or says something else", by_sentinel),
        ("hangs", lambda c: by_sentinel(c, hangs=True)),
        ("only an endpoint that is not the first fails", lambda c: by_sentinel(c, endpoint=2)),
        ("the floor: a hard failure, by alarms of a minute", by_minute),
    ):
        chance = random.Random(11)  # noqa: S311 - a simulation
        drawn = [draw(chance) for _ in range(FAULTS)]
        columns = [[getattr(one, what) for one in drawn] for what in ("seen", "alarm", "thrown")]
        print(f"| {name} | " + " | ".join(said(column) for column in columns) + " |")


if __name__ == "__main__":
    main()
