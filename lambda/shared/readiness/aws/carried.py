"""How many requests a second the service carries now, as CloudWatch counted them.

Source: Elastic Load Balancing, load-balancer-cloudwatch-metrics: RequestCount, statistic Sum, once a
minute and only while there are requests; health checks do not count.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from shared.aws import Clients
from shared.metrics import SideMetrics, by_region
from shared.readiness.spec import SIDES, Spec

MINUTES: Final = 15
BUSIER: Final = 2
"""How many busier minutes are left out: an earlier check's own load counts as requests, and would set a
higher rate for each try after it."""


@dataclass(frozen=True)
class Carried:
    """What the service carries.

    Attributes
    ----------
    rate : float or None
        Requests a second; None where it is not known.
    said : str
        Where the figure comes from, or why there is none.
    """

    rate: float | None
    said: str


async def carried(spec: Spec, clients: Clients) -> Carried:
    """Return the rate of both sides together: what new must carry alone in the end, and old again after
    a rollback."""
    if not spec.region or not (spec.old.load_balancer and spec.old.target_group):
        return Carried(None, "no target group is declared, so the present rate cannot be read")
    try:
        counts = await asyncio.to_thread(_read, clients, spec, datetime.now(UTC))
    except NoCredentialsError:
        return Carried(None, "there are no AWS credentials, so the present rate cannot be read")
    except (BotoCoreError, ClientError) as error:
        return Carried(None, f"the present rate cannot be read: {error}")
    return sustained(counts)


def sustained(counts: list[float]) -> Carried:
    """Return the rate from the requests of each minute that had any."""
    if not counts:
        return Carried(None, f"CloudWatch counted no requests in the last {MINUTES} minutes")
    by_size = sorted(counts, reverse=True) + [0.0] * MINUTES
    rate = by_size[BUSIER] / 60
    said = f"{rate:.1f} requests/s, the third busiest of the last {MINUTES} minutes in CloudWatch"
    return Carried(rate, said)


def _read(clients: Clients, spec: Spec, now: datetime) -> list[float]:
    end = now.replace(second=0, microsecond=0)  # the minute that runs is not whole
    sides = {
        name: SideMetrics(side.load_balancer, side.target_group, spec.region_of(name))
        for name in SIDES
        if (side := spec.side(name)).target_group
    }
    answers: list[dict[str, Any]] = []
    for region, here in by_region(sides).items():
        answers += clients("cloudwatch", region).get_metric_data(
            StartTime=end - timedelta(minutes=MINUTES),
            EndTime=end,
            MetricDataQueries=[metrics.requests().query(name) for name, metrics in here.items()],
        )["MetricDataResults"]
    minutes: defaultdict[datetime, float] = defaultdict(float)
    for answer in answers:
        for at, count in zip(answer["Timestamps"], answer["Values"], strict=True):
            minutes[at] += count
    return list(minutes.values())
