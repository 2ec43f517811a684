"""The embedded cloud takes what `last_users` deploys: rules of one priority each, and Athena's queries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import ministack.services.cloudformation as formation
import pytest
from ministack.services import alb, athena, ec2
from ministack.services.cloudformation import provisioners

from cutover.declaration.last_users import LISTENER
from cutover.declaration.reading.context import read_context
from rehearsal.cloud.taught import listener_rules, load_balancers, named_queries
from rehearsal.world.declared_load_balancers import DeclaredLoadBalancers
from tests.unit.cloud.test_cloud_imports import call, settled
from tests.unit.cloud.test_cloud_load_balancers import in_process
from tests.unit.support.described_rules import described_rules
from tests.unit.world.test_world_listener_rules import DESK

STACK = "desk-environment"
(CUTOVER,) = read_context({"cutover": {"desk": DESK}})
RULES = described_rules(CUTOVER.service)[:-1]


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(alb, "_ACTION_MAP", dict(alb._ACTION_MAP))
    monkeypatch.setattr(alb, "_short_id", alb._short_id)
    monkeypatch.setattr(provisioners, "_RESOURCE_HANDLERS", dict(provisioners._RESOURCE_HANDLERS))
    monkeypatch.setattr(
        provisioners, "_REPLACING_PROPERTIES", dict(provisioners._REPLACING_PROPERTIES)
    )
    for lesson in (load_balancers, listener_rules, named_queries):
        lesson.teach()
    declared = DeclaredLoadBalancers(CUTOVER.service, in_process)
    declared.create()
    yield declared.listeners["old"]
    formation._stacks.clear()
    for service in (alb, athena, ec2):
        service.reset()


def template(listener: str, first: int = 49_000, asks: str = "SELECT 1") -> str:
    moved = first - int(RULES[0]["Priority"])
    rules = {
        f"Rule{number}": {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Properties": {
                "ListenerArn": listener,
                "Priority": int(rule["Priority"]) + moved,
                "Conditions": rule["Conditions"],
                "Actions": rule["Actions"],
            },
        }
        for number, rule in enumerate(RULES)
    }
    query = {"Name": "who", "Database": "default", "QueryString": {"Fn::Sub": asks}}
    return json.dumps(
        {"Resources": rules | {"Find": {"Type": "AWS::Athena::NamedQuery", "Properties": query}}}
    )


async def deploy(body: str) -> str:
    """Create or update the stack, and return its status."""
    exists = formation._stacks.get(STACK) is not None
    await call("UpdateStack" if exists else "CreateStack", StackName=STACK, TemplateBody=body)
    return await settled(STACK)


def priorities() -> list[int]:
    return sorted(int(rule["Priority"]) for rule in alb._rules.values() if not rule["IsDefault"])


def queries() -> list[str]:
    return [query["QueryString"] for query in athena._named_queries.values()]


def test_rules_and_queries_come_change_and_go_with_their_stack(listener: str) -> None:
    async def play() -> None:
        assert await deploy(template(listener, asks="in ${AWS::AccountId}")) == "CREATE_COMPLETE"
        assert priorities() == [int(rule["Priority"]) for rule in RULES]
        assert queries() == ["in 000000000000"]
        assert await deploy(template(listener, 48_000, "other")) == "UPDATE_COMPLETE"
        assert priorities()[0] == 48_000
        assert queries() == ["other"]
        await call("DeleteStack", StackName=STACK)
        await settled(STACK)

    asyncio.run(play())
    assert priorities() == []
    assert queries() == []


def test_a_priority_that_is_taken_is_refused_as_in_the_account(listener: str) -> None:
    elbv2 = in_process("elbv2", CUTOVER.service.region)
    of_old = RULES[0] | {"Priority": 49_010, "ListenerArn": listener}
    elbv2.create_rule(**of_old)
    with pytest.raises(elbv2.exceptions.PriorityInUseException, match="'49010' is currently in"):
        elbv2.create_rule(**of_old)

    async def play() -> str:
        return await deploy(template(listener))

    assert asyncio.run(play()) == "ROLLBACK_COMPLETE"
    told = json.dumps(list(formation._stack_events.values()), default=str)
    assert "Priority '49010' is currently in use" in told
    assert priorities() == [49_010]


def test_an_id_is_one_that_a_declaration_takes(listener: str) -> None:
    elbv2 = in_process("elbv2", CUTOVER.service.region)
    (balancer, _) = elbv2.describe_load_balancers()["LoadBalancers"]
    made = elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=8080,
        DefaultActions=[
            {"Type": "forward", "TargetGroupArn": RULES[0]["Actions"][0]["TargetGroupArn"]}
        ],
    )["Listeners"][0]["ListenerArn"]
    assert LISTENER.fullmatch(made)
