"""The observer tells what is deployed, as far as it can be read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from observer import handler as observer
from tests.unit.support.fake_doors import FakeStore, always

NAME = "app.example.com"


def record(side: str, weight: int, name: str = f"{NAME}.") -> dict[str, Any]:
    return {"Name": name, "Type": "A", "SetIdentifier": side, "Weight": weight}


class FakeCloudFront:
    def __init__(self, code: str) -> None:
        self.code: str | None = code

    def get_function(self, *, Name: str, Stage: str) -> dict[str, Any]:  # noqa: N803
        assert (Name, Stage) == ("chatmrpt-router", "LIVE")
        if self.code is None:
            raise refused("NoSuchFunctionExists", "The specified function does not exist.")
        return {"FunctionCode": io.BytesIO(self.code.encode())}


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Any")


class FakeCloudFormation:
    """Stacks by role: a status, and how many minutes ago it was touched."""

    def __init__(self, **stacks: tuple[str, float]) -> None:
        self.stacks = stacks
        self.fault: ClientError | None = None

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        if self.fault is not None:
            raise self.fault
        role = StackName.removeprefix("chatmrpt-")
        if role not in self.stacks:
            raise refused("ValidationError", f"Stack with id {StackName} does not exist")
        status, minutes_ago = self.stacks[role]
        touched = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        times = {"CreationTime": touched}
        if status.startswith(("UPDATE", "DELETE")):
            key = "LastUpdatedTime" if status.startswith("UPDATE") else "DeletionTime"
            times = {"CreationTime": touched - timedelta(days=30), key: touched}
        return {"Stacks": [{"StackName": StackName, "StackStatus": status, **times}]}


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
            "cloudformation": FakeCloudFormation(),
            "zone": zone["Id"],
            "check": check["Id"],
        }
        monkeypatch.setattr(observer, "_client", clients.__getitem__)
        for name, value in {
            "SERVICE": "chatmrpt",
            "KVS_ARN": "arn",
            "METRIC_NAMESPACE": "Cutover",
            "SWITCH_EVERY_MINUTES": "10",
            "SAFETY_STACK": "chatmrpt-safety",
            "TRAFFIC_STACK": "chatmrpt-traffic",
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
    for name in ("SWITCH_HEALTH_CHECK_ID", "RECORD_NAME", "HOSTED_ZONE_ID"):
        monkeypatch.delenv(name)
    observer.handler({}, None)
    assert {door for _, door in published(rig)} == {"edge", ""}


def test_while_the_name_is_adopted_the_switch_is_told_and_no_record_is_looked_for(
    rig: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RECORD_NAME", "HOSTED_ZONE_ID"):
        monkeypatch.delenv(name)
    observer.handler({}, None)
    assert {what for what, door in published(rig) if door == "dns"} == {"SwitchThrown"}


def lose_both_doors(rig: dict[str, Any], **stacks: tuple[str, float]) -> None:
    rig["cloudfront"].code = None
    rig["cloudformation"].stacks = stacks
    for side, weight in (("old", 75), ("new", 25)):
        gone = record(side, weight) | {"TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        rig["route53"].change_resource_record_sets(
            HostedZoneId=rig["zone"],
            ChangeBatch={"Changes": [{"Action": "DELETE", "ResourceRecordSet": gone}]},
        )


@pytest.mark.parametrize(
    "stacks",
    [
        pytest.param({"safety": ("CREATE_COMPLETE", 3)}, id="Traffic comes next"),
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 3), "traffic": ("REVIEW_IN_PROGRESS", 1)},
            id="its change set is made",
        ),
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 20), "traffic": ("CREATE_IN_PROGRESS", 15)},
            id="it is being created",
        ),
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 20), "traffic": ("ROLLBACK_IN_PROGRESS", 15)},
            id="its creation is undone",
        ),
        pytest.param(
            {"safety": ("UPDATE_COMPLETE", 5), "traffic": ("UPDATE_COMPLETE", 9000)},
            id="a door is added: Safety has it, Traffic comes next",
        ),
        pytest.param(
            {"safety": ("UPDATE_COMPLETE", 5), "traffic": ("UPDATE_IN_PROGRESS", 2)},
            id="a door is added: Traffic is being updated",
        ),
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 9000), "traffic": ("DELETE_IN_PROGRESS", 12)},
            id="it is being destroyed",
        ),
        pytest.param({"safety": ("DELETE_IN_PROGRESS", 1)}, id="Safety is being destroyed too"),
    ],
)
def test_a_door_on_its_way_or_leaving_wakes_nobody(
    rig: dict[str, Any], stacks: dict[str, tuple[str, float]]
) -> None:
    lose_both_doors(rig, **stacks)
    observer.handler({}, None)
    assert published(rig) == {
        ("SwitchThrown", "edge"): 0,
        ("SwitchThrown", "dns"): 0,
        ("DoorsDisagree", ""): 0,
    }


@pytest.mark.parametrize(
    ("stacks", "says"),
    [
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 61)},
            "the stack chatmrpt-traffic does not exist",
            id="Traffic never came",
        ),
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 9000)},
            "the stack chatmrpt-traffic does not exist",
            id="Traffic was destroyed and Safety was not",
        ),
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 9000), "traffic": ("CREATE_COMPLETE", 8900)},
            "chatmrpt-traffic is CREATE_COMPLETE",
            id="a door was deleted by hand",
        ),
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 30), "traffic": ("CREATE_COMPLETE", 20)},
            "chatmrpt-traffic is CREATE_COMPLETE",
            id="a door was deleted by hand just after the deploy",
        ),
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 30), "traffic": ("ROLLBACK_COMPLETE", 20)},
            "chatmrpt-traffic is ROLLBACK_COMPLETE",
            id="its creation failed",
        ),
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 9000), "traffic": ("DELETE_FAILED", 20)},
            "chatmrpt-traffic is DELETE_FAILED",
            id="its destruction failed",
        ),
        pytest.param(
            {"safety": ("CREATE_COMPLETE", 200), "traffic": ("CREATE_IN_PROGRESS", 90)},
            "chatmrpt-traffic is CREATE_IN_PROGRESS",
            id="it has been in creation for an hour and a half",
        ),
    ],
)
def test_a_door_that_should_be_there_and_is_not_is_told(
    rig: dict[str, Any], stacks: dict[str, tuple[str, float]], says: str
) -> None:
    lose_both_doors(rig, **stacks)
    with pytest.raises(observer.ObserverError, match=says) as told:
        observer.handler({}, None)
    assert "DeclaredWeight edge" in str(told.value)
    assert "DeclaredWeight dns" in str(told.value)


def test_a_door_that_cannot_be_read_is_told_though_a_deploy_is_under_way(
    rig: dict[str, Any],
) -> None:
    rig["cloudformation"].stacks = {
        "safety": ("CREATE_COMPLETE", 5),
        "traffic": ("CREATE_IN_PROGRESS", 2),
    }
    rig["cloudfront"].code = "no weight here"
    with pytest.raises(observer.ObserverError, match="states no weight"):
        observer.handler({}, None)


def test_where_cloudformation_does_not_say_the_missing_door_is_told(rig: dict[str, Any]) -> None:
    lose_both_doors(rig, safety=("CREATE_COMPLETE", 1))
    rig["cloudformation"].fault = refused("AccessDenied", "not you")
    with pytest.raises(observer.ObserverError, match=r"its stack cannot be read: .*not you"):
        observer.handler({}, None)
