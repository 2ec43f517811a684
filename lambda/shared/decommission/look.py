"""Reads the evidence from CloudWatch: two calls, one in each region."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from shared.decommission.evidence import DAY_HOURS, Evidence
from shared.decommission.rules import Rules
from shared.metrics import Metric
from shared.watch.hours import HOUR
from shared.watch.look import EDGE_REGION, last_whole_hour, look_at_doors, read_hours

_ASKED: Final = ("RequestCount",)
_ANSWERED_ITSELF: Final = (
    "HTTP_Redirect_Count",
    "HTTP_Fixed_Response_Count",
    "HTTPCode_ELB_4XX_Count",
)
"""RequestCount leaves out what reached no target (Elastic Load Balancing User Guide,
load-balancer-cloudwatch-metrics)."""


def look(client_for: Callable[[str], Any], service: str, rules: Rules, now: datetime) -> Evidence:
    """Return what CloudWatch holds of the time that the rules ask for.

    Parameters
    ----------
    client_for : callable
        CloudWatch's client by region.

    Raises
    ------
    DoorError
        When CloudWatch does not answer.
    """
    until = last_whole_hour(now)
    count = max(rules.watch_hours, rules.quiet_days * DAY_HOURS)
    at_doors = look_at_doors(client_for(EDGE_REGION), service, rules.doors, until, count)
    counted = {
        name.lower(): Metric(
            "AWS/ApplicationELB", name, "Sum", {"LoadBalancer": rules.load_balancer}
        )
        for name in (*_ASKED, *_ANSWERED_ITSELF)
    }
    at_old = read_hours(client_for(rules.region), counted, until - HOUR * count, until)
    others: dict[datetime, float] = {}
    for name in _ANSWERED_ITSELF:
        for hour, value in at_old[name.lower()].items():
            others[hour] = others.get(hour, 0.0) + value
    return Evidence(
        until=until,
        weight=at_doors.weight,
        thrown=at_doors.thrown,
        requests=at_old["requestcount"],
        others=others,
    )
