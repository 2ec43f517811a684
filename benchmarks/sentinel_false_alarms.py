"""How often the sentinel says that new is down where new fails no more often than old.

    .venv/bin/python -m benchmarks.sentinel_false_alarms

prints the tables of docs/seconds.md, the same each time, in some minutes. The runs are the product's own
(lambda/sentinel/watch.py), in made-up time: one begins each minute, and each lasts 70 s.

As many failures in a row as it takes are too rare to be counted. So each failure that may begin such a row
adds the chance that the row goes on long enough, which is known here. Where errors are so common that false
alarms can be counted, that is checked. It comes out too high: what holds a false alarm back besides is left
out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.made_up_time import ANSWERS_IN_SECONDS, MadeUpTime
from sentinel.again import AGAIN_SECONDS
from sentinel.streaks import Pair
from sentinel.usual import Side, Usual
from sentinel.watch import RUN_SECONDS, watch

STATED_AT = (0.001, 0.005, 0.01, 0.03)
ENDPOINTS = (1, 3, 20)
CHECKED_AT = 0.1
LEARNS_RUNS = 100
RUNS_A_YEAR = 365 * 24 * 60
_DAY = 86_400


@dataclass(frozen=True)
class World:
    """Two sides that are alike, and none is down.

    Attributes
    ----------
    shares : tuple of float
        How often either side fails each endpoint, by chance.
    bursts : float
        A day, on each side by itself: they end after `seconds` on average, at any moment as likely.
    in_bursts : float
        How often a side fails in one.
    """

    shares: tuple[float, ...]
    bursts: float = 0.0
    seconds: float = 1.0
    in_bursts: float = 1.0

    def goes_on(self, endpoint: int, *, in_burst: bool) -> float:
        """Return the chance that new, which has just failed, fails the next time too, and old does not."""
        if not in_burst:
            return self.shares[endpoint] * (1 - self.shares[endpoint])
        return self.in_bursts * math.exp(-AGAIN_SECONDS / self.seconds)


class Run:
    """One run in a world; it adds up the chances that new is said to be down."""

    def __init__(self, world: World, usual: Usual, chance: random.Random) -> None:
        self._world = world
        self._usual = usual
        self._chance = chance
        self._bursts = {side: list(self._drawn()) for side in ("old", "new")}
        self._in_a_row: set[int] = set()
        self._is_down = False
        self.chances = 0.0
        self.counted = 0

    def _drawn(self) -> Iterator[tuple[float, float]]:
        often, at = self._world.bursts / _DAY, -10.0
        while often and (at := at + self._chance.expovariate(often)) < RUN_SECONDS:
            yield at, at + self._chance.expovariate(1 / self._world.seconds)

    def _in_burst(self, side: Side, at: float) -> bool:
        return any(began <= at < ended for began, ended in self._bursts[side])

    def _is_right(self, side: Side, at: float, endpoint: int) -> bool:
        world = self._world
        share = world.in_bursts if self._in_burst(side, at) else world.shares[endpoint]
        return self._chance.random() >= share

    def answers(self, at: float, endpoint: int) -> tuple[Pair, float]:
        """Answer, or fail, after a tenth of a second."""
        pair = Pair(self._is_right("old", at, endpoint), self._is_right("new", at, endpoint))
        if pair != Pair(old=True, new=False):
            self._in_a_row.discard(endpoint)
        elif endpoint not in self._in_a_row:
            self._in_a_row.add(endpoint)
            goes_on = self._world.goes_on(endpoint, in_burst=self._in_burst("new", at))
            self.chances += goes_on ** (self._usual.needed("new", endpoint) - 1)
        return pair, ANSWERS_IN_SECONDS

    def down(self, sides: Sequence[Side], now: float) -> None:  # noqa: ARG002
        """Count that new is said to be down, once for as long as that lasts."""
        self._is_down, was = "new" in sides, self._is_down
        self.counted += self._is_down and not was

    def watches(self, sees: bool) -> None:
        """Pass over that it watches."""


def a_year(world: World, runs: int, *, remembers: bool) -> tuple[float, float]:
    """Return how often a year new is said to be down: by the chances, and as counted."""
    chance = random.Random(f"{world}")  # noqa: S311 - a simulation
    usual = Usual(len(world.shares))
    chances, counted = 0.0, 0
    for number in range(-LEARNS_RUNS if remembers else 0, runs):
        if not remembers:
            usual = Usual(len(world.shares))
        run = Run(world, usual, chance)
        made_up = MadeUpTime(run.answers)
        watch(len(world.shares), made_up, run, made_up, usual)
        if number >= 0:
            chances, counted = chances + run.chances, counted + run.counted
    return chances * RUNS_A_YEAR / runs, counted * RUNS_A_YEAR / runs


HARD = {
    "one of three endpoints fails 10 %, the others 0.1 %": World((0.001, 0.1, 0.001)),
    "50 fits a day, 0.3 s on average, everything fails": World((0.001,), bursts=50, seconds=0.3),
    "50 fits a day, 1 s on average, everything fails": World((0.001,), bursts=50, seconds=1),
    "20 fits a day, 20 s on average, 20 % fails": World((0.001,), 20, 20, in_bursts=0.2),
}


def main() -> None:
    """Print the tables."""
    checked = a_year(World((CHECKED_AT,)), 4000, remembers=False)
    print("At {:.0%}: {:.0f} by the chances, {:.0f} as counted.\n".format(CHECKED_AT, *checked))
    stated = " | ".join(f"{share:.1%}" for share in STATED_AT)
    print(f"| endpoints | the sentinel | {stated} |")
    print("| ---: | --- " + "| ---: " * len(STATED_AT) + "|")
    for remembers, what in ((False, "remembers nothing"), (True, "remembers")):
        for endpoints in ENDPOINTS:
            cells = [
                f"{a_year(World((share,) * endpoints), 600, remembers=remembers)[0]:.2g}"
                for share in STATED_AT
            ]
            print(f"| {endpoints} | {what} | " + " | ".join(cells) + " |")
    print("\n| both sides, each by itself | remembers nothing | remembers |\n| --- | ---: | ---: |")
    for name, world in HARD.items():
        runs = 5000 if world.bursts else 1000
        found = [a_year(world, runs, remembers=remembers)[0] for remembers in (False, True)]
        print(f"| {name} | " + " | ".join(f"{often:.2g}" for often in found) + " |")


if __name__ == "__main__":
    main()
