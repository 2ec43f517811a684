"""Publishes DeclaredWeight and SwitchThrown of each door, and DoorsDisagree, once a minute.

IAM: cloudfront-keyvaluestore:DescribeKeyValueStore and GetKey on the store, cloudfront:GetFunction on the
edge function, route53:GetHealthCheck on the switch, route53:ListResourceRecordSets on the zone,
cloudwatch:PutMetricData under the condition cloudwatch:namespace.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from shared.doors.patience import CLIENT_CONFIG, DoorError
from shared.doors.settings import required
from shared.doors.weights import WeightError, weight_in_code, weight_in_records

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDatumTypeDef

logger = logging.getLogger("observer")
logger.setLevel(logging.INFO)


class ObserverError(Exception):
    """Something could not be read; what could be was published."""


def handler(_event: object, _context: object) -> dict[str, Any]:
    """Read every door, publish what could be read, and return it.

    A switch that cannot be read counts as thrown, as the edge takes it.

    Raises
    ------
    ObserverError
        When something could not be read, after the rest was published.
    """
    service = required(os.environ, "SERVICE")
    faults: dict[str, str] = {}
    seen: dict[tuple[str, str], float] = {}
    for (metric, door), look in _looks().items():
        try:
            seen[metric, door] = look()
        except (DoorError, WeightError, ClientError, BotoCoreError) as error:
            faults[f"{metric} {door}"] = str(error)
            if metric == "SwitchThrown":
                seen[metric, door] = 1.0
    thrown = {value for (metric, _), value in seen.items() if metric == "SwitchThrown"}
    _publish(service, seen, disagree=len(thrown) > 1)
    if faults:
        logger.error("could not read", extra={"faults": faults})
        raise ObserverError("; ".join(f"{what}: {why}" for what, why in faults.items()))
    return {f"{metric} {door}": value for (metric, door), value in seen.items()}


def _looks() -> dict[tuple[str, str], Callable[[], float]]:
    """Return what there is to read, by metric and door, as the environment tells."""
    edge = EdgeDoor(_client("cloudfront-keyvaluestore"), required(os.environ, "KVS_ARN"))
    looks: dict[tuple[str, str], Callable[[], float]] = {
        ("SwitchThrown", "edge"): lambda: float(edge.read().thrown)
    }
    if os.environ.get("ROUTER_FUNCTION_NAME"):
        looks["DeclaredWeight", "edge"] = _edge_weight
    check_id = os.environ.get("SWITCH_HEALTH_CHECK_ID")
    if check_id:
        dns = DnsDoor(_client("route53"), check_id)
        looks["SwitchThrown", "dns"] = lambda: float(dns.read().thrown)
        looks["DeclaredWeight", "dns"] = _dns_weight
    return looks


def _edge_weight() -> float:
    name = required(os.environ, "ROUTER_FUNCTION_NAME")
    code = _client("cloudfront").get_function(Name=name, Stage="LIVE")["FunctionCode"].read()
    return weight_in_code(code.decode())


def _dns_weight() -> float:
    zone = required(os.environ, "HOSTED_ZONE_ID")
    name = required(os.environ, "RECORD_NAME")
    # The listing is sorted by name, so the name's own records come first.
    answer = _client("route53").list_resource_record_sets(
        HostedZoneId=zone, StartRecordName=name, MaxItems="10"
    )
    return weight_in_records(answer["ResourceRecordSets"], name)


def _publish(service: str, seen: dict[tuple[str, str], float], *, disagree: bool) -> None:
    by_service: DimensionTypeDef = {"Name": "Service", "Value": service}
    data: list[MetricDatumTypeDef] = [
        {
            "MetricName": metric,
            "Dimensions": [by_service, {"Name": "Door", "Value": door}],
            "Value": value,
        }
        for (metric, door), value in seen.items()
    ]
    data.append(
        {"MetricName": "DoorsDisagree", "Dimensions": [by_service], "Value": float(disagree)}
    )
    _client("cloudwatch").put_metric_data(
        Namespace=required(os.environ, "METRIC_NAMESPACE"), MetricData=data
    )


@cache
def _client(service: str) -> Any:
    return boto3.client(service, config=CLIENT_CONFIG)  # type: ignore[call-overload]
