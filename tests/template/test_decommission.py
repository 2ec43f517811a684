"""With the phase decommission old is at no door, and nothing else changes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from cutover.declaration.reading.schema_key import services_in
from cutover.paths import ROOT
from tests.template.templates import Templates, resources

DECLARED: dict[str, Any] = services_in(
    json.loads((ROOT / "examples" / "dns-door.json").read_text(encoding="utf-8"))
)
NO_RETURN = {"reason": "old is switched off", "by": "ada", "on": "2026-11-24"}


def declared(**changes: Any) -> dict[str, Any]:
    services = copy.deepcopy(DECLARED)
    for service in services.values():
        service.update({"new_weight": 100, "rollback": {"point_of_no_return": NO_RETURN}} | changes)
    return services


@pytest.fixture(scope="session")
def at_100(synthesise: Callable[..., Templates]) -> Templates:
    return synthesise(cutover=declared())


@pytest.fixture(scope="session")
def gone(synthesise: Callable[..., Templates]) -> Templates:
    return synthesise(cutover=declared(phase="decommission"))


def test_only_the_doors_and_their_gate_change(at_100: Templates, gone: Templates) -> None:
    assert gone.keys() == at_100.keys()
    for stack in gone:
        if not stack.endswith("-traffic"):
            # An export that is in use could not be taken away, and Safety is deployed first.
            assert gone[stack] == at_100[stack]
            continue
        before, after = at_100[stack]["Resources"], gone[stack]["Resources"]
        # What leaves a template is kept (decision 108), and would go on answering.
        assert before.keys() == after.keys()
        changed = {
            before[one]["Type"]
            for one in after
            if after[one].get("Properties") != before[one].get("Properties")
        }
        assert changed <= {
            "Custom::WeightGate",
            "AWS::CloudFront::Function",
            "AWS::CloudFront::Distribution",
            "AWS::Route53::RecordSet",
        }


@pytest.mark.parametrize("name", list(DECLARED))
def test_every_record_leads_to_new_and_nothing_else_of_it_changes(
    at_100: Templates, gone: Templates, name: str
) -> None:
    before = resources(at_100[f"{name}-traffic"], "AWS::Route53::RecordSet")
    after = resources(gone[f"{name}-traffic"], "AWS::Route53::RecordSet")
    new = {one: record for one, record in before.items() if record["SetIdentifier"] == "new"}
    old = {one: record for one, record in before.items() if record["SetIdentifier"] == "old"}
    assert {one: after[one] for one in new} == new
    assert {one: without_target(after[one]) for one in old} == {
        one: without_target(record) for one, record in old.items()
    }
    assert {(record["SetIdentifier"], record["Weight"]) for record in after.values()} == {
        ("new", 100),
        ("old", 0),
    }
    assert DECLARED[name]["old"]["load_balancer_dns_name"] not in json.dumps(after)


def without_target(record: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in record.items() if k not in {"AliasTarget", "ResourceRecords"}}


def test_the_distribution_and_the_function_know_new_alone(gone: Templates) -> None:
    template = gone["reports-traffic"]
    (distribution,) = resources(template, "AWS::CloudFront::Distribution").values()
    config = distribution["DistributionConfig"]
    assert [origin["Id"] for origin in config["Origins"]] == ["new"]
    behaviours = [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]
    assert {behaviour["TargetOriginId"] for behaviour in behaviours} == {"new"}
    (function,) = resources(template, "AWS::CloudFront::Function").values()
    code, told = function["FunctionCode"]["Fn::Sub"]
    assert told == {"SideHeader": "x-cutover-side", "NewWeight": "100"}
    assert "'old'" not in code


def test_every_door_waits_for_the_gate_which_is_told_the_rules(gone: Templates) -> None:
    for stack in ("shop-traffic", "reports-traffic"):
        template = gone[stack]["Resources"]
        ((gate, properties),) = resources(gone[stack], "Custom::WeightGate").items()
        for resource in template.values():
            if resource["Type"] in {"AWS::Route53::RecordSet", "AWS::CloudFront::Function"}:
                assert gate in resource["DependsOn"]
        rules = properties["Decommission"]
        assert rules["Doors"] == (["dns"] if stack == "shop-traffic" else ["edge", "dns"])
        assert (rules["WatchHours"], rules["QuietDays"]) == (24, 7)
        assert rules["Attestations"] == [
            {"What": "backups of old verified", "By": "", "On": "", "ValidDays": 14}
        ]
        assert rules["LoadBalancer"].startswith("app/")


def test_without_the_phase_the_gate_knows_nothing_of_it(at_100: Templates) -> None:
    (gate,) = resources(at_100["shop-traffic"], "Custom::WeightGate").values()
    assert "Decommission" not in gate
