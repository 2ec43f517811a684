"""Both load balancers are compared by what they do, not by whose they are."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.declaration.reading.context import read_context
from shared.inference.verdict import Verdict, overall
from shared.readiness.aws import quotas
from shared.readiness.aws.load_balancers import DescribedSide, Listener
from shared.readiness.aws.settings import settings
from shared.readiness.checks.configuration import alone, compare, healthy
from shared.readiness.finding import Finding
from shared.readiness.spec import Side
from tests.unit.support.described_rules import described_rules
from tests.unit.world.test_world_listener_rules import DESK

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
ELB = "arn:aws:elasticloadbalancing:us-east-2:123456789012"


def declared(name: str) -> Side:
    return Side(
        f"http://{name}-1.us-east-2.elb.amazonaws.com:80",
        f"app/{name}/50dc6c495c0c9188",
        f"targetgroup/{name}/73e2d6bc24d8a067",
    )


def target(state: str, reason: str = "", number: int = 1) -> dict[str, Any]:
    health = {"State": state} | ({"Reason": reason} if reason else {})
    return {"Target": {"Id": f"10.0.0.{number}", "Port": 80}, "TargetHealth": health}


def rule(priority: int, path: str, action: Mapping[str, Any], **header: str) -> dict[str, Any]:
    conditions: list[dict[str, Any]] = [
        {"Field": "path-pattern", "Values": [path], "PathPatternConfig": {"Values": [path]}}
    ]
    for name, value in header.items():
        config = {"HttpHeaderName": name, "Values": [value]}
        conditions.append({"Field": "http-header", "HttpHeaderConfig": config})
    return {
        "RuleArn": f"{ELB}:listener-rule/{priority}",
        "Priority": str(priority),
        "Conditions": conditions,
        "Actions": [action],
        "IsDefault": False,
    }


def forward(name: str) -> dict[str, Any]:
    arn = f"{ELB}:targetgroup/{name}/73e2d6bc24d8a067"
    return {
        "Type": "forward",
        "TargetGroupArn": arn,
        "Order": 1,
        "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn, "Weight": 1}]},
    }


REDIRECT = {
    "Type": "redirect",
    "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
}
NOT_FOUND = {
    "Type": "fixed-response",
    "FixedResponseConfig": {"StatusCode": "404", "ContentType": "text/plain"},
}


def seen(name: str) -> DescribedSide:
    """Return a side whose every name is its own."""
    side = declared(name)
    balancer = f"{ELB}:loadbalancer/{side.load_balancer}"
    certificate = f"arn:aws:acm:us-east-2:123456789012:certificate/{name}"
    group = {
        "TargetGroupArn": f"{ELB}:{side.target_group}",
        "TargetGroupName": name,
        "LoadBalancerArns": [balancer],
        "Protocol": "HTTP",
        "Port": 80,
        "TargetType": "ip",
        "HealthCheckPath": "/ping",
        "HealthCheckIntervalSeconds": 30,
        "HealthyThresholdCount": 5,
        "Matcher": {"HttpCode": "200"},
    }
    secure = {
        "ListenerArn": f"{ELB}:listener/{side.load_balancer}/443",
        "Port": 443,
        "Protocol": "HTTPS",
        "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "DefaultActions": [forward(name)],
    }
    return DescribedSide(
        load_balancer={
            "LoadBalancerArn": balancer,
            "DNSName": side.host,
            "Scheme": "internet-facing",
            "IpAddressType": "ipv4",
            "State": {"Code": "active"},
            "AvailabilityZones": [{"ZoneName": "us-east-2a"}, {"ZoneName": "us-east-2b"}],
        },
        target_group=group,
        load_balancer_attributes=(
            {"Key": "idle_timeout.timeout_seconds", "Value": "60"},
            {"Key": "access_logs.s3.enabled", "Value": "true"},
            {"Key": "access_logs.s3.bucket", "Value": f"logs-of-{name}"},
        ),
        target_group_attributes=({"Key": "stickiness.enabled", "Value": "false"},),
        target_groups=(group,),
        health=(target("healthy", number=1), target("healthy", number=2)),
        listeners=(
            Listener(
                {
                    "ListenerArn": f"{ELB}:listener/{side.load_balancer}/80",
                    "Port": 80,
                    "Protocol": "HTTP",
                    "DefaultActions": [REDIRECT],
                }
            ),
            Listener(
                secure,
                rules=(
                    rule(1, "/api/*", forward(name), **{"x-origin": "s3cret"}),
                    rule(2, "/old", NOT_FOUND),
                ),
                certificates=({"CertificateArn": certificate, "IsDefault": True},),
                attributes=({"Key": "routing.http.response.server.enabled", "Value": "true"},),
            ),
        ),
        security_groups=(
            {
                "GroupId": f"sg-{name}",
                "IpPermissions": [
                    {
                        "IpProtocol": "tcp",
                        "FromPort": 80,
                        "ToPort": 443,
                        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                        "PrefixListIds": [{"PrefixListId": "pl-1"}],
                        "UserIdGroupPairs": [{"GroupId": f"sg-{name}"}],
                    },
                    {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
                ],
            },
        ),
        certificates={
            certificate: {
                "DomainName": "example.com",
                "SubjectAlternativeNames": ["www.example.com", "example.com"],
                "Status": "ISSUED",
                "NotAfter": NOW + timedelta(days=90, hours=1),
            }
        },
    )


def different(old: DescribedSide, new: DescribedSide) -> list[Finding]:
    """Return what `compare` finds; each must be a difference that a person may waive."""
    found = [one for one in compare(old, new) if one.verdict is not Verdict.PASS]
    assert all(one.verdict is Verdict.FAIL and one.waivable for one in found)
    return found


def only(old: DescribedSide, new: DescribedSide) -> Finding:
    (found,) = different(old, new)
    return found


def by_itself(name: str, one: DescribedSide) -> dict[str, Finding]:
    return {f.id: f for f in alone(name, declared(name), one, 21, NOW)}


def changed_listener(one: DescribedSide, port: int, **changes: Any) -> DescribedSide:
    return replace(
        one,
        listeners=tuple(
            replace(each, **changes) if each.described["Port"] == port else each
            for each in one.listeners
        ),
    )


def test_two_sides_set_up_alike_differ_in_nothing_though_every_name_is_their_own() -> None:
    (found,) = compare(seen("blue"), seen("green"))
    assert (found.id, found.verdict) == ("configuration:settings", Verdict.PASS)
    for name in ("blue", "green"):
        assert overall(f.verdict for f in by_itself(name, seen(name)).values()) is Verdict.PASS


words = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)
attributes = st.dictionaries(words, words, max_size=6)


def with_attributes(
    one: DescribedSide, own: Mapping[str, str], groups: Mapping[str, str]
) -> DescribedSide:
    return replace(
        one,
        load_balancer_attributes=tuple({"Key": k, "Value": v} for k, v in own.items()),
        target_group_attributes=tuple({"Key": k, "Value": v} for k, v in groups.items()),
    )


@given(own=attributes, groups=attributes)
def test_a_side_does_not_differ_from_itself(
    own: Mapping[str, str], groups: Mapping[str, str]
) -> None:
    one = with_attributes(seen("blue"), own, groups)
    assert different(one, copy.deepcopy(one)) == []


@given(own=attributes, key=words, before=words, after=words)
def test_one_changed_attribute_is_named_once(
    own: Mapping[str, str], key: str, before: str, after: str
) -> None:
    old = with_attributes(seen("blue"), {**own, key: before}, own)
    new = with_attributes(seen("green"), {**own, key: after}, own)
    found = different(old, new)
    if before == after:
        assert found == []
    else:
        assert [(f.id, f.old, f.new) for f in found] == [
            (f"configuration:load-balancer:{key}", before, after)
        ]


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("Scheme", "internal", "scheme"),
        ("IpAddressType", "dualstack", "ip-address-type"),
    ],
)
def test_a_load_balancer_of_another_kind_is_named(field: str, value: str, named: str) -> None:
    new = seen("green")
    new = replace(new, load_balancer=new.load_balancer | {field: value})
    assert only(seen("blue"), new).id == f"configuration:{named}"


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("Port", 8080, "target-group:Port"),
        ("TargetType", "instance", "target-group:TargetType"),
        ("ProtocolVersion", "HTTP2", "target-group:ProtocolVersion"),
        ("HealthCheckPath", "/", "health-check:Path"),
        ("HealthCheckIntervalSeconds", 5, "health-check:IntervalSeconds"),
        ("HealthyThresholdCount", 2, "health-check:HealthyThresholdCount"),
        ("Matcher", {"HttpCode": "200-399"}, "health-check:Matcher"),
    ],
)
def test_another_target_group_or_health_check_is_named(
    field: str, value: object, named: str
) -> None:
    new = seen("green")
    new = replace(new, target_group=new.target_group | {field: value})
    found = only(seen("blue"), new)
    assert found.id == f"configuration:{named}"
    assert found.new in (str(value), "HttpCode 200-399")


def test_the_bucket_of_the_access_logs_is_each_sides_own() -> None:
    assert not [name for name in settings(seen("blue")) if "bucket" in name]
    assert "load-balancer:access_logs.s3.enabled" in settings(seen("blue"))


def test_a_listener_that_new_lacks_is_named_once() -> None:
    new = replace(seen("green"), listeners=seen("green").listeners[:1])
    found = only(seen("blue"), new)
    assert (found.id, found.old, found.new) == ("configuration:listener:443", "there", "nothing")


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("SslPolicy", "ELBSecurityPolicy-2016-08", "tls-policy"),
        ("MutualAuthentication", {"Mode": "verify"}, "mutual-tls"),
        ("DefaultActions", [NOT_FOUND], "default-actions"),
    ],
)
def test_a_listener_set_up_otherwise_is_named(field: str, value: object, named: str) -> None:
    new = seen("green")
    described = new.listeners[1].described | {field: value}
    new = changed_listener(new, 443, described=described)
    assert only(seen("blue"), new).id == f"configuration:listener:443:{named}"


def test_a_certificate_for_other_names_is_named() -> None:
    new = seen("green")
    ((arn, certificate),) = new.certificates.items()
    new = replace(
        new, certificates={arn: certificate | {"SubjectAlternativeNames": ["example.org"]}}
    )
    found = only(seen("blue"), new)
    assert found.id == "configuration:listener:443:certificates"
    assert (found.old, found.new) == ("example.com, www.example.com", "example.org")


def test_a_rule_that_only_old_has_is_named_by_its_conditions() -> None:
    new = changed_listener(seen("green"), 443, rules=seen("green").listeners[1].rules[:1])
    found = only(seen("blue"), new)
    assert found.id == "configuration:listener:443:rule:path-pattern /old"
    assert found.new == "nothing"


def test_a_rule_that_does_something_else_shows_both() -> None:
    first, _ = seen("green").listeners[1].rules
    new = changed_listener(seen("green"), 443, rules=(first, rule(2, "/old", REDIRECT)))
    found = only(seen("blue"), new)
    assert found.new == "redirect HTTP_301 to HTTPS://#{host}:443/#{path}?#{query}"


def test_priorities_do_not_matter_but_the_order_does() -> None:
    first, second = seen("green").listeners[1].rules
    apart = (first | {"Priority": "10"}, second | {"Priority": "200"})
    assert different(seen("blue"), changed_listener(seen("green"), 443, rules=apart)) == []
    turned = (first | {"Priority": "200"}, second | {"Priority": "10"})
    found = only(seen("blue"), changed_listener(seen("green"), 443, rules=turned))
    assert found.id == "configuration:listener:443:rule-order"


def test_the_rules_for_the_last_users_are_no_difference_and_the_rest_of_old_s_still_is() -> None:
    own = seen("blue").load_balancer["DNSName"]
    body = json.dumps(described_rules(read_context({"cutover": {"desk": DESK}})[0].service))
    rules = json.loads(body.replace(DESK["old"]["load_balancer_dns_name"], own.upper()))
    of_old = seen("blue").listeners[1].rules
    old = changed_listener(seen("blue"), 443, rules=(*of_old, *rules[:-1]))
    assert different(old, seen("green")) == []
    for others in (
        {"Conditions": rules[0]["Conditions"][:1]},
        {"Conditions": [{"Field": "host-header", "Values": ["a.example.com"]}]},
        {"Actions": [NOT_FOUND]},
        {"Actions": [rules[4]["Actions"][0]]},
    ):
        mine = changed_listener(old, 443, rules=(*of_old, rules[0] | others))
        assert ":rule:" in only(mine, seen("green")).id
    elsewhere = changed_listener(seen("blue"), 443, rules=(*of_old, rules[4]))
    other_name = replace(
        elsewhere, load_balancer=elsewhere.load_balancer | {"DNSName": "other.example.com"}
    )
    assert any(":rule:" in one.id for one in different(other_name, seen("green")))


def test_another_secret_header_is_told_but_never_shown() -> None:
    _, second = seen("green").listeners[1].rules
    first = rule(1, "/api/*", forward("green"), **{"x-origin": "another"})
    found = only(seen("blue"), changed_listener(seen("green"), 443, rules=(first, second)))
    assert "x-origin" in found.id
    assert "header values" in found.said
    assert not {"s3cret", "another"} & set(str(found.to_dict()).replace("'", " ").split())


def test_a_rule_to_another_target_group_compares_by_what_that_group_is() -> None:
    def side(name: str, path: str) -> DescribedSide:
        one = seen(name)
        api = {"TargetGroupArn": f"{ELB}:targetgroup/{name}-api/1", "Protocol": "HTTP", "Port": 81}
        action = {"Type": "forward", "TargetGroupArn": api["TargetGroupArn"]}
        one = replace(one, target_groups=(*one.target_groups, api | {"HealthCheckPath": path}))
        return changed_listener(one, 443, rules=(rule(1, "/api", action),))

    assert different(side("blue", "/up"), side("green", "/up")) == []
    assert "checked at /ok" in only(side("blue", "/up"), side("green", "/ok")).new


def test_weights_of_a_forward_count() -> None:
    def side(name: str, weight: int) -> DescribedSide:
        groups = [
            {"TargetGroupArn": f"{ELB}:targetgroup/{name}/73e2d6bc24d8a067", "Weight": weight},
            {"TargetGroupArn": "arn:shared", "Weight": 1},
        ]
        sticky = {"Enabled": True, "DurationSeconds": 60}
        config = {"TargetGroups": groups, "TargetGroupStickinessConfig": sticky}
        action = {"Type": "forward", "ForwardConfig": config}
        return changed_listener(seen(name), 443, rules=(rule(1, "/api", action),))

    assert different(side("blue", 5), side("green", 5)) == []
    found = only(side("blue", 5), side("green", 6))
    assert found.new == (
        "forward to the target group (weight 6), arn:shared (weight 1), sticky for 60 s"
    )


def test_kinds_that_nobody_knows_yet_compare_as_they_stand() -> None:
    action = {"Type": "teleport", "TeleportConfig": {"To": ["mars"], "At": NOW}}
    odd = {"Field": "moon-phase", "MoonPhaseConfig": {"Values": ["full"]}}
    strange = rule(1, "/", action) | {"Conditions": [odd], "Transforms": [{"Type": "fold"}]}
    sides = [changed_listener(seen(name), 443, rules=(strange,)) for name in ("blue", "green")]
    assert different(*sides) == []
    (name,) = [name for name in settings(sides[0]) if ":rule:" in name]
    assert name.endswith("moon-phase full")


@pytest.mark.parametrize(
    ("permission", "named"),
    [
        (
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "::1"}]},
            "ingress:tcp:22:::1",
        ),
        (
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-bastion"}]},
            "ingress:all:all:sg-bastion",
        ),
    ],
)
def test_what_only_new_lets_in_is_named(permission: dict[str, Any], named: str) -> None:
    new = seen("green")
    more = {"GroupId": "sg-more", "IpPermissions": [permission]}
    new = replace(new, security_groups=(*new.security_groups, more))
    found = only(seen("blue"), new)
    assert (found.id, found.new) == (f"configuration:{named}", "let in")


def test_new_must_stand_in_every_zone_of_old_and_may_stand_in_more() -> None:
    less = seen("green")
    less = replace(less, load_balancer=less.load_balancer | {"AvailabilityZones": []})
    found = only(seen("blue"), less)
    assert found.id == "configuration:zones"
    assert "us-east-2a, us-east-2b" in found.said
    assert different(less, seen("green")) == []


def test_in_two_regions_zones_are_counted_and_prefix_lists_have_other_ids() -> None:
    old, new = seen("blue"), seen("green")
    there = [{"ZoneName": f"eu-west-1{zone}"} for zone in "ab"]
    groups = copy.deepcopy(new.security_groups)
    groups[0]["IpPermissions"][0]["PrefixListIds"] = [{"PrefixListId": "pl-2"}]
    new = replace(
        new,
        load_balancer=new.load_balancer | {"AvailabilityZones": there},
        security_groups=groups,
    )
    assert len(different(old, new)) == 3
    assert [one.verdict for one in compare(old, new, apart=True)] == [Verdict.PASS]
    new = replace(new, load_balancer=new.load_balancer | {"AvailabilityZones": there[:1]})
    (found,) = compare(old, new, apart=True)
    assert (found.id, found.old, found.new) == ("configuration:zones", "2", "1")
    assert found.waivable


def test_fewer_healthy_targets_on_new_are_a_difference_and_more_are_not() -> None:
    fewer = replace(seen("green"), health=(target("healthy"),))
    found = only(seen("blue"), fewer)
    assert (found.id, found.old, found.new) == ("configuration:targets", "2", "1")
    assert different(fewer, seen("blue")) == []


@pytest.mark.parametrize(
    ("health", "verdict", "waivable", "says"),
    [
        ((), Verdict.FAIL, False, "none is registered"),
        ((target("unhealthy", "Target.Timeout"),), Verdict.FAIL, False, "Target.Timeout"),
        ((target("initial"),), Verdict.FAIL, False, "10.0.0.1:80 is initial"),
        (
            (target("unavailable", "Target.HealthCheckDisabled"),),
            Verdict.INCONCLUSIVE,
            True,
            "no health check",
        ),
        ((target("healthy"), target("unhealthy", "Target.Timeout")), Verdict.FAIL, True, "1 other"),
        ((target("healthy"), target("initial")), Verdict.INCONCLUSIVE, True, "1 other"),
        ((target("healthy"), target("draining")), Verdict.PASS, False, "1 healthy"),
        ((target("healthy"), {}), Verdict.FAIL, True, "1 other"),
    ],
)
def test_targets(
    health: tuple[dict[str, Any], ...], verdict: Verdict, waivable: bool, says: str
) -> None:
    found = by_itself("new", replace(seen("new"), health=health))["configuration:targets:new"]
    assert (found.verdict, found.waivable) == (verdict, waivable)
    assert says in found.said


def test_a_load_balancer_that_is_not_active_is_nobodys_to_waive() -> None:
    one = seen("new")
    one = replace(one, load_balancer=one.load_balancer | {"State": {"Code": "provisioning"}})
    found = by_itself("new", one)["configuration:state:new"]
    assert (found.verdict, found.waivable) == (Verdict.FAIL, False)


def test_a_load_balancer_at_another_address_than_the_one_measured_is_told() -> None:
    one = seen("new")
    one = replace(one, load_balancer=one.load_balancer | {"DNSName": "x-2.elb.amazonaws.com"})
    assert by_itself("new", one)["configuration:address:new"].verdict is Verdict.FAIL


def test_a_target_group_that_its_load_balancer_does_not_use_is_told() -> None:
    one = seen("new")
    one = replace(one, target_group=one.target_group | {"LoadBalancerArns": []})
    assert by_itself("new", one)["configuration:attached:new"].verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("changes", "verdict", "waivable"),
    [
        ({}, Verdict.PASS, False),
        ({"NotAfter": NOW + timedelta(days=20)}, Verdict.FAIL, True),
        ({"NotAfter": NOW - timedelta(days=1)}, Verdict.FAIL, False),
        ({"Status": "EXPIRED"}, Verdict.FAIL, False),
    ],
)
def test_a_certificate_must_last(changes: dict[str, Any], verdict: Verdict, waivable: bool) -> None:
    one = seen("new")
    ((arn, certificate),) = one.certificates.items()
    one = replace(one, certificates={arn: certificate | changes})
    found = by_itself("new", one)["configuration:certificate:new:example.com"]
    assert (found.verdict, found.waivable) == (verdict, waivable)


@pytest.mark.parametrize(
    "unread",
    ["listener:", "listener:443:rule", "listener:443:certificates", "load-balancer:", "ingress:"],
)
def test_what_could_be_read_of_one_side_only_is_unknown_and_no_difference(unread: str) -> None:
    new = seen("green")
    blind: dict[str, Any] = {
        "listener:": {"listeners": ()},
        "load-balancer:": {"load_balancer_attributes": ()},
        "ingress:": {"security_groups": ()},
        "listener:443:certificates": {"certificates": {}},
    }.get(unread, {})
    new = replace(new, unread={unread: "AccessDenied"}, **blind)
    if unread == "listener:443:rule":
        new = changed_listener(new, 443, rules=())
    assert different(seen("blue"), new) == []
    told = [f for f in by_itself("green", new).values() if f.verdict is Verdict.INCONCLUSIVE]
    assert [f.id for f in told] == [f"configuration:unread:{unread.strip(':')}:green"]


def test_targets_that_cannot_be_read_are_unknown_and_not_none() -> None:
    one = replace(seen("new"), health=(), unread={"targets": "AccessDenied"})
    assert healthy(one) is None
    assert "configuration:targets:new" not in by_itself("new", one)
    assert different(seen("old"), one) == []


def test_a_quota_that_is_nearly_full_is_told_and_plenty_of_room_passes() -> None:
    used = quotas.used(seen("new"))
    assert used["rules-per-application-load-balancer"] == 2
    assert used["certificates-per-application-load-balancer"] == 0, "the default one is free"
    assert used["targets-per-application-load-balancer"] == 2
    limits = {"rules-per-application-load-balancer": 100, "unknown-quota": 1}
    (found,) = quotas.room(limits, {"new": used})
    assert (found.id, found.verdict) == ("configuration:quotas", Verdict.PASS)
    (found,) = quotas.room({"rules-per-application-load-balancer": 2}, {"new": used})
    assert found.id == "configuration:quota:rules-per-application-load-balancer:new"
    assert (found.verdict, found.waivable) == (Verdict.FAIL, True)
