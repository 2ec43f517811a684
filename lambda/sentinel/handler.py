"""Watches both sides for a minute and a little, while new has any weight, and publishes which is down."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from sentinel.ask import Prober
from sentinel.endpoint import Endpoint, endpoints_in
from sentinel.settings import Settings
from sentinel.tell import Teller
from sentinel.usual import Usual
from sentinel.watch import Clock, Watched, watch
from shared.aws import ONE_TRY, READS, clients
from shared.doors.deployed import dns_weight, edge_weight, is_not_there
from shared.doors.weights import WeightError
from shared.settings import read

EDGE_REGION: Final = "us-east-1"

_client = clients(READS)
_quick_client = clients(ONE_TRY)

logger = logging.getLogger("sentinel")
logger.setLevel(logging.INFO)


class SentinelError(Exception):
    """The run watched, or tried to, and people must know that something was wrong with it."""


class _Seconds(Clock):
    def now(self) -> float:
        return time.monotonic()


clock: Clock = _Seconds()


def handler(event: object, _context: object) -> dict[str, Any]:
    """Watch for one run, or leave at once while new has no weight at any door.

    A weight that cannot be read counts as one: the run watches, and fails afterwards.

    Raises
    ------
    SentinelError
        When a weight could not be read, or CloudWatch did not take that it watches.
    EventError
        When the event names no endpoints.
    """
    settings = read(Settings, os.environ)
    endpoints = endpoints_in(event)
    teller = Teller(
        _quick_client("cloudwatch"),
        settings.metric_namespace,
        settings.service,
        lambda: datetime.now(UTC),
    )
    has_weight, fault = _has_weight(settings)
    answer: dict[str, Any] = {"service": settings.service}
    if not has_weight:
        teller.watches(True)
        answer["watched"] = False
    else:
        answer |= {"watched": True, **_shown(_watch(settings, endpoints, teller))}
    faults = [*fault, *([] if teller.is_heard else ["CloudWatch did not take that it watches"])]
    logger.info("run", extra={**answer, "faults": faults})
    if faults:
        raise SentinelError("; ".join(faults))
    return answer


def _watch(settings: Settings, endpoints: list[Endpoint], teller: Teller) -> Watched:
    places = settings.places
    prober = Prober(
        places["old"],
        places["new"],
        endpoints,
        headers=_origin_header(settings),
        limit_seconds=settings.limit_seconds,
    )
    try:
        return watch(len(endpoints), prober, teller, clock, usual(tuple(endpoints)))
    finally:
        prober.close()


@cache
def usual(endpoints: tuple[Endpoint, ...]) -> Usual:
    """Return what this process remembers of these endpoints."""
    return Usual(len(endpoints))


def _shown(watched: Watched) -> dict[str, Any]:
    return {**vars(watched), "down": sorted(watched.down)}


def _origin_header(settings: Settings) -> dict[str, str]:
    """Return the header by which the load balancers know the edge. Without it one that insists would look as
    if it failed, so a run that cannot read it does not watch."""
    if not settings.origin_secret:
        return {}
    secret = _client("secretsmanager", EDGE_REGION).get_secret_value(
        SecretId=settings.origin_secret
    )
    return {settings.origin_header: secret["SecretString"]}


def _has_weight(settings: Settings) -> tuple[bool, list[str]]:
    """Return whether new has any weight, and what could not be read, which counts as one. A door that is not
    there yet, or not any more, has none."""
    looks: dict[str, Callable[[], float]] = {}
    if settings.router_function_name:
        looks["edge"] = partial(
            edge_weight, _client("cloudfront", EDGE_REGION), settings.router_function_name
        )
    if settings.record_name:
        looks["dns"] = partial(
            dns_weight, _client("route53"), settings.hosted_zone_id, settings.record_name
        )
    has_weight, faults = False, []
    for door, look in looks.items():
        try:
            has_weight |= look() > 0
        except (WeightError, ClientError, BotoCoreError) as error:
            if not is_not_there(error):
                faults.append(f"the weight of the {door} door cannot be read: {error}")
    return has_weight or bool(faults), faults
