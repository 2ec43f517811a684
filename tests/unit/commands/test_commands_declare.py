"""`cutover declare`: an account in moto in, a declaration with reasons out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import moto.route53.models
import pytest
from moto import mock_aws

from commands import declare
from commands.account.balancer import Balancer, Group, Listener, Name, Weeks
from commands.account.suggest import suggest
from commands.declare import faults, service_name

REGION = "us-east-2"
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


class Account:
    """Two load balancers in moto, plain HTTP, and a record that leads to old."""

    def __init__(self) -> None:
        self.elbv2 = boto3.client("elbv2", region_name=REGION)
        ec2 = boto3.client("ec2", region_name=REGION)
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(
                VpcId=self.vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"{REGION}{zone}"
            )["Subnet"]["SubnetId"]
            for i, zone in enumerate("ab")
        ]
        self.route53 = boto3.client("route53", region_name="us-east-1")
        self.zone = self.route53.create_hosted_zone(Name="example.com", CallerReference="z")[
            "HostedZone"
        ]["Id"]
        self.old, self.new = (self.balancer(name) for name in ("shop-old-alb", "shop-new-alb"))

    def balancer(self, name: str) -> dict[str, Any]:
        balancer: dict[str, Any] = self.elbv2.create_load_balancer(Name=name, Subnets=self.subnets)[
            "LoadBalancers"
        ][0]
        group = self.elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc, HealthCheckPath="/ping"
        )["TargetGroups"][0]["TargetGroupArn"]
        self.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        return balancer | {"group": group.rpartition(":")[2]}

    def name(self, name: str, balancer: dict[str, Any], kind: str = "A") -> None:
        record = {
            "Name": name,
            "Type": kind,
            "AliasTarget": {
                "HostedZoneId": "Z3AADJGX6KTTL2",
                "DNSName": f"dualstack.{balancer['DNSName']}",
                "EvaluateTargetHealth": False,
            },
        }
        self.route53.change_resource_record_sets(
            HostedZoneId=self.zone,
            ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]},
        )

    def measured(self, name: str, values: list[float]) -> None:
        suffix = self.old["LoadBalancerArn"].partition("loadbalancer/")[2]
        boto3.client("cloudwatch", region_name=REGION).put_metric_data(
            Namespace="AWS/ApplicationELB",
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [
                        {"Name": "LoadBalancer", "Value": suffix},
                        {"Name": "TargetGroup", "Value": self.old["group"]},
                    ],
                    "Timestamp": NOW - timedelta(hours=hours + 1),
                    "Value": value,
                }
                for hours, value in enumerate(values)
            ],
        )


class CloudWatch:
    """moto's, which knows no percentiles: the maximum stands for them."""

    def __init__(self, region: str) -> None:
        self._client = boto3.client("cloudwatch", region_name=region)

    def get_metric_data(self, **asked: Any) -> Any:
        for query in asked["MetricDataQueries"]:
            if query["MetricStat"]["Stat"] == "p95":
                query["MetricStat"]["Stat"] = "Maximum"
        return self._client.get_metric_data(**asked)


def client(service: str, region: str) -> Any:
    if service == "cloudwatch":
        return CloudWatch(region)
    return boto3.client(service, region_name=region)  # type: ignore[call-overload]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setattr(declare, "_client", client)
    # moto's ids of hosted zones are none that AWS gives.
    monkeypatch.setattr(
        moto.route53.models, "create_route53_zone_id", lambda **_: "Z0123456789ABCDEFGHIJ"
    )
    with mock_aws():
        yield Account()


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    code = declare.main(arguments)
    told = capsys.readouterr()
    return code, json.loads(told.out), told.err


def test_two_names_become_a_declaration_that_can_be_deployed(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    account.name("app.example.com", account.old)
    account.measured("TargetResponseTime", [0.1] * 40)
    account.measured("RequestCount", [60_000.0] * 40)
    code, declared, told = run(capsys, "--old", "shop-old-alb", "--new", "shop-new-alb")
    assert code == 0, told
    (body,) = declared.values()
    assert list(declared) == ["shop"]
    assert faults(declared) == []
    assert body["old"] == {
        "load_balancer_dns_name": account.old["DNSName"],
        "load_balancer": account.old["LoadBalancerArn"].partition("loadbalancer/")[2],
        "target_group": account.old["group"],
        # moto's load balancers stand in a zone of their own.
        **({"hosted_zone_id": z} if (z := body["old"].get("hosted_zone_id")) else {}),
    }
    assert body["new_weight"] == 0
    assert body["endpoints"] == [{"path": "/ping"}, {"path": "/"}]
    assert body["edge"] is False
    assert body["dns"]["record_name"] == "app.example.com"
    assert body["dns"]["record"] == "alias"
    assert body["thresholds"] == {
        "latency_average_ms": 150,
        "latency_p95_ms": 150,
        "minimum_requests": 100,
    }
    assert "dns.record_name: it leads to old today" in told
    assert "Nothing is left to answer." in told


@pytest.mark.parametrize("by", ["DNSName", "LoadBalancerArn"])
def test_a_dns_name_and_an_arn_name_the_same(
    account: Account, capsys: pytest.CaptureFixture[str], by: str
) -> None:
    code, declared, told = run(capsys, "--old", account.old[by], "--new", account.new[by])
    (body,) = declared.values()
    assert body["new"]["target_group"] == account.new["group"]
    assert "edge" not in body
    # Nothing was measured, and only a person knows a limit then.
    assert code == 1
    assert "old's response times are not known" in told


def test_what_is_not_there_gets_a_sentence(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    assert declare.main(["--old", "shop-old-alb", "--new", "shop-nwe-alb"]) == 2
    assert "there is no load balancer shop-nwe-alb in us-east-2" in capsys.readouterr().err


def test_a_file_that_is_there_is_not_written_over(
    account: Account, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "declaration.json"
    arguments = ["--old", "shop-old-alb", "--new", "shop-new-alb", "--output", str(file)]
    assert declare.main(arguments) == 1
    assert list(json.loads(file.read_text(encoding="utf-8"))) == ["shop"]
    file.write_text("mine", encoding="utf-8")
    assert declare.main(arguments) == 2
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("is_on", [True, False])
def test_old_s_access_log_is_suggested_where_it_is_on_and_asked_for_where_it_is_not(
    account: Account, capsys: pytest.CaptureFixture[str], is_on: bool
) -> None:
    told = {"enabled": str(is_on).lower(), "bucket": "shop-logs", "prefix": "old"}
    account.elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=account.old["LoadBalancerArn"],
        Attributes=[
            {"Key": f"access_logs.s3.{key}", "Value": value}
            for key, value in told.items()
            if is_on or key == "enabled"
        ],
    )
    _, declared, said = run(capsys, "--old", "shop-old-alb", "--new", "shop-new-alb")
    assert faults(declared) == []
    (body,) = declared.values()
    if is_on:
        assert body["last_users"] == {"access_logs": "s3://shop-logs/old"}
        assert "last_users.access_logs: old's load balancer puts its access log there" in said
    else:
        assert "last_users" not in body
        assert "last_users: left out: old's access log is off" in said


GROUP = "arn:aws:elasticloadbalancing:us-east-2:1:targetgroup/{0}/73e2d6bc24d8a067"


def side(which: str, **changed: Any) -> Balancer:
    group = GROUP.format(which)
    plain = Balancer(
        arn=f"arn:aws:elasticloadbalancing:us-east-2:1:loadbalancer/app/{which}/50dc6c495c0c918{len(which)}",
        dns_name=f"{which}-1234567890.us-east-2.elb.amazonaws.com",
        zone_id="Z3AADJGX6KTTL2",
        internal=False,
        listeners=(Listener(80, "HTTP", (group,)),),
        groups={group: Group("/up", "204")},
        weeks=Weeks(80.0, 120.0, 30.0),
    )
    return replace(plain, **changed)


def test_https_is_taken_where_a_name_of_the_side_s_own_is_covered() -> None:
    group = GROUP.format("old")
    secure = Listener(443, "HTTPS", (group,), ("*.example.com",))
    own = Name("old.example.com", "Z1", "example.com", ("A",))
    public = Name("app.example.com", "Z1", "example.com", ("A", "AAAA"))
    old = side("old", listeners=(secure, Listener(80, "HTTP", (group,))), names=(public, own))
    made = suggest(old, side("blue"))
    assert made.body["old"]["scheme"] == "https"
    assert made.body["old"]["host_name"] == "old.example.com"
    assert made.body["dns"]["ipv6"] is True
    assert any("a dns door has one name. Taken: app.example.com" in one for one in made.questions)
    # Without a name of its own it is asked by plain HTTP, and without that somebody must make one.
    plainly = suggest(replace(old, names=(public,)), side("blue")).body["old"]
    assert "scheme" not in plainly
    only = suggest(replace(old, names=(public,), listeners=(secure,)), side("blue"))
    assert any("declare it as old.host_name" in one for one in only.questions)


def test_what_the_account_shows_becomes_keys_and_what_it_does_not_becomes_questions() -> None:
    made = suggest(side("old"), side("blue"))
    assert made.questions == []
    assert made.body["endpoints"] == [{"path": "/up", "status": 204}, {"path": "/"}]
    assert made.body["thresholds"] == {
        "latency_average_ms": 120,
        "latency_p95_ms": 180,
        "minimum_requests": 20,
    }
    assert {key for key, _ in made.reasons} >= {"region", "old.target_group", "endpoints", "edge"}
    assert faults({"shop": made.body}) == []
    for changed, asked in (
        ({"internal": True}, "new is internal"),
        ({"listeners": ()}, "no listener that forwards"),
        ({"listeners": (Listener(80, "HTTP", ("a:b/1", "a:c/2")),)}, "2 target groups"),
        ({"distributions": ("E1",)}, "the distribution E1 has new as an origin already"),
        ({"unread": {"records": "denied"}}, "new's records could not be read (denied)"),
        ({"arn": side("old").arn}, "the same load balancer"),
    ):
        questions = suggest(side("old"), side("blue", **changed)).questions
        assert any(asked in one for one in questions), changed


def test_sides_in_two_regions_are_declared_so() -> None:
    def moved(text: str) -> str:
        return text.replace("us-east-2", "eu-west-1")

    blue = side("blue")
    there = replace(
        blue, arn=moved(blue.arn), dns_name=moved(blue.dns_name), zone_id="Z32O12XQLNTSW2"
    )
    made = suggest(side("old"), there)
    assert made.questions == []
    assert (made.body["region"], made.body["new"]["region"]) == ("us-east-2", "eu-west-1")
    assert "region" not in made.body["old"]
    assert faults({"shop": made.body}) == []


@pytest.mark.parametrize(
    ("balancer", "service"),
    [
        ("chatmrpt-alb", "chatmrpt"),
        ("Shop_Old-LB", "shop"),
        ("alb", "alb"),
        ("42", "service"),
        ("a" * 40, "a" * 31),
    ],
)
def test_a_load_balancer_s_name_makes_a_service_s(balancer: str, service: str) -> None:
    assert service_name(balancer) == service
