"""What is told of one side's minutes: figures ready for JSON, and how often something was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from judge.latency import median_ms
from judge.minutes import Minute, errors, requests, timed, untimed_without
from shared.probes import Probes

_TINY: Final = 1e-12
UNREAD: Final[dict[str, Any]] = {"requests": None, "median_ms": None}
"""In place of `timing`, where response times were not read."""


def failing(side: Sequence[Minute], probes: Probes) -> dict[str, Any]:
    """Return how many of the users' requests failed, about."""
    asked, failed = users(side, probes), errors(side)
    percent = 100 * failed / asked if asked else None
    return {"requests": asked, "errors": failed, "percent": percent}


def answers(side: Sequence[Minute], probes: Probes) -> dict[str, Any]:
    """Return the share of each class in percent, about, of the users' requests."""
    asked = users(side, probes)
    counts = {
        "2xx": sum(minute.succeeded for minute in untimed_without(side, probes.about)),
        "3xx": sum(minute.redirected for minute in side),
        "5xx": errors(side),
    }
    shares = {name: 100 * count / asked if asked else None for name, count in counts.items()}
    return {"requests": asked, **shares, "4xx": refused(side, probes)}


def refused(side: Sequence[Minute], probes: Probes) -> float | None:
    """Return the share of 4xx in percent, about, of the users' requests; None where there are none."""
    asked = users(side, probes)
    return 100 * sum(minute.refused for minute in side) / asked if asked else None


def timing(side: Sequence[Minute], upper: Sequence[float]) -> dict[str, Any]:
    """Return how many requests were timed, and the median; `upper` are the bounds of the classes."""
    return {"requests": timed(side), "median_ms": median_ms(side, upper)}


def surely(p_value: float) -> str:
    """Return the p-value in words."""
    return f"p = {p_value:.1g}" if p_value >= _TINY else f"p below {_TINY:g}"


def of_users(side: Sequence[Minute], probes: Probes, count: int) -> str:
    """Return which share of the users' requests `count` is, about, in words."""
    asked = users(side, probes)
    share = 100 * count / asked if asked else 0.0
    return f"{share:.2f} % of its {_whose(side, probes)} ({count} of {asked})"


def _whose(side: Sequence[Minute], probes: Probes) -> str:
    if side and not any(minute.probed for minute in side):
        return "viewers' requests"
    return "users' requests" if probes.about else "requests"


def users(side: Sequence[Minute], probes: Probes) -> int:
    """Return how many of the requests are users', about."""
    return requests(untimed_without(side, probes.about))
