"""What the function's environment names: doors, metrics, rules; and the clients to reach them.

Only the service, the store and the topic must be named. Whatever else is missing is not known, and what is
not known never holds a rollback back.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Final

import boto3
from botocore.config import Config

from rollback.act import Door
from rollback.metrics import Metric, Series, fetch, of_edge_region, of_side
from rollback.point_of_no_return import PointOfNoReturn, declared_in
from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from shared.doors.patience import CLIENT_CONFIG
from shared.doors.settings import required

EDGE_REGION: Final = "us-east-1"

_QUICK: Final = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
)
"""For what is only looked at: the rollback does not wait for it."""


def store() -> EdgeDoor:
    """Return the KeyValueStore, which holds the edge's switch and the mute."""
    return EdgeDoor(client("cloudfront-keyvaluestore"), required(os.environ, "KVS_ARN"))


def doors() -> list[Door]:
    """Return the configured doors, the edge first: it is the faster way and holds the record."""
    found: list[Door] = [store()]
    check_id = os.environ.get("SWITCH_HEALTH_CHECK_ID")
    if check_id:
        found.append(DnsDoor(client("route53"), check_id))
    return found


def cool_down() -> timedelta:
    """Return how long after a release an alarm must last to roll back; nothing where not said."""
    said = os.environ.get("COOL_DOWN_SECONDS", "")
    return timedelta(seconds=int(said) if said.isdecimal() else 0)


def point_of_no_return() -> PointOfNoReturn | None:
    """Return the declared point of no return, if there is one."""
    return declared_in(os.environ.get("POINT_OF_NO_RETURN"))


def evidence_bucket() -> str:
    """Return the bucket that keeps evidence; empty where there is none."""
    return os.environ.get("EVIDENCE_BUCKET", "")


def metrics(service: str, now: datetime) -> dict[str, Callable[[], Series]]:
    """Return the calls that fetch what there is to know about both sides, one a region."""
    region = os.environ.get("SERVICE_REGION")
    found: dict[str, Callable[[], Series]] = {}
    if region:
        found["load balancers' metrics"] = partial(fetch, cloudwatch(region), _sides(), now)
    edge = of_edge_region(
        service,
        doors=[door.name for door in doors()],
        old_entry_check_id=os.environ.get("OLD_ENTRY_HEALTH_CHECK_ID"),
    )
    found["us-east-1's metrics"] = partial(fetch, cloudwatch(EDGE_REGION), edge, now)
    return found


def _sides() -> dict[str, Metric]:
    return {
        id_: metric
        for side in ("old", "new")
        for id_, metric in of_side(
            side,
            load_balancer=os.environ.get(f"{side.upper()}_LOAD_BALANCER", ""),
            target_group=os.environ.get(f"{side.upper()}_TARGET_GROUP", ""),
        ).items()
    }


def cloudwatch(region: str) -> Any:
    """Return CloudWatch in `region`, impatient."""
    return client("cloudwatch", region)


@cache
def client(service: str, region: str | None = None) -> Any:
    """Return a client; without a region it is the function's own."""
    config = _QUICK if service in {"cloudwatch", "s3"} else CLIENT_CONFIG
    return boto3.client(service, region_name=region, config=config)  # type: ignore[call-overload]
