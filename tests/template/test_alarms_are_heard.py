"""No alarm speaks before its ears are there: it tells a change of state once, and the first may come within
the minute in which it is created."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.template.templates import Templates, resources


def ears_of(template: dict[str, Any], topic: str) -> set[str]:
    """Return by logical id what `topic` needs: its policy, who listens, and that they may be called."""
    name = template["Resources"][topic]["Properties"]["TopicName"]
    policies = resources(template, "AWS::SNS::TopicPolicy")
    subscriptions = resources(template, "AWS::SNS::Subscription")
    permissions = resources(template, "AWS::Lambda::Permission")
    return {
        *(id_ for id_, p in policies.items() if {"Ref": topic} in p["Topics"]),
        *(id_ for id_, s in subscriptions.items() if s["TopicArn"] == {"Ref": topic}),
        *(id_ for id_, p in permissions.items() if f':{name}"' in json.dumps(p.get("SourceArn"))),
    }


@pytest.mark.parametrize("service", ["chatmrpt", "reports", "shop"])
def test_every_alarm_waits_for_all_that_listens_to_its_topic(
    chatmrpt: Templates, dns_doors: Templates, service: str
) -> None:
    checked = 0
    for stack, template in (chatmrpt | dns_doors).items():
        if not stack.startswith(f"{service}-") or stack == f"{service}-traffic":
            continue
        for logical_id in resources(template, "AWS::CloudWatch::Alarm"):
            alarm = template["Resources"][logical_id]
            for action in [*alarm["Properties"]["AlarmActions"], *alarm["Properties"]["OKActions"]]:
                ears = ears_of(template, action["Ref"])
                # The policy; chatmrpt tells nobody of what only people should know.
                assert len(ears) >= (1 if service == "chatmrpt" else 2), (stack, logical_id)
                assert ears <= set(alarm.get("DependsOn", [])), (stack, logical_id)
                checked += 1
    assert checked > 40


def test_the_rollback_function_may_be_called_before_an_alarm_of_its_topic_is_there(
    chatmrpt: Templates,
) -> None:
    template = chatmrpt["chatmrpt-safety"]
    (topic,) = [
        id_
        for id_, t in resources(template, "AWS::SNS::Topic").items()
        if t["TopicName"] == "chatmrpt-alarms"
    ]
    kinds = {template["Resources"][id_]["Type"] for id_ in ears_of(template, topic)}
    assert kinds == {
        "AWS::SNS::TopicPolicy",
        "AWS::SNS::Subscription",
        "AWS::Lambda::Permission",
    }


def test_an_alarm_whose_ears_are_in_another_stack_comes_after_that_stack(
    assembly: Callable[..., Path],
) -> None:
    manifest = json.loads((assembly() / "manifest.json").read_text(encoding="utf-8"))
    needs = {name: a.get("dependencies", []) for name, a in manifest["artifacts"].items()}
    assert "chatmrpt-safety" in needs["chatmrpt-traffic"]
    assert "chatmrpt-safety" in needs["chatmrpt-environment"]
    assert "chatmrpt-traffic" not in needs["chatmrpt-safety"] + needs["chatmrpt-environment"]
