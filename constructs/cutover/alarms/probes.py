"""How many of the requests that a load balancer counts are probes, Route 53's and the sentinel's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cutover.declaration.service import Service

CHECKERS: Final = 15
"""Health checkers that probe one endpoint. At an interval of 30 s an endpoint gets "about one request every 2
seconds" (Route 53 Developer Guide, health-checks-creating-values), at one of 10 s three times as many."""

MOST_CHECKERS: Final = 20
"""More than there are: as many as it takes for one request every 1.5 s, which is still "about 2"."""


FIRST_BY_SENTINEL: Final = 35
"""How often a minute the sentinel asks for the first endpoint: every 2 s, by runs of 70 s that begin each
minute (lambda/sentinel)."""

FEWEST_ROUNDS, MOST_ROUNDS = 3, 5
"""Each other endpoint comes round in so many of the first's turns: every 6 s where there are three or fewer,
every 10 s where there are five or more."""

MOST_BY_SENTINEL: Final = 26
"""More than those for the first, at most: what failed is asked again, 12 times a run at most. A minute may
hold parts of two runs, and each of these may add a round."""

MORE_OF_OTHERS_BY_SENTINEL: Final = 2
"""More than those for each other one, at most: a round more in each of two runs."""


@dataclass(frozen=True)
class Probes:
    """Requests a minute to each side that are health checkers' or the sentinel's, all endpoints together.

    Attributes
    ----------
    about : int
        As many as the guide says and the sentinel sends: for what is shown, and for rates. At weight 0 there
        are fewer, because the sentinel rests.
    at_most : int
        For what must be users' requests and nothing else.
    """

    about: int
    at_most: int


def probes_of(service: Service) -> Probes:
    """Return how often `service` has each of its sides probed: every endpoint of a side has one check, each
    checker sends one request an interval, and the sentinel asks for each endpoint."""
    checks = len(service.endpoints) * 60 // service.health_checks.interval_seconds
    others = len(service.endpoints) - 1
    rounds = max(FEWEST_ROUNDS, min(MOST_ROUNDS, others))
    by_sentinel = FIRST_BY_SENTINEL + round(FIRST_BY_SENTINEL * others / rounds)
    more = MOST_BY_SENTINEL + MORE_OF_OTHERS_BY_SENTINEL * others
    return Probes(
        about=CHECKERS * checks + by_sentinel,
        at_most=MOST_CHECKERS * checks + by_sentinel + more,
    )
