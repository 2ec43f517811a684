"""The observer tells what is deployed, as far as it can be read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from observer import handler as observer
from tests.unit.support.fake_doors import FakeStore, always

NAME = "app.example.com"


def record(side: str, weight: int, name: str = f"{NAME}.") -> dict[str, Any]:
    return {"Name": name, "Type": "A", "SetIdentifier": side, "Weight": weight}


class FakeCloudFront:
    def __init__(self, code: str) -> None:
        self.code = code

    def get_function(self, *, Name: str, Stage: str) -> dict[str, Any]:  # noqa: N803
        assert (Name, Stage) == ("chatmrpt-router", "LIVE")
        return {"FunctionCode": io.BytesIO(self.code.encode())}


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Route 53 and CloudWatch by moto; the store and CloudFront, which moto lacks, by fakes."""
    with mock_aws():
        route53 = boto3.client("route53", region_name="us-east-1")
        zone = route53.create_hosted_zone(Name="example.com", CallerReference="z")["HostedZone"]
        check = route53.create_health_check(
            CallerReference="c",
            HealthCheckConfig={
                "Type": "CALCULATED",
                "HealthThreshold": 1,
                "ChildHealthChecks": ["x"],
            },
        )["HealthCheck"]
        for side, weight in (("old", 75), ("new", 25)):
            route53.change_resource_record_sets(
                HostedZoneId=zone["Id"],
                ChangeBatch={
                    "Changes": [
                        {
                            "Action": "CREATE",
                            "ResourceRecordSet": {
                                **record(side, weight),
                                "TTL": 60,
                                "ResourceRecords": [{"Value": "192.0.2.1"}],
                            },
                        }
                    ]
                },
            )
        clients = {
            "route53": route53,
            "cloudwatch": boto3.client("cloudwatch", region_name="us-east-1"),
            "cloudfront": FakeCloudFront("const WEIGHT = percent('10');"),
            "cloudfront-keyvaluestore": FakeStore({"switch": '{"state":"released"}'}),
            "zone": zone["Id"],
            "check": check["Id"],
        }
        monkeypatch.setattr(observer, "_client", clients.__getitem__)
        for name, value in {
            "SERVICE": "chatmrpt",
            "KVS_ARN": "arn",
            "METRIC_NAMESPACE": "Cutover",
            "ROUTER_FUNCTION_NAME": "chatmrpt-router",
            "SWITCH_HEALTH_CHECK_ID": check["Id"],
            "HOSTED_ZONE_ID": zone["Id"],
            "RECORD_NAME": NAME,
        }.items():
            monkeypatch.setenv(name, value)
        yield clients


def published(rig: dict[str, Any]) -> dict[tuple[str, str], float]:
    found = {}
    for metric in rig["cloudwatch"].list_metrics(Namespace="Cutover")["Metrics"]:
        dimensions = {d["Name"]: d["Value"] for d in metric["Dimensions"]}
        assert dimensions.pop("Service") == "chatmrpt"
        (point,) = rig["cloudwatch"].get_metric_statistics(
            Namespace="Cutover",
            MetricName=metric["MetricName"],
            Dimensions=metric["Dimensions"],
            StartTime=0,
            EndTime=4102444800,
            Period=4102444800,
            Statistics=["Maximum"],
        )["Datapoints"]
        found[metric["MetricName"], dimensions.get("Door", "")] = point["Maximum"]
    return found


def test_both_doors_weights_and_switches_are_published(rig: dict[str, Any]) -> None:
    observer.handler({}, None)
    assert published(rig) == {
        ("DeclaredWeight", "edge"): 10,
        ("DeclaredWeight", "dns"): 25,
        ("SwitchThrown", "edge"): 0,
        ("SwitchThrown", "dns"): 0,
        ("DoorsDisagree", ""): 0,
    }


def test_doors_that_disagree_are_told(rig: dict[str, Any]) -> None:
    rig["cloudfront-keyvaluestore"].items["switch"] = '{"state":"thrown"}'
    observer.handler({}, None)
    assert published(rig)["DoorsDisagree", ""] == 1


def test_what_cannot_be_read_does_not_hide_the_rest_and_is_loud(rig: dict[str, Any]) -> None:
    rig["cloudfront"].code = "no weight here"
    rig["cloudfront-keyvaluestore"].faults = always("AccessDenied", 403)
    with pytest.raises(observer.ObserverError, match=r"SwitchThrown edge: .*AccessDenied"):
        observer.handler({}, None)
    assert published(rig) == {
        ("DeclaredWeight", "dns"): 25,
        ("SwitchThrown", "edge"): 1,
        ("SwitchThrown", "dns"): 0,
        ("DoorsDisagree", ""): 1,
    }


def test_without_a_dns_door_nothing_is_said_of_it(
    rig: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SWITCH_HEALTH_CHECK_ID")
    observer.handler({}, None)
    assert {door for _, door in published(rig)} == {"edge", ""}
