"""Teaches MiniStack the statistic PR(low:high): the percentage of values above low and at most high.

MiniStack answers the average for it. Source: CloudWatch User Guide, Statistics-definitions: percentile rank
is exclusive of the lower bound and inclusive of the upper one, and either may be left out.
"""

from __future__ import annotations

import re
from typing import Any

from ministack.services import cloudwatch

_RANK = re.compile(r"PR\((?P<low>\d*\.?\d*):(?P<high>\d*\.?\d*)\)")


def teach() -> None:
    """Make every statistic that MiniStack computes know percentile ranks."""
    plain = cloudwatch._stat_value

    def stat_value(
        stats: dict[str, float], stat_name: str, points: list[dict[str, Any]] | None = None
    ) -> float | None:
        found = _RANK.fullmatch(stat_name or "")
        if found is None:
            value: float | None = plain(stats, stat_name, points)
            return value
        # None where CloudWatch keeps no single values, as for percentiles.
        samples = cloudwatch._percentile_samples(points or [])
        return percentile_rank(samples, found["low"], found["high"]) if samples else None

    cloudwatch._stat_value = stat_value


def percentile_rank(samples: list[tuple[float, float]], low: str, high: str) -> float:
    """Return the percentage of `samples`, values with their counts, above `low` and at most `high`; a
    bound left empty is none."""
    inside = sum(
        count
        for value, count in samples
        if (not low or value > float(low)) and (not high or value <= float(high))
    )
    return 100 * inside / sum(count for _, count in samples)
