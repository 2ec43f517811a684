"""A service as AWS shows it: Route 53 and CloudWatch by moto, what moto lacks by fakes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.unit.support.fake_doors import FakeLine, FakeRoute53, FakeStore

NOW = datetime(2026, 11, 24, 3, 12, 41, tzinfo=UTC)
NAME = "app.example.com"
ZONE = "Z0123456789ABCDEFGHIJ"
CHECK = "check-1"
LOAD_BALANCERS = {
    side: (f"app/{side}/0123456789abcdef", f"targetgroup/{side}/0123456789abcdef")
    for side in ("old", "new")
}


class FakeCloudFormation:
    """One stack."""

    def __init__(self) -> None:
        self.weight: object = 25
        self.status = "UPDATE_COMPLETE"
        self.as_text = False
        self.faults: list[ClientError] = []
        self.events: list[dict[str, Any]] = []
        self.drifts: dict[str, dict[str, Any]] = {}

    def describe_stack_events(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        if self.faults:
            raise self.faults.pop(0)
        return {"StackEvents": self.events}

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        if self.faults:
            raise self.faults.pop(0)
        times = {
            "CreationTime": NOW - timedelta(days=9),
            "LastUpdatedTime": NOW - timedelta(days=1),
        }
        return {"Stacks": [{"StackName": StackName, "StackStatus": self.status, **times}]}

    def describe_type(self, *, Type: str, TypeName: str) -> dict[str, Any]:  # noqa: N803
        assert (Type, TypeName) == ("RESOURCE", "AWS::Route53::RecordSet")
        return {"ProvisioningType": "FULLY_MUTABLE" if self.drifts else "NON_PROVISIONABLE"}

    def list_stack_resources(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        records = [
            {"LogicalResourceId": each, "ResourceType": "AWS::Route53::RecordSet"}
            for each in self.drifts
        ]
        gate = {"LogicalResourceId": "Gate23A1", "ResourceType": "Custom::WeightGate"}
        return {"StackResourceSummaries": [gate, *records]}

    def detect_stack_resource_drift(
        self,
        *,
        StackName: str,  # noqa: N803
        LogicalResourceId: str,  # noqa: N803
    ) -> dict[str, Any]:
        return {"StackResourceDrift": self.drifts[LogicalResourceId]}

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803
        assert TemplateStage == "Processed"
        body = {
            "Resources": {
                "Gate23A1": {
                    "Type": "Custom::WeightGate",
                    "Properties": {"NewWeight": self.weight},
                },
                "GateNote": {"Type": "AWS::CloudFormation::WaitConditionHandle"},
                "Bake1": {"Type": "Custom::Bake", "Properties": {"NewWeight": 99}},
            }
        }
        return {"TemplateBody": json.dumps(body) if self.as_text else body}


class FakeCloudFront:
    """The edge function's live code."""

    def __init__(self) -> None:
        self.code = "const WEIGHT = percent('25');"

    def get_function(self, *, Name: str, Stage: str) -> dict[str, Any]:  # noqa: N803
        assert (Name, Stage) == ("chatmrpt-router", "LIVE")
        return {"FunctionCode": io.BytesIO(self.code.encode())}


class FakeLambda:
    """The rollback function's settings."""

    def __init__(self) -> None:
        self.variables = {"KVS_ARN": "arn", "SWITCH_HEALTH_CHECK_ID": CHECK}
        self.faults: list[ClientError] = []

    def get_function_configuration(self, *, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        if self.faults:
            raise self.faults.pop(0)
        assert FunctionName == "chatmrpt-rollback"
        return {"Environment": {"Variables": self.variables}}


class Records:
    """Route 53: the records by moto, whose zones have longer ids than AWS's, the switch by a fake."""

    def __init__(self, route53: Any, zone: str, switch: FakeRoute53) -> None:
        self.route53 = route53
        self.zone = zone
        self.get_health_check = switch.get_health_check

    def list_resource_record_sets(self, *, HostedZoneId: str, **rest: Any) -> Any:  # noqa: N803
        assert HostedZoneId == ZONE
        return self.route53.list_resource_record_sets(HostedZoneId=self.zone, **rest)


class FakeCloud:
    """Everything that a service is, agreeing on 25 % for new."""

    def __init__(self) -> None:
        self.store = FakeStore({"switch": '{"state":"released"}'})
        self.switch = FakeRoute53()
        self.formation = FakeCloudFormation()
        self.front = FakeCloudFront()
        self.function = FakeLambda()
        self.route53 = boto3.client("route53", region_name="us-east-1")
        self.line = FakeLine()
        self.zone: str = self.route53.create_hosted_zone(Name="example.com", CallerReference="z")[
            "HostedZone"
        ]["Id"]
        for kind in ("A", "AAAA"):
            self.weigh(kind, 25)

    def weigh(self, kind: str, new: int, check: str = CHECK) -> None:
        """Write both records of `kind`."""
        address = "192.0.2.1" if kind == "A" else "2001:db8::1"
        records = [
            {
                "Name": NAME,
                "Type": kind,
                "SetIdentifier": side,
                "Weight": weight,
                "TTL": 60,
                "ResourceRecords": [{"Value": address}],
                "HealthCheckId": check if side == "new" else "always",
            }
            for side, weight in (("old", 100 - new), ("new", new))
        ]
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record} for record in records]
        self.route53.change_resource_record_sets(
            HostedZoneId=self.zone, ChangeBatch={"Changes": changes}
        )

    def count(self, side: str, requests: int, minutes_ago: int) -> None:
        """Publish a minute's request count of a side."""
        balancer, group = LOAD_BALANCERS[side]
        self.put(
            "us-east-2",
            "AWS/ApplicationELB",
            "RequestCount",
            {"LoadBalancer": balancer, "TargetGroup": group},
            requests,
            minutes_ago,
        )

    def judge(self, value: float, minutes_ago: int) -> None:
        """Publish a verdict."""
        self.put(
            "us-east-1", "Cutover", "JudgeVerdict", {"Service": "chatmrpt"}, value, minutes_ago
        )

    def judge_more(self, name: str, points: float, minutes_ago: int) -> None:
        """Publish how much more often new gives the answers `name`."""
        of = {"Service": "chatmrpt"}
        self.put("us-east-1", "Cutover", f"JudgeMore{name}", of, points, minutes_ago)

    def put(
        self,
        region: str,
        namespace: str,
        name: str,
        dimensions: dict[str, str],
        value: float,
        minutes_ago: int,
    ) -> None:
        """Publish one datapoint."""
        at = NOW.replace(second=0) - timedelta(minutes=minutes_ago)
        self._put(region, namespace, name, dimensions, value, at)

    def put_at(self, name: str, value: float, at: datetime) -> None:
        """Publish one datapoint of the service's own."""
        self._put("us-east-1", "Cutover", name, {"Service": "chatmrpt"}, value, at)

    def _put(
        self,
        region: str,
        namespace: str,
        name: str,
        dimensions: dict[str, str],
        value: float,
        at: datetime,
    ) -> None:
        self.client("cloudwatch", region).put_metric_data(
            Namespace=namespace,
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions.items()],
                    "Timestamp": at,
                    "Value": value,
                }
            ],
        )

    def client(self, service: str, region: str) -> Any:
        """Return a client, as the code under test asks for it."""
        if service in {"cloudwatch", "elbv2"}:
            return boto3.client(service, region_name=region)  # type: ignore[call-overload]
        assert region == "us-east-1"
        return {
            "cloudformation": self.formation,
            "cloudfront": self.front,
            "cloudfront-keyvaluestore": self.store,
            "lambda": self.function,
            "route53": Records(self.route53, self.zone, self.switch),
            "ssm": self.line,
        }[service]


@contextmanager
def fake_cloud() -> Iterator[FakeCloud]:
    """Yield a cloud; it is gone afterwards."""
    with mock_aws():
        yield FakeCloud()
