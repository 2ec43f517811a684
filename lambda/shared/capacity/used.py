"""Reads from CloudWatch what the load balancers of both sides used.

`PeakLCUs` is what to reserve by, as the per-minute sum (Elastic Load Balancing User Guide,
capacity-unit-reservation). Its own page says that it applies "only when using LCU Reservation"
(load-balancer-cloudwatch-metrics), so where a side has none, `ConsumedLCUs` stands in, as the sum of an
hour: that is the unit in which it is paid, and in which ReservedLCUs is reported
(monitor-capacity-unit-reservation).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from shared.capacity.units import Used
from shared.metrics import SideMetrics, by_region
from shared.watch.series import read_series


def used(
    client_for: Callable[[str, str], Any],
    sides: Mapping[str, SideMetrics],
    now: datetime,
    days: int,
) -> dict[str, Used]:
    """Return what each of `sides` used in `days` days (1 to 14) before `now`; each region is asked once.

    Values by the minute are kept for 15 days (CloudWatch User Guide, cloudwatch_concepts).

    Raises
    ------
    DoorError
        When CloudWatch does not answer.
    """
    # Whole hours, so that the first hour is not a part of one.
    since = (now - timedelta(days=days)).replace(minute=0, second=0, microsecond=0)
    found: dict[str, Used] = {}
    for region, here in by_region(sides).items():
        series = _read(client_for("cloudwatch", region), here, since, now)
        for side in here:
            found[side] = Used(series[f"peaks_{side}"], series[f"consumed_{side}"])
    return found


def _read(
    client: Any, sides: Mapping[str, SideMetrics], since: datetime, until: datetime
) -> dict[str, dict[datetime, float]]:
    queries = [
        metric.query(f"{what}_{side}")
        for side, metrics in sides.items()
        for what, metric in (
            ("peaks", metrics.peak_units()),
            ("consumed", metrics.consumed_units()),
        )
    ]
    return read_series(client, queries, since, until)
