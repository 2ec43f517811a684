"""A side is read from AWS (moto) as far as AWS allows, and what it does not allow is said."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import boto3
import moto.settings
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from moto import mock_aws

from shared.aws import READS, clients
from shared.inference.verdict import Verdict
from shared.readiness.aws.load_balancers import WITHIN_SECONDS, look
from shared.readiness.checks.configuration import configuration
from shared.readiness.finding import Check, Finding
from shared.readiness.spec import Latency, Load, Side, Spec
from tests.unit.support.aws_faults import FaultyClients, answers, refused, times_out

REGION = "us-east-2"


def spec(old: Side, new: Side, region: str = REGION) -> Spec:
    load = Load(10, 5, 20, 200, 5, 10)
    return Spec("shop", old, new, (), Latency(100, 250, 250, 25), load, 10, 21, region=region)


class Account:
    """An account in moto with a load balancer of each side."""

    def __init__(self, made: FaultyClients) -> None:
        self.clients = made
        self.elbv2 = made("elbv2", REGION)
        self._ec2 = made("ec2", REGION)
        self._vpc = self._ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self._subnets = [
            self._ec2.create_subnet(
                VpcId=self._vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"{REGION}{zone}"
            )["Subnet"]["SubnetId"]
            for i, zone in enumerate("ab")
        ]
        acm = made("acm", REGION)
        self._certificate = acm.request_certificate(DomainName="example.com")["CertificateArn"]
        self.arns: dict[str, dict[str, str]] = {}
        self.sides = {name: self._create(name) for name in ("old", "new")}
        made.asked.clear()

    def _create(self, name: str) -> Side:
        security_group = self._ec2.create_security_group(
            GroupName=name, Description=name, VpcId=self._vpc
        )["GroupId"]
        balancer = self.elbv2.create_load_balancer(
            Name=f"shop-{name}", Subnets=self._subnets, SecurityGroups=[security_group]
        )["LoadBalancers"][0]
        group = self.elbv2.create_target_group(
            Name=f"shop-{name}", Protocol="HTTP", Port=80, VpcId=self._vpc, TargetType="ip"
        )["TargetGroups"][0]["TargetGroupArn"]
        self.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.9"}])
        listener = self.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTPS",
            Port=443,
            SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
            Certificates=[{"CertificateArn": self._certificate}],
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
        )["Listeners"][0]["ListenerArn"]
        self.elbv2.create_rule(
            ListenerArn=listener,
            Priority=7,
            Conditions=[{"Field": "path-pattern", "Values": ["/api/*"]}],
            Actions=[{"Type": "forward", "TargetGroupArn": group}],
        )
        arns = {"balancer": balancer["LoadBalancerArn"], "group": group, "listener": listener}
        self.arns[name] = arns
        return Side(
            f"https://{balancer['DNSName']}",
            arns["balancer"].split(":loadbalancer/")[1],
            group.rsplit(":", 1)[1],
        )

    def check(self) -> Check:
        return asyncio.run(configuration(spec(self.sides["old"], self.sides["new"]), self.clients))


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # they take a second
    monkeypatch.setattr(moto.settings, "ACM_VALIDATION_WAIT", -1)
    # So does an RSA key, nearly; a certificate takes any.
    monkeypatch.setattr(
        rsa, "generate_private_key", lambda **_: ec.generate_private_key(ec.SECP256R1())
    )
    with mock_aws():
        yield Account(FaultyClients(monkeypatch))


def against(check: Check) -> dict[str, Finding]:
    return {f.id: f for f in check.findings if f.verdict is not Verdict.PASS}


def test_two_load_balancers_set_up_alike_pass(account: Account) -> None:
    check = account.check()
    assert against(check) == {}
    assert check.verdict is Verdict.PASS
    assert check.figures["healthy_targets"] == {"old": 1, "new": 1}


def test_each_change_in_the_account_is_found(account: Account) -> None:
    new = account.arns["new"]
    account.elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=new["balancer"],
        Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}],
    )
    account.elbv2.modify_target_group(TargetGroupArn=new["group"], HealthCheckPath="/up")
    account.elbv2.create_rule(
        ListenerArn=new["listener"],
        Priority=8,
        Conditions=[{"Field": "host-header", "HostHeaderConfig": {"Values": ["a.example.com"]}}],
        Actions=[{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302"}}],
    )
    assert set(against(account.check())) == {
        "configuration:load-balancer:deletion_protection.enabled",
        "configuration:health-check:Path",
        "configuration:listener:443:rule:host-header a.example.com",
    }


def test_a_side_without_a_target_fails_and_cannot_be_waived(account: Account) -> None:
    account.elbv2.deregister_targets(
        TargetGroupArn=account.arns["new"]["group"], Targets=[{"Id": "10.0.0.9"}]
    )
    (found,) = against(account.check()).values()
    assert (found.id, found.verdict) == ("configuration:targets:new", Verdict.FAIL)
    assert not found.waivable


def test_an_answer_that_leaves_a_list_out_is_an_empty_one(account: Account) -> None:
    account.clients.faults["DescribeTargetHealth"] = [
        answers("<R><DescribeTargetHealthResult></DescribeTargetHealthResult></R>")
    ] * 2
    assert set(against(account.check())) == {f"configuration:targets:{s}" for s in ("old", "new")}


def test_a_load_balancer_that_does_not_exist_fails_with_a_sentence(account: Account) -> None:
    account.sides["new"] = Side("http://x", "app/nobody/50dc6c495c0c9188", "targetgroup/x/1")
    found = against(account.check())
    missing = found.pop("configuration:missing:new")
    assert found == {}
    assert (missing.verdict, missing.waivable) == (Verdict.FAIL, False)
    assert "there is no load balancer nobody in us-east-2" in missing.said


@pytest.mark.parametrize("what", ["load_balancer", "target_group"])
def test_another_one_of_the_same_name_is_not_the_declared_one(account: Account, what: str) -> None:
    new = account.sides["new"]
    kept = {"load_balancer": new.load_balancer, "target_group": new.target_group}
    kept[what] = kept[what].rsplit("/", 1)[0] + "/0000000000000000"
    account.sides["new"] = Side(new.url, **kept)
    said = against(account.check())["configuration:missing:new"].said
    assert "does not end in" in said
    assert kept[what] in said


@pytest.mark.parametrize(
    ("operation", "code", "named"),
    [
        ("DescribeRules", "AccessDenied", "listener:443:rule"),
        ("DescribeTargetHealth", "AccessDenied", "targets"),
        ("DescribeLoadBalancerAttributes", "AccessDenied", "load-balancer"),
        ("DescribeListeners", "AccessDenied", "listener"),
        ("DescribeListenerCertificates", "AccessDenied", "listener:443:certificates"),
        ("DescribeSecurityGroups", "UnauthorizedOperation", "ingress"),
        ("DescribeCertificate", "AccessDeniedException", "listener:443:certificates"),
    ],
)
def test_one_refused_call_leaves_one_thing_unknown_on_a_side(
    account: Account, operation: str, code: str, named: str
) -> None:
    account.clients.faults[operation] = [refused(code), refused(code)]
    check = account.check()
    assert set(against(check)) == {f"configuration:unread:{named}:{s}" for s in ("old", "new")}
    assert check.verdict is Verdict.INCONCLUSIVE


def test_refused_quotas_are_unknown(account: Account) -> None:
    account.clients.faults["DescribeAccountLimits"] = [refused("AccessDenied")]
    assert set(against(account.check())) == {"configuration:unread:quotas"}


def test_who_may_read_nothing_cannot_tell(account: Account) -> None:
    account.clients.faults["DescribeLoadBalancers"] = [refused("AccessDenied")] * 2
    check = account.check()
    assert set(against(check)) == {f"configuration:unread:{side}" for side in ("old", "new")}
    assert check.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("fault", [refused("Throttling", 400), times_out])
def test_a_throttle_or_a_timeout_is_asked_again(account: Account, fault: Any) -> None:
    account.clients.faults["DescribeRules"] = [fault, fault]
    assert account.check().verdict is Verdict.PASS
    assert account.clients.asked.count("DescribeRules") == 4


def test_what_never_answers_is_unknown_in_the_end(account: Account) -> None:
    account.clients.faults["DescribeRules"] = [times_out] * 100
    found = against(account.check())
    assert set(found) == {f"configuration:unread:listener:443:rule:{s}" for s in ("old", "new")}
    assert "timeout" in found["configuration:unread:listener:443:rule:old"].said.lower()


def test_no_call_is_begun_when_the_time_is_over(account: Account) -> None:
    late = iter([0.0, 1.0])
    seen = look(
        account.clients, REGION, account.sides["old"], lambda: next(late, WITHIN_SECONDS + 1)
    )
    assert [one.described["Port"] for one in seen.listeners] == [443]
    assert {"listener:443:rule", "targets", "ingress:"} <= set(seen.unread)
    assert "DescribeTargetHealth" not in account.clients.asked


def test_without_credentials_the_check_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    side = Side("http://x", "app/x/50dc6c495c0c9188", "targetgroup/x/73e2d6bc24d8a067")
    check = asyncio.run(configuration(spec(side, side), clients(READS)))
    assert check.verdict is None
    assert check.skipped == "there are no AWS credentials to read it with"


@pytest.mark.parametrize(
    ("old", "region"),
    [
        (Side("http://x"), REGION),
        (Side("http://x", "app/x/50dc6c495c0c9188"), REGION),
        (Side("http://x", "app/x/50dc6c495c0c9188", "targetgroup/x/1"), ""),
    ],
)
def test_without_declared_load_balancers_nothing_is_asked(
    account: Account, old: Side, region: str
) -> None:
    new = account.sides["new"]
    check = asyncio.run(configuration(spec(old, new, region), account.clients))
    assert check.skipped == "no load balancers and target groups are declared"
    assert account.clients.asked == []
