"""From a fault of new to the switch, in an account: what is documented, what is assumed, and the sum.

    .venv/bin/python -m benchmarks.seconds_clock

prints the tables of docs/seconds.md, the same each time, in some minutes. The sentinel's runs are the
product's own (lambda/sentinel/watch.py), in made-up time. Nothing here was measured in an account.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field

from benchmarks.made_up_time import ANSWERS_IN_SECONDS, LIMIT_SECONDS, MadeUpTime
from sentinel.streaks import Pair
from sentinel.usual import Side, Usual
from sentinel.watch import RUN_SECONDS, watch

FAULTS = 2000
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


def by_sentinel(
    chance: random.Random, usual: Usual, *, hangs: bool = False, endpoint: int | None = None
) -> Times:
    """Return the times of a fault at any second of the minute."""
    seen = confirmed(chance.uniform(60, 120), chance, usual, hangs=hangs, endpoint=endpoint)
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
    """Print the tables."""
    usual = remembered(ERRORS)
    print("| fault | seen | in ALARM | switch thrown |\n| --- | ---: | ---: | ---: |")
    for name, draw in (
        ("500, refuses, or says something else", lambda c: by_sentinel(c, usual)),
        ("hangs", lambda c: by_sentinel(c, usual, hangs=True)),
        (
            "only an endpoint that is not the first fails",
            lambda c: by_sentinel(c, usual, endpoint=2),
        ),
        ("the floor: a hard failure, by alarms of a minute", by_minute),
    ):
        chance = random.Random(11)  # noqa: S311 - a simulation
        drawn = [draw(chance) for _ in range(FAULTS)]
        columns = [[getattr(one, what) for one in drawn] for what in ("seen", "alarm", "thrown")]
        print(f"| {name} | " + " | ".join(said(column) for column in columns) + " |")
    print("\n| both sides usually fail | seen: 500 | seen: hangs |\n| --- | ---: | ---: |")
    for errors in USUAL_ERRORS:
        usual = remembered(errors)
        cells = []
        for hangs in (False, True):
            chance = random.Random(12)  # noqa: S311 - a simulation
            cells.append(
                said(
                    [
                        confirmed(
                            chance.uniform(60, 120), chance, usual, hangs=hangs, errors=errors
                        )
                        for _ in range(FEWER_FAULTS)
                    ]
                )
            )
        print(f"| {errors:.1%} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
