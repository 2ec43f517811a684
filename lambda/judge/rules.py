"""What the declaration leaves open, and how sure the judge must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from shared.probes import NO_PROBES, Probes

LEVEL: Final = 1e-4
"""p-value at which one look at response times is sure. It is asked 1,440 times a day, of overlapping minutes:
docs/judge.md states what that makes of a whole day, by simulation."""

CLASS_LEVEL: Final = LEVEL / 4
"""The same for 4xx and for 3xx, each. Errors are sure over a whole watch: `Rules.false_alarms`."""


@dataclass(frozen=True)
class Rules:
    """What the declaration leaves open.

    Attributes
    ----------
    lookback_minutes : int
        Newest minutes, from 2, that must have enough requests, and are told of.
    minimum_requests : int
        Requests of users on each side in the look-back below which nothing is concluded.
    false_alarms : float
        In at most this share of the watches, above 0 and below 1, new's errors fail it that are no more than
        they may be.
    slowdown_percent : float
        How much slower than old new may be.
    more_4xx_points, more_3xx_points : float
        How many percentage points new's share of these answers may be above old's, 0 to 100.
    probes : Probes
        Of each minute's requests on each side so many are nobody's.
    groups_from_weight : int
        The least weight at which a group is on new before everybody, at the edge door; 0: there is none.
    """

    lookback_minutes: int
    minimum_requests: int
    false_alarms: float
    slowdown_percent: float
    more_4xx_points: float
    more_3xx_points: float
    probes: Probes = NO_PROBES
    groups_from_weight: int = 0
