"""How many of the requests that a load balancer counts are Route 53's probes and nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cutover.declaration.service import Service

CHECKERS: Final = 15
"""Health checkers that probe one endpoint. At an interval of 30 s an endpoint gets "about one request every 2
seconds" (Route 53 Developer Guide, health-checks-creating-values), at one of 10 s three times as many."""

MOST_CHECKERS: Final = 20
"""More than there are: as many as it takes for one request every 1.5 s, which is still "about 2"."""


@dataclass(frozen=True)
class Probes:
    """Requests a minute to each side that are health checkers', all endpoints together.

    Attributes
    ----------
    about : int
        As many as the guide says: for what is shown, and for rates.
    at_most : int
        For what must be users' requests and nothing else.
    """

    about: int
    at_most: int


def probes_of(service: Service) -> Probes:
    """Return how often `service` has each of its sides probed: every endpoint of a side has one check, and
    each checker sends one request an interval."""
    checks = len(service.endpoints) * 60 // service.health_checks.interval_seconds
    return Probes(about=CHECKERS * checks, at_most=MOST_CHECKERS * checks)
