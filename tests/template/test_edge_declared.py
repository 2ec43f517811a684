"""What of the edge door a declaration decides, one key at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aws_cdk as cdk
from aws_cdk.assertions import Template

from cutover.declaration.doors import Edge
from cutover.declaration.groups import Group
from cutover.declaration.side import Side
from cutover.doors.edge import EdgeDoor
from cutover.naming import Names
from tests.template.templates import resources
from tests.template.test_doors import (
    ALL_VIEWER_EXCEPT_HOST_HEADER,
    SECURITY_HEADERS,
    behaviours,
    distribution,
)


def edge_stack(
    declared: dict[str, Any], *, groups: Sequence[Group] = ()
) -> tuple[dict[str, Any], EdgeDoor]:
    """Return the template of a door so declared, and the door."""
    app = cdk.App()
    stack = cdk.Stack(app, "Doors", env=cdk.Environment(account="123456789012", region="us-east-1"))
    sides = {
        side: Side.model_validate(
            {
                "load_balancer_dns_name": f"{side}-1234567890.us-east-2.elb.amazonaws.com",
                "load_balancer": f"app/{side}/50dc6c495c0c9188",
                "target_group": f"targetgroup/{side}/73e2d6bc24d8a067",
            }
        )
        for side in ("old", "new")
    }
    door = EdgeDoor(
        stack,
        "Edge",
        names=Names("shop"),
        edge=Edge.model_validate({"access_logs": False, **declared}),
        old=sides["old"],
        new=sides["new"],
        new_weight=0,
        switch_store_arn="arn:aws:cloudfront::123456789012:key-value-store/store",
        groups=groups,
    )
    return Template.from_stack(stack).to_json(), door


def edge_door(declared: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """Return a distribution so declared, its cache policies' keys, and what synthesis warns of."""
    template, door = edge_stack(declared)
    keys = [
        policy["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]
        for policy in resources(template, "AWS::CloudFront::CachePolicy").values()
    ]
    warned = [str(one.data) for one in door.node.metadata if one.type == "aws:cdk:warning"]
    return distribution(template), keys, warned


def test_each_side_may_hear_its_own_name_instead() -> None:
    config, (key,), _ = edge_door({"forward_host": False})

    assert config["DefaultCacheBehavior"]["OriginRequestPolicyId"] == ALL_VIEWER_EXCEPT_HOST_HEADER
    assert not {"Host", "CloudFront-Forwarded-Proto"} & set(key["Headers"])
    # The viewer's name reaches the side on every path all the same.
    assert "x-forwarded-host" in key["Headers"]


def test_the_edge_waits_as_long_as_declared() -> None:
    config, _, _ = edge_door({"response_timeout_seconds": 120})

    waits = [origin["CustomOriginConfig"]["OriginReadTimeout"] for origin in config["Origins"]]
    assert waits == [120, 120]


def test_security_headers_come_only_when_asked_for_and_with_a_warning() -> None:
    config, _, warned = edge_door({"security_headers": True})
    assert {b["ResponseHeadersPolicyId"] for b in behaviours(config)} == {SECURITY_HEADERS}
    (said,) = warned
    assert "for a year" in said

    config, _, warned = edge_door({})
    assert not any("ResponseHeadersPolicyId" in behaviour for behaviour in behaviours(config))
    assert warned == []
