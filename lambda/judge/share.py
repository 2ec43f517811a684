"""Does new get the declared share of requests? If not, the judge says so, but it is never a reason to roll
back: the two sides can be compared whatever the share is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from shared.inference.proportions import proportion_interval
from shared.share import tolerance

_CONFIDENCE: Final = 0.999


def is_off(new_requests: int, all_requests: int, declared: Collection[float]) -> bool:
    """Return whether new's share is surely off what every door declares, beyond the tolerance.

    Without requests or without a declared weight nothing is off.
    """
    if not all_requests or not declared:
        return False
    seen = proportion_interval(new_requests, all_requests, _CONFIDENCE)
    assert seen.low is not None
    assert seen.high is not None
    low = min(weight - tolerance(weight) for weight in declared)
    high = max(weight + tolerance(weight) for weight in declared)
    return 100 * seen.high < low or 100 * seen.low > high
