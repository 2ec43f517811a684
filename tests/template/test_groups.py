"""What `promotion.groups` puts into the templates: data in the function, and words at gate and bake."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from cutover.declaration.groups import Group
from cutover.doors.edge_code import router_code
from tests.template.templates import Templates, resources
from tests.template.test_edge_declared import edge_stack
from tests.template.test_weight_change import differences

FILE = "examples/groups.json"


def variables(template: dict[str, Any]) -> dict[str, Any]:
    ((_, router),) = resources(template, "AWS::CloudFront::Function").items()
    held: dict[str, Any] = router["FunctionCode"]["Fn::Sub"][1]
    return held


def test_the_function_holds_the_groups_far_from_the_weight(groups: Templates) -> None:
    held = variables(groups["club-traffic"])

    assert [group["name"] for group in json.loads(held["Groups"])] == [
        *("staff", "beta", "partner", "north", "south"),
    ]
    # cdk diff shows three lines around a change: between these two stand three.
    assert list(held) == ["Groups", "StaticPaths", "Service", "SideHeader", "NewWeight"]


def test_gate_and_bake_are_given_the_groups_in_words(groups: Templates) -> None:
    template = groups["club-traffic"]
    ((_, gate),) = resources(template, "Custom::WeightGate").items()
    ((_, bake),) = resources(template, "Custom::Bake").items()

    assert gate["Groups"] == bake["Groups"]
    assert gate["Groups"][0] == {
        "Name": "staff",
        "FromWeight": 1,
        "By": "network",
        "Values": ["192.0.2.0/24", "2001:db8:10::/48"],
    }
    assert gate["Groups"][2]["By"] == "header x-partner"


def test_a_change_of_weight_shows_the_weights_and_nothing_of_the_groups(
    synthesise: Callable[..., Templates], groups: Templates
) -> None:
    """Also where a group joins with it: south, from 10 % on."""
    after = synthesise(declaration=FILE, new_weight="10")

    found = list(differences(groups, after))
    assert [path.rsplit("/", 1)[1] for path, _, _ in found] == ["NewWeight"] * 3
    assert {new for _, _, new in found} == {10, "10"}


def test_a_change_of_groups_shows_the_groups_and_no_weight() -> None:
    def door(network: str) -> dict[str, Any]:
        office = Group.model_validate({"name": "office", "networks": [network]})
        return edge_stack({}, groups=[office])[0]

    ((path, before, after),) = differences(door("192.0.2.0/24"), door("192.0.2.0/25"))
    assert path.endswith("/Properties/FunctionCode/Fn::Sub/1/Groups")
    assert before == '[{"name":"office","from":1,"keep":1,"network":"4c00002"}]'
    assert after == '[{"name":"office","from":1,"keep":1,"network":"4c00002[0-7]"}]'


def test_the_judge_and_the_log_are_told_that_there_are_groups(
    groups: Templates, fast_log: Templates
) -> None:
    def told(templates: Templates, name: str) -> dict[str, Any]:
        (held,) = (
            function["Environment"]["Variables"]
            for template in templates.values()
            for function in resources(template, "AWS::Lambda::Function").values()
            if function.get("FunctionName") == name
        )
        return copy.deepcopy(held)

    assert told(groups, "club-judge")["GROUPS_FROM_WEIGHT"] == "1"
    assert told(groups, "club-fast-log")["WITH_GROUPS"] == "true"
    assert "GROUPS_FROM_WEIGHT" not in told(fast_log, "news-judge")
    assert "WITH_GROUPS" not in told(fast_log, "news-fast-log")


def test_the_dashboard_compares_the_weight_with_the_share_of_those_in_no_group(
    groups: Templates, fast_log: Templates
) -> None:
    def page(templates: Templates, stack: str) -> str:
        return json.dumps(resources(templates[stack], "AWS::CloudWatch::Dashboard"))

    held = page(groups, "club-observability")
    assert "100 * (n - g) / (o + n - g)" in held
    assert "asked by groups %" in held
    assert "the share it serves, groups on top" in held
    assert "EdgeGroupRequests" not in page(fast_log, "news-observability")


def test_a_service_without_groups_has_the_code_without_them(chatmrpt: Templates) -> None:
    ((_, router),) = resources(chatmrpt["chatmrpt-traffic"], "AWS::CloudFront::Function").items()

    assert router["FunctionCode"]["Fn::Sub"][0] == router_code(with_groups=False)
    assert "Groups" not in variables(chatmrpt["chatmrpt-traffic"])
    assert "Groups" not in json.dumps(resources(chatmrpt["chatmrpt-traffic"], "Custom::WeightGate"))
