"""What is missing before old may go, and what can be deleted then; nothing is ever changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from commands import decommission
from commands.leftovers.inventory import Reader
from commands.leftovers.own_cost import OwnCost, Part
from commands.leftovers.prices import prices
from tests.unit.support.declarations import SHOP
from tests.unit.support.fake_doors import refusal

REGION = "eu-west-1"
NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)


class Account:
    """Old's load balancer in moto, with all that hangs on it. `denied` operations are refused."""

    def __init__(self) -> None:
        self.denied: set[str] = set()
        self.changed: list[str] = []
        ec2 = boto3.client("ec2", region_name=REGION)
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.0.{at}.0/24", AvailabilityZone=f"{REGION}{zone}"
            )["Subnet"]["SubnetId"]
            for at, zone in enumerate("ab")
        ]
        self.group = ec2.create_security_group(VpcId=vpc, GroupName="old", Description="old")[
            "GroupId"
        ]
        elbv2 = boto3.client("elbv2", region_name=REGION)
        balancer = elbv2.create_load_balancer(
            Name="shop-blue",
            Subnets=subnets,
            SecurityGroups=[self.group],
            Tags=[{"Key": "environment", "Value": "old"}],
        )["LoadBalancers"][0]
        self.arn = balancer["LoadBalancerArn"]
        self.suffix = self.arn.split("loadbalancer/")[1]
        target_group = elbv2.create_target_group(
            Name="shop-blue", Protocol="HTTP", Port=80, VpcId=vpc
        )["TargetGroups"][0]["TargetGroupArn"]
        elbv2.create_listener(
            LoadBalancerArn=self.arn,
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": target_group}],
        )
        elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=self.arn,
            Attributes=[
                {"Key": "access_logs.s3.enabled", "Value": "true"},
                {"Key": "access_logs.s3.bucket", "Value": "shop-logs"},
                {"Key": "deletion_protection.enabled", "Value": "true"},
            ],
        )
        self.instance = ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            InstanceType="t3.medium",
            SubnetId=subnets[0],
        )["Instances"][0]["InstanceId"]
        elbv2.register_targets(TargetGroupArn=target_group, Targets=[{"Id": self.instance}])
        cloudwatch = boto3.client("cloudwatch", region_name=REGION)
        for name, value in (("old-5xx", self.suffix), ("new-5xx", "app/shop-green/1")):
            cloudwatch.put_metric_alarm(
                AlarmName=name,
                Namespace="AWS/ApplicationELB",
                MetricName="HTTPCode_ELB_5XX_Count",
                Dimensions=[{"Name": "LoadBalancer", "Value": value}],
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
            )

    def client(self, service: str, region: str | None = None) -> Any:
        client = boto3.client(service, region_name=region)  # type: ignore[call-overload]
        client.meta.events.register("before-call", self._seen)
        return client

    def _seen(self, model: Any, **_: Any) -> None:
        if model.name in self.denied:
            raise refusal("AccessDenied", 403)
        if not model.name.startswith(("Describe", "List", "Get")):
            self.changed.append(model.name)


@pytest.fixture(scope="module")
def made() -> Iterator[Account]:
    """One account for all: moto takes seconds to make it, and nothing here changes it."""
    with mock_aws():
        yield Account()


@pytest.fixture
def account(made: Account) -> Account:
    account = copy.copy(made)
    account.denied, account.changed = set(), []
    return account


def read(account: Account, tag: tuple[str, str] | None = None) -> Any:
    return Reader(account.client, REGION, prices()).read(account.suffix, tag)


def test_what_hangs_on_old_is_listed_in_the_order_in_which_it_can_go(account: Account) -> None:
    found = read(account)
    assert found.unread == []
    listed = [(one.what, one.name) for one in found.leftovers]
    assert listed[:4] == [
        ("alarm", "old-5xx"),
        ("load balancer", "shop-blue"),
        ("target group", "shop-blue"),
        ("instance t3.medium", account.instance),
    ]
    kinds = [what for what, _ in listed]
    assert kinds[4].startswith("volume ")
    assert kinds[5:] == ["security group", "deletion protection", "log bucket"]
    assert found.stack is None
    assert account.changed == []


def test_the_sum_is_of_what_can_go_and_has_a_price(account: Account) -> None:
    found = read(account)
    table = prices()
    volume = next(one for one in found.leftovers if one.what.startswith("volume"))
    expected = sum(
        table.of(what) or 0.0 for what in ("alarm", "load balancer", "instance t3.medium")
    )
    assert found.usd_a_month == pytest.approx(expected + (volume.usd_a_month or 0.0))
    (bucket,) = (one for one in found.leftovers if one.what == "log bucket")
    assert "keep it as long as you must" in bucket.keep


def test_what_a_stack_made_is_deleted_by_its_stack(account: Account) -> None:
    elbv2 = boto3.client("elbv2", region_name=REGION)
    mark = {"Key": "aws:cloudformation:stack-name", "Value": "website"}
    elbv2.add_tags(ResourceArns=[account.arn], Tags=[mark])
    try:
        assert read(account).stack == "website"
    finally:
        elbv2.remove_tags(ResourceArns=[account.arn], TagKeys=[mark["Key"]])


def test_what_carries_the_tag_is_listed_to_be_looked_at(account: Account) -> None:
    found = read(account, ("environment", "old"))
    assert account.arn not in [one.name for one in found.leftovers]
    ec2 = boto3.client("ec2", region_name=REGION)
    ec2.create_tags(Resources=[account.instance], Tags=[{"Key": "environment", "Value": "old"}])
    tagged = [
        one for one in read(account, ("environment", "old")).leftovers if one.what == "by its tag"
    ]
    assert [one.name.endswith(account.instance) for one in tagged] == [True]
    assert "look at it" in tagged[0].keep


@pytest.mark.parametrize(
    ("operation", "what"),
    [
        ("DescribeTargetGroups", "target groups"),
        ("DescribeAlarms", "alarms"),
        ("ListClusters", "ECS clusters"),
        ("DescribeVolumes", "volumes"),
        ("DescribeLoadBalancerAttributes", "attributes"),
        ("DescribeTags", "tags"),
    ],
)
def test_what_cannot_be_read_is_told_and_hides_nothing_else(
    account: Account, operation: str, what: str
) -> None:
    account.denied = {operation}
    found = read(account)
    assert [line.split(":")[0] for line in found.unread] == [what]
    assert "load balancer" in [one.what for one in found.leftovers]


def test_a_load_balancer_that_is_gone_is_a_sentence(account: Account) -> None:
    found = Reader(account.client, REGION, prices()).read("app/gone/0123456789abcdef")
    assert found.leftovers == []
    assert found.unread == [f"the load balancer gone is not in {REGION}"]


def test_every_price_has_its_source_and_the_table_its_day() -> None:
    table = prices()
    assert datetime.fromisoformat(table.as_of)
    assert min(table.usd_a_month.values()) > 0
    assert table.of("instance of another kind") is None
    assert table.of("gp3 GB", 30) == 2.4


class Quiet:
    """CloudWatch's hours in which nobody asks old."""

    def __init__(self) -> None:
        self.weight = 100.0
        self.fault: ClientError | None = None

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        if self.fault is not None:
            raise self.fault
        hours = int((asked["EndTime"] - asked["StartTime"]) / timedelta(hours=1))
        at = [asked["StartTime"] + timedelta(hours=hour) for hour in range(hours)]
        values = {"DeclaredWeight": self.weight, "SwitchThrown": 0.0, "RequestCount": 5400.0}
        return {
            "MetricDataResults": [
                {
                    "Id": query["Id"],
                    "Timestamps": at if name in values else [],
                    "Values": [values[name]] * len(at) if name in values else [],
                }
                for query in asked["MetricDataQueries"]
                for name in [query["MetricStat"]["Metric"]["MetricName"]]
            ]
        }


class NoStacks:
    """CloudFormation before the first deploy."""

    def get_template(self, **_asked: str) -> None:
        raise refusal("ValidationError")


@pytest.fixture
def quiet(account: Account, monkeypatch: pytest.MonkeyPatch) -> Quiet:
    quiet = Quiet()

    def client(service: str, region: str | None = None) -> Any:
        if service == "cloudformation":
            return NoStacks()
        made = account.client(service, region)
        if service == "cloudwatch":
            made.get_metric_data = quiet.get_metric_data
        return made

    class At(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> At:
            return cls.fromtimestamp(NOW.timestamp(), tz)

    monkeypatch.setattr(decommission, "_client", client)
    monkeypatch.setattr(decommission, "datetime", At)
    monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
    return quiet


def run(
    account: Account,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *arguments: str,
    **changes: Any,
) -> tuple[int, str]:
    declared = copy.deepcopy(SHOP)
    declared["old"]["load_balancer"] = account.suffix
    declared["decommission"] = {
        "monthly_savings_usd": 230,
        "quiet_days": 2,
        "attestations": [{"what": "backups of old verified", "by": "ada", "on": "2026-11-20"}],
    } | changes
    file = folder / "declared.json"
    file.write_text(json.dumps({"shop": declared}), encoding="utf-8")
    code = decommission.main(["--declaration", str(file), *arguments])
    printed = capsys.readouterr()
    return code, printed.out + printed.err


def test_with_everything_there_it_says_so_and_lists_what_can_go(
    account: Account, quiet: Quiet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # moto's load balancers have ids of another length, which the declaration would refuse.
    account.suffix = account.suffix.replace(account.suffix.split("/")[2], "50dc6c495c0c9188")
    code, out = run(account, tmp_path, capsys, "--tag", "environment=old")
    assert code == 0, out
    assert "everybody has been on new for 48 whole hours without a rollback" in out
    assert "Nothing is missing: old may leave the doors" in out
    assert "load balancer shop-blue: 16.43 USD a month" in out
    assert "keep: log bucket shop-logs" in out
    assert "; declared are 230.00 USD." in out
    assert "could not read: the stack shop-safety: " in out
    assert "No stack of the cutover could be read: what it costs is not known." in out
    assert account.changed == []


def test_what_the_cutover_itself_cost_stands_beside_what_can_go(
    account: Account,
    quiet: Quiet,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account.suffix = "app/shop-blue/50dc6c495c0c9188"
    first = datetime(2026, 11, 2, tzinfo=UTC)
    own = OwnCost((Part("the observer", 73.0), Part("2 secrets", 0.8)), ("logs",), first)
    monkeypatch.setattr(decommission, "own_cost", lambda *_: own)
    _, out = run(account, tmp_path, capsys)
    assert "  the observer: 73.00 USD a month\n  2 secrets: 0.80 USD a month\n" in out
    assert "  by usage: logs\n" in out
    # 531 hours of 730.
    assert (
        "about 73.80 USD a month, and about 53.70 USD since the first deploy on 2026-11-02" in out
    )


def test_what_is_missing_is_told_with_exit_code_1(
    account: Account, quiet: Quiet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account.suffix = "app/shop-blue/50dc6c495c0c9188"
    quiet.weight = 50.0
    code, out = run(account, tmp_path, capsys, attestations=[{"what": "backups of old verified"}])
    assert code == 1
    assert "missing: nobody vouches for 'backups of old verified'" in out
    assert "missing: the dns door has sent everybody to new since" in out
    assert "load balancer shop-blue" in out


def test_evidence_that_cannot_be_read_is_exit_code_2(
    account: Account, quiet: Quiet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account.suffix = "app/shop-blue/50dc6c495c0c9188"
    quiet.fault = refusal("AccessDenied", 403)
    code, out = run(account, tmp_path, capsys)
    assert code == 2
    assert "AccessDenied" in out
    code, out = run(account, tmp_path, capsys, "--tag", "environment")
    assert code == 2
    assert "--tag environment is no tag" in out
