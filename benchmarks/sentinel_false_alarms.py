"""How often the sentinel says that new is down where new fails no more often than old.

    .venv/bin/python benchmarks/sentinel_false_alarms.py

prints the table of docs/seconds.md, the same each time, in about four minutes. The runs are the product's own
(lambda/sentinel/watch.py), in made-up time: one begins each minute, and each lasts 70 s.

Three failures in a row are rare, so a year at 0.1 % of errors would show none. Days are simulated where
errors are common enough to count. False alarms grow with the third power of the rate: the count gives the
factor.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from sentinel.streaks import IN_A_ROW, Pair, Side
from sentinel.watch import watch

ENDPOINTS = (1, 3, 20)
COUNTED_AT = (0.02, 0.03, 0.05)
"""Shares of errors on both sides at which days are simulated."""
DAYS = 8
STATED_AT = (0.001, 0.003, 0.005, 0.01)
MINUTES_A_DAY = 24 * 60
_ANSWERS_IN_SECONDS = 0.1


class Noise:
    """Both sides, each of which fails `share` of what it is asked, and who is told."""

    def __init__(self, share: float, chance: random.Random) -> None:
        self._share = share
        self._chance = chance
        self.at = 0.0
        self.alarms = 0
        self._is_down = False

    def ask(self, endpoints: Sequence[int]) -> dict[int, Pair]:
        """Answer, or fail, after a tenth of a second."""
        self.at += _ANSWERS_IN_SECONDS
        return {one: Pair(self._is_right(), self._is_right()) for one in endpoints}

    def _is_right(self) -> bool:
        return self._chance.random() >= self._share

    def now(self) -> float:
        """Return the time."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self.at += seconds

    def down(self, sides: Sequence[Side], now: float) -> None:  # noqa: ARG002
        """Count that new is said to be down, once for as long as that lasts."""
        self._is_down, was = "new" in sides, self._is_down
        self.alarms += self._is_down and not was

    def watches(self, sees: bool) -> None:
        """Pass over that it watches."""


def alarms_a_day(share: float, endpoints: int, days: int) -> tuple[float, int]:
    """Return how often a day new is said to be down, and how often that was counted."""
    chance = random.Random(f"{share} {endpoints}")  # noqa: S311 - a simulation
    counted = 0
    for _ in range(days * MINUTES_A_DAY):
        noise = Noise(share, chance)
        watch(endpoints, noise.ask, noise, noise)
        counted += noise.alarms
    return counted / days, counted


def main() -> None:
    """Print the table."""
    stated = " | ".join(f"a year at {share:.1%}" for share in STATED_AT)
    print(
        f"| endpoints | counted a day at {', '.join(f'{s:.0%}' for s in COUNTED_AT)} | {stated} |"
    )
    print("| ---: | ---: " * 2 + "| ---: " * (len(STATED_AT) - 2) + "|")
    for endpoints in ENDPOINTS:
        found = {share: alarms_a_day(share, endpoints, DAYS) for share in COUNTED_AT}
        # The rarer, the less the other side's failures hold back: so the rarest that is counted.
        rarest = COUNTED_AT[0]
        counted = found[rarest][1]
        # Of a count of few the upper bound of 95 % is what is stated.
        at_most = (counted + 1 + 1.645 * math.sqrt(counted + 1)) / DAYS
        a_year = [365 * at_most * (share / rarest) ** IN_A_ROW for share in STATED_AT]
        each = ", ".join(f"{a_day:.2g}" for a_day, _ in found.values())
        print(f"| {endpoints} | {each} | " + " | ".join(f"{rate:.2g}" for rate in a_year) + " |")


if __name__ == "__main__":
    main()
