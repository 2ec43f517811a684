"""Those who ask old by its own name are sent on by rules in Environment, and nothing else is touched."""

from __future__ import annotations

import copy
import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from cutover.declaration.reading.context import read_context
from cutover.doors.last_users import LastUsers
from cutover.doors.redirect_rules import redirect_rules
from cutover.naming import Names
from cutover.paths import ROOT
from tests.template.environment import environment
from tests.template.templates import resources
from tests.unit.support.described_rules import described_rules

DECLARED: dict[str, Any] = json.loads(
    (ROOT / "examples/last-users.json").read_text(encoding="utf-8")
)
LISTENER = DECLARED["desk"]["last_users"]["listeners"][0]
OWN = DECLARED["desk"]["old"]["load_balancer_dns_name"]
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
QUERY = "AWS::Athena::NamedQuery"


def by_priority(template: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return sorted(resources(template, RULE).items(), key=lambda item: item[1]["Priority"])


def shown(rule: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the conditions, each as its field, a header's name, and its values."""
    found = []
    for condition in rule["Conditions"]:
        ((_, config),) = [item for item in condition.items() if item[0] != "Field"]
        name = [config["HttpHeaderName"]] if "HttpHeaderName" in config else []
        found.append((condition["Field"], *name, *config["Values"]))
    return found


HOSTS = [
    ("host-header", OWN, f"dualstack.{OWN}", "helpdesk.example.com"),
    ("host-header", OWN, "tickets.example.com"),
]
EDGE = ("http-header", "x-origin-verify", "*")
PROBES = ("http-header", "user-agent", "Amazon-Route53-Health-Check-Service*", "cutover-*")
METHODS = ("http-request-method", "GET", "HEAD")


def test_first_the_edge_and_the_probes_are_kept_then_the_others_are_redirected(
    desk: dict[str, Any],
) -> None:
    rules = [rule for _, rule in by_priority(desk)]
    assert [(rule["Priority"], *shown(rule)) for rule in rules] == [
        (49_000, HOSTS[0], EDGE),
        (49_001, HOSTS[1], EDGE),
        (49_010, HOSTS[0], PROBES),
        (49_011, HOSTS[1], PROBES),
        (49_020, HOSTS[0], METHODS),
        (49_021, HOSTS[1], METHODS),
    ]
    group = (
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:"
        + DECLARED["desk"]["old"]["target_group"]
    )
    kept = {"Type": "forward", "TargetGroupArn": group}
    sent = {
        "Type": "redirect",
        "RedirectConfig": {
            "Protocol": "HTTPS",
            "Host": "desk.example.com",
            "Port": "443",
            "Path": "/#{path}",
            "Query": "#{query}",
            "StatusCode": "HTTP_302",
        },
    }
    assert [rule["Actions"] for rule in rules] == [[kept]] * 4 + [[sent]] * 2
    assert {rule["ListenerArn"] for rule in rules} == {LISTENER}


def test_no_rule_redirects_before_those_that_keep_are_there(desk: dict[str, Any]) -> None:
    template = desk
    keeping = {name for name, rule in by_priority(template) if METHODS not in shown(rule)}
    assert len(keeping) == 4
    for name, rule in by_priority(template):
        after = set(template["Resources"][name].get("DependsOn", []))
        assert after == (keeping if METHODS in shown(rule) else set())


def test_a_rule_takes_no_more_than_a_load_balancer_allows() -> None:
    declared = copy.deepcopy(DECLARED)
    declared["desk"]["last_users"] |= {
        "hosts": [f"h{number}.example.com" for number in range(4)],
        "paths": [f"/{number}/*/?*/*" for number in range(5)],
        "priority": 49_951,
    }
    (cutover,) = read_context({"cutover": declared})
    rules = redirect_rules(cutover.service)
    assert len({rule.priority for rule in rules}) == len(rules) == 3 + 3 + 5 * 5
    assert [rule.priority for rule in rules] == sorted(rule.priority for rule in rules)
    for rule in rules:
        counts = [
            len(rule.hosts),
            len(rule.values),
            len(rule.methods),
            len([rule.path] * bool(rule.path)),
        ]
        # Elastic Load Balancing, rule-condition-types: condition basics.
        assert max(counts) <= 3
        assert sum(counts) <= 5
        assert sum(map((rule.path + "".join(rule.values)).count, "*?")) <= 5
        assert 1 <= rule.priority <= 50_000


def test_302_to_301_is_one_word_in_a_diff(
    desk: dict[str, Any],
) -> None:
    declared = copy.deepcopy(DECLARED)
    declared["desk"]["last_users"]["redirect"] = "permanent"
    after = environment(declared)
    assert after != desk
    assert json.loads(json.dumps(after).replace('"HTTP_301"', '"HTTP_302"')) == desk


def test_it_adds_rules_and_queries_and_changes_nothing_else(
    desk: dict[str, Any],
) -> None:
    declared = copy.deepcopy(DECLARED)
    del declared["desk"]["last_users"]
    before, after = environment(declared), desk
    added = after["Resources"].keys() - before["Resources"].keys()
    assert {after["Resources"][one]["Type"] for one in added} == {RULE, QUERY}
    rest = {name: one for name, one in after["Resources"].items() if name not in added}
    assert after | {"Resources": rest} == before


def test_both_queries_are_deployed(desk: dict[str, Any]) -> None:
    table, find = resources(desk, QUERY).values()
    assert {table["Database"], find["Database"]} == {"default"}
    made = table["QueryString"]["Fn::Sub"]
    assert "CREATE EXTERNAL TABLE IF NOT EXISTS `desk_old_access_log`" in made
    folder = "s3://desk-logs/old/AWSLogs/${AWS::AccountId}/elasticloadbalancing/eu-west-1"
    assert f"LOCATION '{folder}/'" in made
    assert f"'{folder}/${{!day}}'" in made
    asked = find["QueryString"]
    assert 'FROM "desk_old_access_log"' in asked
    assert (
        f"IN ('{OWN}', 'dualstack.{OWN}', 'helpdesk.example.com', 'tickets.example.com')" in asked
    )
    assert "NOT LIKE 'Amazon-Route53-Health-Check-Service%'" in asked
    assert "NOT LIKE 'cutover-%'" in asked
    assert "NOT BETWEEN 49000 AND 49019" in asked


@pytest.mark.parametrize("paths", [[], ["/docs/*", "/"]])
def test_the_rules_that_the_local_load_balancer_plays_are_these(paths: list[str]) -> None:
    declared = copy.deepcopy(DECLARED)
    declared["desk"]["last_users"]["paths"] = paths
    (cutover,) = read_context({"cutover": declared})
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "direct")
    LastUsers(stack, "LastUsers", names=Names("desk"), service=cutover.service)
    made = Template.from_stack(stack).find_resources(RULE)
    told = [
        {"Priority": str(one["Priority"]), **{key: one[key] for key in ("Conditions", "Actions")}}
        for one in sorted(
            (rule["Properties"] for rule in made.values()), key=lambda rule: rule["Priority"]
        )
    ]
    assert told == described_rules(cutover.service)[:-1]
