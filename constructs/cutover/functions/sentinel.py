"""The function that asks both sides every two seconds, and the alarms on what it finds."""

from __future__ import annotations

import json
from typing import Any, Final

from aws_cdk import Annotations, Duration
from constructs import Construct

from cutover.alarms.alarm import BELOW, UNKNOWN, Watch
from cutover.alarms.fast_watch import fast_watch
from cutover.alarms.sentinel_metrics import probe_down, watches
from cutover.declaration.endpoints import Endpoint
from cutover.declaration.service import Service
from cutover.declaration.side import Side
from cutover.functions import grants
from cutover.functions.each_minute import call_each_minute
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names

_TIMEOUT: Final = Duration.seconds(90)
"""A run lasts 70 s, and what it reads before and tells at its end some more. No third one is under way at
once. So nothing need be reserved, which an account with the smallest quota refuses (Lambda Developer Guide,
configuration-concurrency: 100 stay unreserved)."""
_OLDEST_CALL: Final = Duration.minutes(1)
_MEMORY_MB: Final = 128
_LIMITS_SECONDS: Final = (1.5, 3.0)
_DISTANCE_SECONDS: Final = 1.0
"""What a region far away takes more: three times there and back, for TCP, TLS and the request, 0.3 s each."""
_EVENT_CHARACTERS: Final = 8192
"""What a rule's target takes as input (EventBridge API reference, Target Input)."""


class SentinelFunction(Construct):
    """Defines the function that watches both sides round the clock, while new has any weight.

    It stands in old's region: what watches new must not fail with new's
    (docs/decisions/115-sides-in-two-regions.md).

    It finds out by itself whether new has a weight, because a change of weight changes no other stack
    (docs/decisions/006-no-declared-weight-in-other-stacks.md).

    Attributes
    ----------
    rollback_watches : list of Watch
        That new is down and old is not: a reason to roll back.
    watches : list of Watch
        That the sentinel does not watch; for people.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, service: Service
    ) -> None:
        super().__init__(scope, construct_id)
        granted = [
            grants.told(
                SERVICE=names.service,
                OLD_URL=_url(service.old),
                NEW_URL=_url(service.new),
                LIMIT_SECONDS=f"{_limit_seconds(service):g}",
            ),
            grants.own_metrics(),
        ]
        if name := asked_as(service):
            granted.append(grants.told(ASKED_AS=name))
        if service.edge is not False:
            granted += [grants.router(self, names), grants.origin_secret(names)]
        if service.dns is not None:
            granted.append(grants.records(service.dns))
        function = PythonFunction(
            self,
            "Default",
            name=names.function("sentinel"),
            package="sentinel",
            shared=("doors",),
            description=f"Asks both sides of {names.service} every two seconds",
            grants=granted,
            timeout=_TIMEOUT,
            memory_mb=_MEMORY_MB,
        ).function
        # Lambda would repeat a call that failed, and keep one that it throttles for hours (Lambda Developer
        # Guide, invocation-async-error-handling): the next one comes within the minute.
        function.configure_async_invoke(retry_attempts=0, max_event_age=_OLDEST_CALL)
        told, left_out = _that_fit(service.endpoints)
        if left_out:
            Annotations.of(self).add_warning_v2(
                "cutover:sentinel-endpoints",
                f"The sentinel asks the first {len(told)} endpoints: a rule holds no more than "
                f"{_EVENT_CHARACTERS} characters. It does not ask: "
                f"{', '.join(endpoint.path for endpoint in left_out)}. Route 53 probes them as ever.",
            )
        call_each_minute(
            self,
            function,
            name=names.function("sentinel"),
            description=f"Watches both sides of {names.service}",
            event={"endpoints": told},
        )
        self.rollback_watches = [
            fast_watch(
                what="new-probe-down",
                means="New fails four times in a row or more, or hangs, where old answers as declared: the "
                "sentinel asked both for the same endpoint at once.",
                metric=probe_down(names.service, "new", service.old.stands_in),
            )
        ]
        self.watches = [
            Watch(
                what="sentinel-silent",
                means="The sentinel does not watch: its function is not called, fails, or reaches neither "
                "side. Until it does, a fault of new is seen by the alarms of a minute.",
                metric=watches(names.service, function.function_name, service.old.stands_in),
                comparison=BELOW,
                threshold=1,
                datapoints=2,
                of=3,
                silence=UNKNOWN,
                tells_of_silence=True,
            )
        ]


def asked_as(service: Service) -> str | None:
    """Return the public name by which a door asks both sides, or None where each hears its own, or where only
    CloudFront knows the name (docs/decisions/013)."""
    if service.edge is not False:
        if not service.edge.forward_host:
            return None
        for name in service.edge.domain_names:
            if not name.startswith("*"):
                return name
    return None if service.dns is None else service.dns.record_name


def _url(side: Side) -> str:
    return f"{side.scheme}://{side.reached_at}:{side.listener_port}"


def _limit_seconds(service: Service) -> float:
    """Return how long an answer may take: twice what is declared as slow, 1.5 s at least; where the sides are
    in two regions a second more, for one of them is far away; and 3 s at most."""
    least, most = _LIMITS_SECONDS
    distance = _DISTANCE_SECONDS if len(service.regions) > 1 else 0
    return min(most, max(least, 2 * service.thresholds.latency_p95_ms / 1000) + distance)


def _that_fit(endpoints: tuple[Endpoint, ...]) -> tuple[list[dict[str, Any]], list[Endpoint]]:
    """Return as many endpoints as a rule can tell the function of, as it is told, and those left out."""
    told: list[dict[str, Any]] = []
    for position, endpoint in enumerate(endpoints):
        one: dict[str, Any] = {"path": endpoint.path, "status": endpoint.status}
        if endpoint.contains is not None:
            one["contains"] = endpoint.contains
        if len(json.dumps({"endpoints": [*told, one]})) > _EVENT_CHARACTERS:
            return told, list(endpoints[position:])
        told.append(one)
    return told, []
