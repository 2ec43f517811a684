"""No weight moves before the gate has let it."""

from __future__ import annotations

from typing import Any

from conftest import Templates, resources


def waits_for(template: dict[str, Any], kind: str) -> set[bool]:
    """Return whether each resource of `kind` depends on the gate."""
    return {
        "Gate" in resource.get("DependsOn", [])
        for resource in template["Resources"].values()
        if resource["Type"] == kind
    }


def test_every_resource_that_holds_a_weight_waits_for_the_gate(dns_doors: Templates) -> None:
    traffic = dns_doors["reports-traffic"]
    assert waits_for(traffic, "AWS::CloudFront::Function") == {True}
    assert waits_for(traffic, "AWS::Route53::RecordSet") == {True}
    assert waits_for(dns_doors["shop-traffic"], "AWS::Route53::RecordSet") == {True}


def test_the_gate_knows_the_weight_and_is_not_waited_for_for_long(chatmrpt: Templates) -> None:
    (gate,) = resources(chatmrpt["chatmrpt-traffic"], "Custom::WeightGate").values()
    assert (gate["NewWeight"], gate["ServiceTimeout"]) == (0, "60")
    assert "function:chatmrpt-gate" in gate["ServiceToken"]["Fn::Sub"]
