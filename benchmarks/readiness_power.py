"""How often the verdict on latency is wrong, and how often it can tell, where the truth is known.

    .venv/bin/python benchmarks/readiness_power.py

prints the tables of docs/readiness-statistics.md, the same each time, in about two minutes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from shared.inference.proportions import proportion_interval
from shared.inference.verdict import Verdict, at_most
from shared.readiness.checks.performance import intervals

SIZES = (20, 75, 100, 300, 1000)
RUNS = 4000
OLD_MS = 100.0
FACTORS = (0.8, 1.0, 1.1, 1.25, 1.5)
"""The truth, as a multiple of what is allowed."""
SLOWDOWNS = (0, 25, 35, 50, 100)
"""Percent; 25 are allowed."""
ALLOWED_PERCENT = 25


@dataclass(frozen=True)
class Shape:
    """A distribution of latency whose mean is 1, and whose 95th percentile is known."""

    name: str
    draw: Callable[[random.Random], float]
    p95: float


def lognormal(sigma: float) -> Shape:
    """Return a lognormal distribution; 0.3 is a calm service, 1 a lively one."""
    middle = -sigma * sigma / 2
    return Shape(
        f"lognormal, sigma {sigma:g}",
        lambda chance: chance.lognormvariate(middle, sigma),
        math.exp(middle + 1.6448536269514722 * sigma),
    )


def two_ways(share: float, times: float) -> Shape:
    """Return a distribution of which `share` takes `times` as long, like a cache that misses.

    Both parts are even within a tenth, so that the 95th percentile lies in the slow part or at the quick
    one's end.
    """
    quick = 1 / (1 + share * (times - 1))
    within = 0.05 / share if share > 0.05 else 0.0  # noqa: PLR2004 - the 95th percentile's own
    p95 = (
        quick * times * (1.1 - 0.2 * within)
        if share > 0.05  # noqa: PLR2004
        else quick * (0.9 + 0.2 * 0.95 / (1 - share))
    )
    return Shape(
        f"{share:.0%} take {times:g} times as long",
        lambda chance: quick * (times if chance.random() < share else 1) * chance.uniform(0.9, 1.1),
        p95,
    )


def pareto(alpha: float) -> Shape:
    """Return a distribution with a heavy tail."""
    least = (alpha - 1) / alpha
    return Shape(
        f"Pareto, alpha {alpha:g}",
        lambda chance: least * chance.paretovariate(alpha),
        least * 0.05 ** (-1 / alpha),
    )


SHAPES = (lognormal(0.3), lognormal(1.0), two_ways(0.1, 5), two_ways(0.02, 10), pareto(2.5))


@dataclass
class Tally:
    """How often each verdict was given."""

    fail: int = 0
    unsure: int = 0
    passed: int = 0

    def add(self, verdict: Verdict) -> None:
        """Count one verdict."""
        self.fail += verdict is Verdict.FAIL
        self.unsure += verdict is Verdict.INCONCLUSIVE
        self.passed += verdict is Verdict.PASS

    def __str__(self) -> str:
        """Show it as percentages: FAIL / INCONCLUSIVE / PASS."""
        whole = self.fail + self.unsure + self.passed
        return " / ".join(f"{100 * n / whole:.1f}" for n in (self.fail, self.unsure, self.passed))


def judged(
    shape: Shape,
    size: int,
    runs: int,
    *,
    seed: int = 1,
    drift: float = 0.0,
    old_shape: Shape | None = None,
) -> dict[str, list[Tally]]:
    """Return the verdicts of `runs` measurements of `size` samples a side, for each thing judged.

    Both sides have the same shape, unless old has one of its own. `average` and `p95` are judged at limits
    of which the truth is each of FACTORS; `slowdown` with a truth of each of SLOWDOWNS. With `drift` both
    sides become slower by up to that share and quick again, four times over.
    """
    chance = random.Random(seed)  # noqa: S311 - the same each time is the point
    tallies = {
        "average": [Tally() for _ in FACTORS],
        "p95": [Tally() for _ in FACTORS],
        "slowdown": [Tally() for _ in SLOWDOWNS],
    }
    course = [OLD_MS * (1 + drift * math.sin(8 * math.pi * i / size)) for i in range(size)]
    for _ in range(runs):
        old = [at * (old_shape or shape).draw(chance) for at in course]
        new = [at * shape.draw(chance) for at in course]
        mean, p95, slowdown = intervals({"/": old}, {"/": new})
        for tally, factor in zip(tallies["average"], FACTORS, strict=True):
            tally.add(at_most(mean, OLD_MS / factor))
        for tally, factor in zip(tallies["p95"], FACTORS, strict=True):
            tally.add(at_most(p95, OLD_MS * shape.p95 / factor))
        for tally, slower in zip(tallies["slowdown"], SLOWDOWNS, strict=True):
            # new k times as slow as drawn, and 25 % allowed: as drawn, and so much less allowed.
            allowed = 100 * ((100 + ALLOWED_PERCENT) / (100 + slower) - 1)
            tally.add(at_most(slowdown, allowed))
    return tallies


def table(title: str, columns: list[str], rows: dict[tuple[str, int], list[Tally]]) -> None:
    """Print one table."""
    print(f"### {title}\n\n| latency | samples | " + " | ".join(columns) + " |")
    print("| --- | ---: | " + " | ".join("---" for _ in columns) + " |")
    for (name, size), tallies in rows.items():
        print(f"| {name} | {size} | " + " | ".join(map(str, tallies)) + " |")
    print()


def main() -> None:
    """Print the tables."""
    found = {
        (shape.name, size): judged(shape, size, RUNS if size < SIZES[-1] else RUNS // 2)
        for shape in SHAPES
        for size in SIZES
    }
    heads = {
        "average": [f"{f:.0%} of the limit" for f in FACTORS],
        "p95": [f"{f:.0%} of the limit" for f in FACTORS],
        "slowdown": [f"{s} % slower" for s in SLOWDOWNS],
    }
    for what, columns in heads.items():
        table(what, columns, {key: tallies[what] for key, tallies in found.items()})
    calm, lively = SHAPES[:2]
    for said, new, drift, old in (
        ("while both sides drift by half", calm, 0.5, calm),
        ("where old is lively and new is calm", calm, 0.0, lively),
        ("where old is calm and new is lively", lively, 0.0, calm),
    ):
        rows = {
            (f"old {old.name}, new {new.name}", size): judged(
                new, size, RUNS // 2, drift=drift, old_shape=old
            )["slowdown"]
            for size in SIZES
        }
        table(f"slowdown, {said}", heads["slowdown"], rows)
    print(
        "### errors\n\n| requests | 0.1 % fail | 1 % fail | 5 % fail | none failed: the truth is below |"
    )
    print("| ---: | ---: | ---: | ---: | ---: |")
    for requests in (*SIZES, 3000):
        seen = [f"{100 * (1 - (1 - rate) ** requests):.1f}" for rate in (0.001, 0.01, 0.05)]
        below = proportion_interval(0, requests).high or 1.0
        print(f"| {requests} | " + " | ".join(seen) + f" | {100 * below:.2f} % |")


if __name__ == "__main__":
    main()
