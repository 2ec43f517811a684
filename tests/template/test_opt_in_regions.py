"""An alarm in any region that is accepted reaches the rollback function."""

from __future__ import annotations

import json
import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from cutover.declaration.load_balancer_zones import APPLICATION_LOAD_BALANCER_ZONES
from cutover.functions.rollback import RollbackFunction
from cutover.regions import OPT_IN_REGIONS

ENABLED_BY_DEFAULT = (
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1"),
    *("ap-southeast-2", "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2"),
    *("eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2"),
)


@pytest.fixture(scope="module")
def permissions() -> dict[str, set[str]]:
    """Who may call, by region; one stack holds the permissions of every region."""
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "safety")

    class Function:
        function = lambda_.Function.from_function_arn(
            stack, "Rollback", "arn:aws:lambda:us-east-1:111122223333:function:s-rollback"
        )

    for region in APPLICATION_LOAD_BALANCER_ZONES:
        RollbackFunction.allow(Function(), stack, f"Allow{region}", topic="t", region=region)  # type: ignore[arg-type]
    template: dict[str, Any] = cdk.assertions.Template.from_stack(stack).to_json()
    found: dict[str, set[str]] = {}
    for resource in template["Resources"].values():
        told = resource["Properties"]
        told_of = re.search(r":sns:([a-z0-9-]+):", json.dumps(told["SourceArn"]))
        assert told_of is not None
        region = told_of[1]
        found.setdefault(region, set()).add(told["Principal"])
    return found


@pytest.mark.parametrize("region", APPLICATION_LOAD_BALANCER_ZONES)
def test_the_topic_of_every_region_may_call(permissions: dict[str, set[str]], region: str) -> None:
    expected = {"sns.amazonaws.com"}
    if region not in ENABLED_BY_DEFAULT:
        expected.add(f"sns.{region}.amazonaws.com")
    assert permissions[region] == expected


def test_every_region_is_one_of_two_kinds() -> None:
    assert set(APPLICATION_LOAD_BALANCER_ZONES) == OPT_IN_REGIONS | set(ENABLED_BY_DEFAULT)
    assert not OPT_IN_REGIONS & set(ENABLED_BY_DEFAULT)
