"""PASS, FAIL or INCONCLUSIVE: too few samples are never a PASS."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from shared.inference.student import Interval


class Verdict(StrEnum):
    """What can be said."""

    PASS = "PASS"  # noqa: S105 - no password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


AS_METRIC: Final = {Verdict.PASS: 0.0, Verdict.INCONCLUSIVE: 1.0, Verdict.FAIL: 2.0}
"""What a metric says of each."""


def overall(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the gravest: one FAIL fails all, one INCONCLUSIVE keeps all from passing.

    Nothing at all is INCONCLUSIVE.
    """
    seen = set(verdicts)
    for grave in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        if grave in seen:
            return grave
    return Verdict.PASS if seen else Verdict.INCONCLUSIVE


def at_most(interval: Interval, limit: float) -> Verdict:
    """Return PASS when the whole interval is at most `limit`, FAIL when the whole is above it."""
    if interval.low is not None and interval.low > limit:
        return Verdict.FAIL
    if interval.high is not None and interval.high <= limit:
        return Verdict.PASS
    return Verdict.INCONCLUSIVE
