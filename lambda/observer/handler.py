"""Publishes DeclaredWeight and SwitchThrown of each door, and DoorsDisagree, once a minute.

SwitchThrown of the edge, and DoorsDisagree with it, only when the edge's switch was read: what is published
was read that minute.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from observer.edge_switch import is_known_as_released, was_written
from observer.settings import Settings
from observer.under_way import is_under_way, stack
from shared.aws import DOORS, clients
from shared.doors.deployed import dns_weight, edge_weight, is_not_there
from shared.doors.door import Door
from shared.doors.patience import DoorError
from shared.doors.weights import WeightError
from shared.metrics import own
from shared.settings import read

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDatumTypeDef

What = tuple[str, str]
"""A metric, and the door of which it tells."""
Look = Callable[[], float]

_EDGE_SWITCH: Final = ("SwitchThrown", "edge")

_client = clients(DOORS)

logger = logging.getLogger("observer")
logger.setLevel(logging.INFO)


class ObserverError(Exception):
    """Something could not be read; what could be was published."""


def handler(event: object, _context: object) -> dict[str, Any]:
    """Read every door, publish what could be read, and return it. The edge's switch is read where it may not
    be what it was (`_due`).

    A switch that cannot be read counts as thrown, as it does at the edge. A door that is not there is passed
    over while Traffic is on its way or is leaving.

    Raises
    ------
    ObserverError
        When something could not be read, after the rest was published.
    """
    settings = read(Settings, os.environ)
    faults: dict[str, str] = {}
    missing: dict[str, str] = {}
    seen: dict[What, float] = {}
    for (metric, door), look in _due(settings, event, seen):
        try:
            seen[metric, door] = look()
        except (DoorError, WeightError, ClientError, BotoCoreError) as error:
            (missing if is_not_there(error) else faults)[f"{metric} {door}"] = str(error)
            if metric == "SwitchThrown":
                seen[metric, door] = 1.0
    _publish(settings, seen)
    if missing:
        said, expected = _said_of_stacks(settings)
        if expected:
            logger.info("not there, as is expected", extra={"missing": missing, "because": said})
        else:
            faults |= {what: f"{why} ({said})" for what, why in missing.items()}
    if faults:
        logger.error("could not read", extra={"faults": faults})
        raise ObserverError("; ".join(f"{what}: {why}" for what, why in faults.items()))
    return {f"{metric} {door}": value for (metric, door), value in seen.items()}


def _said_of_stacks(settings: Settings) -> tuple[str, bool]:
    """Return what CloudFormation says, and whether a door that is missing is to be expected now."""
    client = _client("cloudformation")
    try:
        traffic, safety = (
            stack(client, name) for name in (settings.traffic_stack, settings.safety_stack)
        )
    except (ClientError, BotoCoreError) as error:
        return f"and its stack cannot be read: {error}", False
    return f"{traffic}, {safety}", is_under_way(traffic, safety, _now())


def _now() -> datetime:
    return datetime.now(UTC)


def _due(
    settings: Settings, event: object, seen: Mapping[What, float]
) -> Iterator[tuple[What, Look]]:
    """Yield what is to be read now: everything, and the edge's switch last, if need be. What was `seen` until
    then tells of the other door's switch: whoever throws one throws both."""
    looks = _looks(settings)
    edge = looks.pop(_EDGE_SWITCH)
    yield from looks.items()
    metric, door = _EDGE_SWITCH
    thrown = own(metric, settings.service, door, namespace=settings.metric_namespace)
    if (
        was_written(event)
        or any(_switches(seen).values())
        or not is_known_as_released(
            _client("cloudwatch"), thrown, _now(), settings.switch_every_minutes
        )
    ):
        yield _EDGE_SWITCH, edge


def _switches(seen: Mapping[What, float]) -> dict[str, float]:
    return {door: value for (metric, door), value in seen.items() if metric == "SwitchThrown"}


def _looks(settings: Settings) -> dict[What, Look]:
    """Return what there is to read, by metric and door."""
    looks: dict[What, Look] = {
        ("SwitchThrown", door.name): partial(_thrown, door) for door in settings.doors(_client)
    }
    if settings.router_function_name:
        looks["DeclaredWeight", "edge"] = partial(_edge_weight, settings)
    # While the name is adopted the switch is there, and the records are not yet.
    if settings.record_name:
        looks["DeclaredWeight", "dns"] = partial(_dns_weight, settings)
    return looks


def _thrown(door: Door) -> float:
    return float(door.read().thrown)


def _edge_weight(settings: Settings) -> float:
    return edge_weight(_client("cloudfront"), settings.router_function_name)


def _dns_weight(settings: Settings) -> float:
    return dns_weight(_client("route53"), settings.hosted_zone_id, settings.record_name)


def _publish(settings: Settings, seen: Mapping[What, float]) -> None:
    by_service: DimensionTypeDef = {"Name": "Service", "Value": settings.service}
    data: list[MetricDatumTypeDef] = [
        {
            "MetricName": metric,
            "Dimensions": [by_service, {"Name": "Door", "Value": door}],
            "Value": value,
        }
        for (metric, door), value in seen.items()
    ]
    if _EDGE_SWITCH in seen:
        disagree = len(set(_switches(seen).values())) > 1
        data.append(
            {"MetricName": "DoorsDisagree", "Dimensions": [by_service], "Value": float(disagree)}
        )
    _client("cloudwatch").put_metric_data(Namespace=settings.metric_namespace, MetricData=data)
