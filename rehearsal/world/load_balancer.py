"""What a load balancer tells of one side: target health, and metrics once a minute.

Source: Elastic Load Balancing, load-balancer-cloudwatch-metrics: the counts of HTTP codes are reported where
there is a nonzero value.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from typing import Any, Final

import aiohttp

from rehearsal.world.minutes import each_minute
from rehearsal.world.side import TARGET_HEADER, Counters, LocalSide

_LOG = logging.getLogger("load-balancer")
_PROBE_SECONDS: Final = 10
_VALUES_A_DATUM: Final = 150
"""What PutMetricData takes in one datum (CloudWatch API reference, MetricDatum)."""


class LoadBalancer:
    """Watches one side as its load balancer would."""

    def __init__(
        self,
        cloudwatch: Any,
        side: LocalSide,
        *,
        load_balancer: str,
        target_group: str,
        health_path: str,
    ) -> None:
        self._cloudwatch = cloudwatch
        self._side = side
        self._of_balancer = [{"Name": "LoadBalancer", "Value": load_balancer}]
        self._of_group = [{"Name": "TargetGroup", "Value": target_group}, *self._of_balancer]
        self._health_path = health_path
        self._tasks: list[asyncio.Task[None]] = []
        self._seen: list[int] = []
        """How many targets were healthy at each look within the minute that runs."""
        self.behind_seconds = 0.0
        """So much behind is the clock that stamps its metrics."""

    async def start(self) -> None:
        """Begin as a load balancer that has been there for some minutes, and watch."""
        now = time.time() // 60 * 60
        for minutes in (3, 2, 1):
            await self._publish(Counters(), now - 60 * minutes)
        self._tasks = [
            asyncio.create_task(self._probe()),
            asyncio.create_task(each_minute(self._publish_what_was_counted, _LOG)),
        ]

    async def stop(self) -> None:
        """Watch no more."""
        for task in self._tasks:
            task.cancel()

    @property
    def healthy(self) -> bool:
        """Whether it has a healthy target."""
        return self._healthy_targets() > 0

    def _healthy_targets(self) -> int:
        return sum(target.healthy for target in self._side.targets)

    async def _probe(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
            while True:
                await self.look(session)
                await asyncio.sleep(_PROBE_SECONDS)

    async def look(self, session: aiohttp.ClientSession) -> None:
        """Check the health of every target once."""
        targets = self._side.targets
        passed = await asyncio.gather(
            *(self._passes(session, number) for number in range(len(targets)))
        )
        for target, one in zip(targets, passed, strict=True):
            target.see(one)
        self._seen.append(self._healthy_targets())

    async def _passes(self, session: aiohttp.ClientSession, target: int) -> bool:
        host, port = self._side.address
        url = f"http://{host}:{port}{self._health_path}"
        try:
            async with session.get(url, headers={TARGET_HEADER: str(target)}) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def _publish_what_was_counted(self, at: float) -> None:
        await self._publish(self._side.take_counters(), at)

    async def _publish(self, counted: Counters, at: float) -> None:
        at -= self.behind_seconds
        data: list[dict[str, Any]] = [
            _datum("RequestCount", self._of_group, at, counted.requests),
            _datum("RequestCount", self._of_balancer, at, counted.requests),
            *self._targets(at),
        ]
        answers = {
            "2XX": counted.succeeded,
            "3XX": counted.redirected,
            "4XX": counted.refused,
            "5XX": counted.errors,
        }
        data.extend(
            _datum(f"HTTPCode_Target_{kind}_Count", self._of_group, at, count)
            for kind, count in answers.items()
            if count
        )
        if counted.connection_errors:
            failed = counted.connection_errors
            data.append(_datum("HTTPCode_ELB_5XX_Count", self._of_balancer, at, failed))
            data.append(_datum("TargetConnectionErrorCount", self._of_group, at, failed))
        own = {
            "HTTP_Redirect_Count": counted.sent_on,
            "HTTP_Fixed_Response_Count": counted.fixed,
        }
        data.extend(
            _datum(name, self._of_balancer, at, count) for name, count in own.items() if count
        )
        data.extend(self._latencies(counted.seconds, at))
        await asyncio.to_thread(
            self._cloudwatch.put_metric_data, Namespace="AWS/ApplicationELB", MetricData=data
        )

    def _targets(self, at: float) -> list[dict[str, Any]]:
        """Return both counts as they were at each look of the minute."""
        seen, self._seen = self._seen or [self._healthy_targets()], []
        of = len(self._side.targets)
        return [
            {
                "MetricName": name,
                "Dimensions": self._of_group,
                "Timestamp": at,
                "Values": [float(value) for value in values],
                "Counts": [1.0] * len(values),
            }
            for name, values in (
                ("HealthyHostCount", seen),
                ("UnHealthyHostCount", [of - healthy for healthy in seen]),
            )
        ]

    def _latencies(self, seconds: list[float], at: float) -> list[dict[str, Any]]:
        rounded = sorted(Counter(round(value, 3) for value in seconds).items())
        return [
            {
                "MetricName": "TargetResponseTime",
                "Dimensions": self._of_group,
                "Timestamp": at,
                "Unit": "Seconds",
                "Values": [value for value, _ in part],
                "Counts": [float(count) for _, count in part],
            }
            for start in range(0, len(rounded), _VALUES_A_DATUM)
            if (part := rounded[start : start + _VALUES_A_DATUM])
        ]


def _datum(name: str, dimensions: list[dict[str, str]], at: float, value: float) -> dict[str, Any]:
    return {"MetricName": name, "Dimensions": dimensions, "Timestamp": at, "Value": value}
