"""Environment: alarms on both load balancers and the sentinel, in their region, because CloudWatch alarms
cannot watch another one (CloudWatch User Guide, Cross-Account-Cross-Region)."""

from __future__ import annotations

from aws_cdk import Environment, Fn, Stack
from aws_cdk import aws_sns as sns
from constructs import Construct

from cutover.alarms.alarm import raise_alarms
from cutover.alarms.load_balancer_alarms import load_balancer_watches, old_capacity_watch
from cutover.alarms.probes import probes_of
from cutover.alarms.topic import Topic
from cutover.declaration.reading.context import Cutover
from cutover.functions.sentinel import SentinelFunction
from cutover.naming import Names
from cutover.regions import EDGE_REGION


class EnvironmentStack(Stack):
    """Wires the load balancers' alarms, and the sentinel's, to the rollback function and to people.

    New's alarms roll back. Old's are for people only: throwing the switch would send everybody to
    the side that fails.
    """

    def __init__(self, scope: Construct, *, names: Names, cutover: Cutover) -> None:
        super().__init__(
            scope,
            names.stack("environment"),
            env=Environment(region=cutover.service.region),
            description=f"{names.service}: alarms on both load balancers, the sentinel",
            termination_protection=True,
        )
        service = cutover.service
        probes = probes_of(service)
        rollback_topic = Topic(
            self, "Alarms", name=names.environment_alarms_topic, people=service.subscribers
        )
        listens = sns.CfnSubscription(
            self,
            "RollbackListens",
            topic_arn=rollback_topic.topic.topic_arn,
            protocol="lambda",
            endpoint=Fn.sub(
                f"arn:${{AWS::Partition}}:lambda:{EDGE_REGION}:${{AWS::AccountId}}"
                f":function:{names.function('rollback')}"
            ),
        )
        # That they may call it is in Safety, which is deployed before.
        rollback_topic.ears.add(listens)
        people_topic = Topic(
            self, "PeopleAlarms", name=names.alarm("old-alarms"), people=service.subscribers
        )
        sentinel = SentinelFunction(self, "Sentinel", names=names, service=service)
        self.rollback_alarms = [
            *raise_alarms(
                Construct(self, "New"),
                load_balancer_watches("new", service.new, service.thresholds, probes),
                names=names,
                topic=rollback_topic,
            ),
            *raise_alarms(sentinel, sentinel.rollback_watches, names=names, topic=rollback_topic),
        ]
        # Nobody goes back to an old that has left the doors.
        at_least = None if service.phase == "decommission" else service.rollback.old_targets
        self.people_alarms = [
            *raise_alarms(
                Construct(self, "Old"),
                [
                    *load_balancer_watches("old", service.old, service.thresholds, probes),
                    *(
                        []
                        if at_least is None
                        else [old_capacity_watch(service.old, at_least, probes)]
                    ),
                ],
                names=names,
                topic=people_topic,
            ),
            *raise_alarms(sentinel, sentinel.watches, names=names, topic=people_topic),
        ]
