"""Route 53's health checkers on this machine: they probe what is deployed, and publish what they find.

Fifteen checkers probe each endpoint at the deployed interval, staggered: at 30 s an endpoint gets about one
request every two seconds (Route 53 Developer Guide, health-checks-creating-values). A check is healthy while
more than 18 % of them say so (dns-failover-determining-health-of-endpoints). Metrics go out once a minute, as
Route 53's do.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from rehearsal.world.dns_routing import Check, is_healthy
from rehearsal.world.minutes import each_minute

_LOG = logging.getLogger("health-checkers")
CHECKERS: Final = 15
HEALTHY_SHARE: Final = 0.18
_POLL_SECONDS: Final = 0.5
_CONNECT_SECONDS: Final = 4
_ANSWER_SECONDS: Final = 2
_MATCHED_BYTES: Final = 5120
_AGENT: Final = "Amazon-Route53-Health-Check-Service (ref rehearsal; report http://amzn.to/1vsZADi)"
"""Route 53 Developer Guide, route-53-router-firewall-rules."""
Resolve = Callable[[str], tuple[str, int]]


@dataclass
class Checker:
    """One checker's view of one endpoint: it turns when enough probes in a row say otherwise."""

    threshold: int
    healthy: bool = True
    _against: int = 0

    def see(self, passed: bool) -> None:
        """Take one probe's result."""
        self._against = 0 if passed == self.healthy else self._against + 1
        if self._against >= self.threshold:
            self.healthy, self._against = passed, 0


@dataclass
class _Probed:
    config: dict[str, Any]
    checkers: list[Checker]
    task: asyncio.Task[None] | None = None

    @property
    def healthy_percent(self) -> float:
        return 100 * sum(checker.healthy for checker in self.checkers) / len(self.checkers)


class HealthCheckers:
    """Probes every deployed endpoint check; `resolve` maps a load balancer's name to this machine."""

    def __init__(self, route53: Any, cloudwatch: Any, resolve: Resolve) -> None:
        self._route53 = route53
        self._cloudwatch = cloudwatch
        self._resolve = resolve
        self._checks: dict[str, Check] = {}
        self._probed: dict[str, _Probed] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Read the checks, then probe and publish until `stop`."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                sock_connect=_CONNECT_SECONDS, total=_CONNECT_SECONDS + _ANSWER_SECONDS
            ),
            connector=aiohttp.TCPConnector(force_close=True, limit=0),
        )
        self._tasks = [
            asyncio.create_task(self._follow_deployments()),
            asyncio.create_task(each_minute(self.publish, _LOG)),
        ]

    async def stop(self) -> None:
        """Probe no more."""
        for task in [*self._tasks, *(p.task for p in self._probed.values() if p.task)]:
            task.cancel()
        if self._session is not None:
            await self._session.close()

    def deployed(self, check_id: str) -> Check | None:
        """Return the check as it is in force here, or None where it is not known."""
        return self._checks.get(check_id)

    def is_healthy(self, check_id: str) -> bool:
        """Return whether Route 53 considers the check healthy now."""
        return is_healthy(check_id, self._checks, self._endpoint_is_healthy)

    def _endpoint_is_healthy(self, check_id: str) -> bool:
        probed = self._probed.get(check_id)
        return probed is None or probed.healthy_percent > 100 * HEALTHY_SHARE

    async def _follow_deployments(self) -> None:
        while True:
            try:
                answer = await asyncio.to_thread(self._route53.list_health_checks)
                self._take(answer["HealthChecks"])
            except Exception as error:  # the last checks that were read stay in force
                _LOG.warning("cannot read the health checks: %s", error)
            await asyncio.sleep(_POLL_SECONDS)

    def _take(self, deployed: list[dict[str, Any]]) -> None:
        configs = {check["Id"]: check["HealthCheckConfig"] for check in deployed}
        self._checks = {check_id: _check(check_id, c) for check_id, c in configs.items()}
        for check_id in list(self._probed):
            config = configs.get(check_id)
            if config is None or _endpoint(config) != _endpoint(self._probed[check_id].config):
                gone = self._probed.pop(check_id)
                if gone.task is not None:
                    gone.task.cancel()
        for check_id, config in configs.items():
            if config["Type"] != "CALCULATED" and check_id not in self._probed:
                checkers = [Checker(int(config["FailureThreshold"])) for _ in range(CHECKERS)]
                probed = _Probed(config, checkers)
                probed.task = asyncio.create_task(self._probe(probed))
                self._probed[check_id] = probed

    async def _probe(self, probed: _Probed) -> None:
        interval = int(probed.config["RequestInterval"])

        async def as_one_checker(number: int) -> None:
            await asyncio.sleep(interval * number / CHECKERS)
            while True:
                due = time.monotonic() + interval
                probed.checkers[number].see(await self._passes(probed.config))
                await asyncio.sleep(max(0.0, due - time.monotonic()))

        await asyncio.gather(*(as_one_checker(number) for number in range(CHECKERS)))

    async def _passes(self, config: dict[str, Any]) -> bool:
        assert self._session is not None
        name = config["FullyQualifiedDomainName"]
        host, port = self._resolve(name)
        # Plain HTTP whatever the type: the sides of the rehearsal hold no certificate.
        url = f"http://{host}:{port}{config['ResourcePath']}"
        try:
            headers = {"host": _host(name, config), "user-agent": _AGENT}
            async with self._session.get(url, headers=headers, allow_redirects=False) as answer:
                if not 200 <= answer.status < 400:
                    return False
                wanted = config.get("SearchString")
                if wanted is None:
                    return True
                body = await answer.content.read(_MATCHED_BYTES)
                return wanted in body.decode(errors="replace")
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    async def publish(self, at: float) -> None:
        """Publish the minute that began at `at` (Unix seconds): the worst status that the check has now."""
        data = [
            {
                "MetricName": metric,
                "Dimensions": [{"Name": "HealthCheckId", "Value": check_id}],
                "Timestamp": at,
                "Value": value,
            }
            for check_id, check in self._checks.items()
            if not check.disabled
            for metric, value in self._values(check_id)
        ]
        if data:
            await asyncio.to_thread(
                self._cloudwatch.put_metric_data, Namespace="AWS/Route53", MetricData=data
            )

    def _values(self, check_id: str) -> list[tuple[str, float]]:
        values = [("HealthCheckStatus", float(self.is_healthy(check_id)))]
        probed = self._probed.get(check_id)
        if probed is not None:
            values.append(("HealthCheckPercentageHealthy", probed.healthy_percent))
        return values


def _check(check_id: str, config: dict[str, Any]) -> Check:
    return Check(
        check_id,
        calculated=config["Type"] == "CALCULATED",
        children=tuple(config.get("ChildHealthChecks") or ()),
        threshold=int(config.get("HealthThreshold") or 0),
        disabled=bool(config.get("Disabled")),
        inverted=bool(config.get("Inverted")),
    )


def _host(name: str, config: dict[str, Any]) -> str:
    """Return what stands in Host (Route 53 Developer Guide, health-checks-creating-values, Domain name)."""
    port = int(config.get("Port") or 80)
    return name if port in {80, 443} else f"{name}:{port}"


def _endpoint(config: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in {"Disabled", "Inverted"}}
