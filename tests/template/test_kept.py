"""What a viewer's request or a DNS answer depends on stays when a stack is deleted, with all that it refers
to: a distribution without its function, or a record without its health check, would not serve."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.template.templates import Templates

ROOTS = ("AWS::CloudFront::Distribution", "AWS::Route53::RecordSet")
"""Where viewers come in. All else that serves them is found by reference."""

KEPT = {"Retain", "RetainExceptOnCreate"}
_IN_SUB = re.compile(r"\$\{(?!AWS::)([A-Za-z0-9]+)(?:\.[^}]*)?\}")

Place = tuple[str, str]
"""Stack and logical id."""


def references(value: Any) -> Iterator[tuple[str, str]]:
    """Yield what `value` refers to: ("own", logical id) or ("import", name of an export).

    A dynamic reference ({{resolve:…}}) is none: its value is in the distribution once that is deployed.
    """
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if key == "Ref":
            yield "own", inner
        elif key == "Fn::GetAtt":
            yield "own", inner[0] if isinstance(inner, list) else inner.split(".")[0]
        elif key == "Fn::ImportValue":
            assert isinstance(inner, str), inner
            yield "import", inner
        elif key == "Fn::Sub":
            text, named = inner if isinstance(inner, list) else (inner, {})
            yield from (("own", one) for one in _IN_SUB.findall(text) if one not in named)
            yield from references(named)
        else:
            yield from references(inner)


def serving(templates: Templates) -> dict[Place, list[Place]]:
    """Return all that serves viewers, each with what refers to it."""
    exports = {
        output["Export"]["Name"]: (stack, output["Value"])
        for stack, template in templates.items()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }
    found: dict[Place, list[Place]] = {
        (stack, logical_id): []
        for stack, template in templates.items()
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] in ROOTS
    }
    ahead = list(found)
    while ahead:
        stack, logical_id = here = ahead.pop()
        resource = templates[stack]["Resources"][logical_id]
        for kind, name in references(resource.get("Properties", {})):
            if kind == "import":
                exporter, value = exports[name]
                there = [(exporter, own) for _, own in references(value)]
            else:
                there = [(stack, name)]
            for place in there:
                if place[1] not in templates[place[0]]["Resources"]:
                    continue  # a parameter, or AWS::Region
                if place not in found:
                    ahead.append(place)
                found.setdefault(place, []).append(here)
    return found


def not_kept(templates: Templates) -> list[str]:
    """Return what serves viewers and would be deleted with its stack."""
    return [
        f"{stack}/{logical_id} ({resource['Type']}), which {by[0] if by else 'a viewer'} refers to"
        for (stack, logical_id), by in serving(templates).items()
        if (resource := templates[stack]["Resources"][logical_id]).get("DeletionPolicy") not in KEPT
    ]


@pytest.fixture
def every(chatmrpt: Templates, dns_doors: Templates, fast_log: Templates) -> Templates:
    return chatmrpt | dns_doors | fast_log


def test_all_that_serves_is_kept(every: Templates) -> None:
    assert not_kept(every) == []
    kinds = {every[stack]["Resources"][one]["Type"] for stack, one in serving(every)}
    assert kinds == {
        "AWS::CloudFront::CachePolicy",
        "AWS::CloudFront::Distribution",
        "AWS::CloudFront::Function",
        "AWS::CloudFront::KeyValueStore",
        "AWS::CloudFront::RealtimeLogConfig",
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Route53::HealthCheck",
        "AWS::Route53::RecordSet",
        "AWS::S3::Bucket",
    }


@pytest.mark.parametrize("at", range(11))
def test_each_of_them_would_be_missed(every: Templates, at: int) -> None:
    """One of each kind is not kept any more, and it is named."""
    broken = json.loads(json.dumps(every))
    kinds: dict[str, Place] = {}
    for place in serving(every):
        kinds.setdefault(broken[place[0]]["Resources"][place[1]]["Type"], place)
    stack, logical_id = sorted(kinds.values())[at]
    broken[stack]["Resources"][logical_id]["DeletionPolicy"] = "Delete"
    (missed,) = not_kept(broken)
    assert missed.startswith(f"{stack}/{logical_id}")


@pytest.mark.parametrize(
    "refers",
    [
        {"Ref": "Newcomer"},
        {"Fn::GetAtt": ["Newcomer", "Arn"]},
        {"Fn::GetAtt": "Newcomer.Arn"},
        {"Fn::Sub": "arn:${AWS::Partition}:${Newcomer.Arn}"},
        {"Fn::Sub": ["${Given}", {"Given": {"Ref": "Newcomer"}}]},
        {"Fn::Join": ["", ["a", {"Fn::Select": [0, [{"Ref": "Newcomer"}]]}]]},
        {"Fn::If": ["Condition", {"Ref": "Newcomer"}, {"Ref": "AWS::NoValue"}]},
    ],
)
def test_a_newcomer_that_the_distribution_refers_to_would_be_missed(
    every: Templates, refers: dict[str, Any]
) -> None:
    broken = json.loads(json.dumps(every))
    found = broken["chatmrpt-traffic"]["Resources"]
    (distribution,) = (r for r in found.values() if r["Type"] == ROOTS[0])
    distribution["Properties"]["DistributionConfig"]["Comment"] = refers
    found["Newcomer"] = {"Type": "AWS::CloudFront::ResponseHeadersPolicy"}
    (missed,) = not_kept(broken)
    assert missed.startswith("chatmrpt-traffic/Newcomer (AWS::CloudFront::ResponseHeadersPolicy)")


def test_what_is_kept_goes_with_a_first_deploy_that_fails_and_when_it_is_replaced(
    every: Templates,
) -> None:
    """Otherwise the next deploy would meet its fixed name. The bucket's name is not fixed."""
    for stack, logical_id in serving(every):
        resource = every[stack]["Resources"][logical_id]
        if resource["Type"] != "AWS::S3::Bucket":
            policies = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
            assert policies == ("RetainExceptOnCreate", "Delete"), (stack, logical_id)


def test_nothing_else_is_kept_but_evidence(every: Templates) -> None:
    """What serves nobody goes with its stack: a topic, a function, an alarm that is left costs and calls."""
    serves = serving(every)
    left = {
        resource["Type"]
        for stack, template in every.items()
        for logical_id, resource in template["Resources"].items()
        if resource.get("DeletionPolicy") in KEPT and (stack, logical_id) not in serves
    }
    assert left == {"AWS::S3::Bucket"}
