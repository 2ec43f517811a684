"""Minutes of a side as a load balancer would tell them, for the judge's tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from judge.compare import compare
from judge.errors import ErrorEvidence, weigh_errors
from judge.judgement import Judgement
from judge.latency import bounds
from judge.minutes import Minute
from judge.rules import Rules
from shared.probes import NO_PROBES, Probes

MIDDLE = 12
"""A class of response time from which there are faster and slower ones: 60 to 80 ms."""


def minutes(
    count: int,
    requests: int,
    errors: int = 0,
    *,
    slower: int = 0,
    times: bool = True,
    redirected: int = 0,
    refused: int = 0,
) -> list[Minute]:
    """Return so many like minutes; `slower` is by how many classes their times are above `MIDDLE`.

    What is neither an error nor `redirected` (3xx) or `refused` (4xx) was answered with 2xx.
    """
    minute = Minute(
        requests,
        errors,
        spread(requests, slower) if times else (),
        requests - errors - redirected - refused,
        redirected,
        refused,
    )
    return [minute] * count


def spread(requests: int, slower: int = 0) -> tuple[float, ...]:
    """Return the classes of so many requests, half in the middle one and a quarter on each side."""
    classes = [0.0] * (len(bounds()) + 1)
    for offset, share in ((-1, 0.25), (0, 0.5), (1, 0.25)):
        classes[MIDDLE + slower + offset] = share * requests
    return tuple(classes)


def with_errors(side: Sequence[Minute], errors: Sequence[int]) -> list[Minute]:
    """Return the minutes of `side` with these errors, at most as many as requests."""
    return [
        replace(
            minute,
            errors=min(count, minute.requests),
            succeeded=max(0, minute.requests - count - minute.redirected - minute.refused),
        )
        for minute, count in zip(side, errors, strict=True)
    ]


def compared(
    old: Sequence[Minute], new: Sequence[Minute], declared: Mapping[str, float], rules: Rules
) -> Judgement:
    """Return the judgement where the weight was changed just before the first minute."""
    return compare(old, new, range(len(old)), declared, rules)


def weighed_errors(
    old: Sequence[Minute],
    new: Sequence[Minute],
    *,
    probes: Probes = NO_PROBES,
    level: float = 0.1,
    age: int = 0,
) -> ErrorEvidence:
    """Return what the errors say where the weight was changed `age` minutes before the first one."""
    return weigh_errors(old, new, range(age, age + len(old)), probes=probes, level=level)
