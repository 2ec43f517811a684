"""Sums of each side and ten seconds, of the lines of one batch. It remembers nothing: CloudWatch adds up what
several batches say of one period."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median_low
from typing import Final

from fast_log.line import Form, UnreadError

PERIOD: Final = 10
"""Seconds: the period of the alarms."""

LATE: Final = 60
"""Seconds after which a line counts for no side: no alarm looks at that period any more, and how a side was
then is no news of how it is."""

AHEAD: Final = 60
"""Seconds by which the edge's clock may be ahead of ours. CloudWatch takes what is two hours ahead at most
(CloudWatch API reference, MetricDatum Timestamp)."""

SIDES: Final = ("old", "new")
GROUP_REQUESTS: Final = "EdgeGroupRequests"
OF_A_SIDE: Final = ("EdgeRequests", "EdgeErrors", "EdgeSlow", "Edge4xx")


@dataclass
class Batch:
    """What one batch tells.

    Attributes
    ----------
    sums : dict
        By metric, side and the Unix second at which the ten seconds begin. Where either side had a request,
        every sum of both is there: a zero is said, and not left out.
    records : dict
        Lines in time, whatever they tell, by the second at which their ten seconds begin.
    unread, sideless, late, repeated : int
        Lines that could not be read; that name no side; that came too late; that were in the batch before.
    age : float or None
        Seconds from the end of the answers to now, of the line in the middle; None without a line.
    unread_why : str
        Of the first line that could not be read.
    """

    sums: dict[tuple[str, str, int], int] = field(default_factory=dict)
    records: dict[int, int] = field(default_factory=dict)
    unread: int = 0
    sideless: int = 0
    late: int = 0
    repeated: int = 0
    age: float | None = None
    unread_why: str = ""


def count(
    texts: Iterable[str],
    form: Form,
    *,
    now: float,
    slow_seconds: float,
    with_groups: bool = False,
) -> Batch:
    """Return what `texts`, lines of the log, tell at `now` (Unix seconds); `with_groups` counts
    the viewers of groups apart too."""
    batch = Batch()
    seen: set[str] = set()
    ages = []
    for text in texts:
        try:
            line = form.read(text)
        except UnreadError as error:
            batch.unread += 1
            batch.unread_why = batch.unread_why or str(error)
            continue
        if line.at > now + AHEAD:
            # CloudWatch would refuse the whole batch for one such line.
            batch.unread += 1
            batch.unread_why = batch.unread_why or "its time lies ahead"
            continue
        if line.id in seen:
            batch.repeated += 1
            continue
        seen.add(line.id)
        # The edge's clock may be ahead of ours.
        age = max(0.0, now - line.at)
        ages.append(age)
        if age > LATE:
            batch.late += 1
            continue
        period = math.floor(line.at / PERIOD) * PERIOD
        batch.records[period] = batch.records.get(period, 0) + 1
        batch.sideless += not line.said
        if not line.side:
            continue
        for name in OF_A_SIDE:
            for side in SIDES:
                batch.sums.setdefault((name, side, period), 0)
        batch.sums["EdgeRequests", line.side, period] += 1
        if with_groups:
            of_groups = (GROUP_REQUESTS, "new", period)
            batch.sums[of_groups] = batch.sums.get(of_groups, 0) + line.of_group
        batch.sums["EdgeErrors", line.side, period] += line.failed
        batch.sums["EdgeSlow", line.side, period] += line.first_byte >= slow_seconds
        batch.sums["Edge4xx", line.side, period] += line.refused
        if line.other_failed:
            # It was asked, and could not save the request: that is one of its own.
            other = "old" if line.side == "new" else "new"
            batch.sums["EdgeRequests", other, period] += 1
            batch.sums["EdgeErrors", other, period] += 1
    batch.age = median_low(ages) if ages else None
    return batch
