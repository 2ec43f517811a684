"""From datapoints to an alarm's state: M out of N, and the four ways to take silence.

Source: CloudWatch User Guide, alarm-evaluation and alarms-and-missing-data. CloudWatch looks at more
periods than it needs and prefers real datapoints; how many more is not documented for every case: two
here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
EXTRA_PERIODS: Final = 2
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanOrEqualToThreshold": lambda value, limit: value >= limit,
    "GreaterThanThreshold": lambda value, limit: value > limit,
    "LessThanThreshold": lambda value, limit: value < limit,
    "LessThanOrEqualToThreshold": lambda value, limit: value <= limit,
}


def state_of(
    values: Sequence[float | None],
    *,
    comparison: str,
    threshold: float,
    datapoints: int,
    periods: int,
    silence: str,
    before: State,
) -> State:
    """Return the state after `values`, oldest first, `None` where a period has no datapoint.

    `datapoints` breaching values out of `periods` make an ALARM. `silence` is TreatMissingData:
    missing, notBreaching, breaching or ignore. `before` is the state so far.
    """
    breaches = _COMPARISONS[comparison]
    real = [value for value in values if value is not None]
    if not real and silence == "ignore":
        return before
    if not real and silence == "missing":
        return "INSUFFICIENT_DATA"
    judged = [breaches(value, threshold) for value in real[-periods:]]
    if silence in {"breaching", "notBreaching"}:
        judged += [silence == "breaching"] * (periods - len(judged))
    return "ALARM" if sum(judged) >= datapoints else "OK"
