"""Environment: alarms on the load balancers of one region, because CloudWatch alarms cannot watch another one
(CloudWatch User Guide, Cross-Account-Cross-Region), and the sentinel beside old's.

Where the sides are in two regions, each has a stack of its own.
"""

from __future__ import annotations

from aws_cdk import Fn
from aws_cdk import aws_sns as sns
from constructs import Construct

from cutover.alarms.alarm import AlarmName, raise_alarms
from cutover.alarms.load_balancer_alarms import load_balancer_watches, old_capacity_watch
from cutover.alarms.probes import probes_of
from cutover.alarms.topic import Topic
from cutover.declaration.reading.context import Cutover
from cutover.declaration.side import Which
from cutover.doors.last_users import LastUsers
from cutover.functions.sentinel import SentinelFunction
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from stacks.protected import ProtectedStack


class EnvironmentStack(ProtectedStack):
    """Wires the load balancers' alarms, and the sentinel's, to the rollback function and to people.

    New's alarms roll back. Old's are for people only: throwing the switch would send everybody to
    the side that fails.
    """

    def __init__(self, scope: Construct, *, names: Names, cutover: Cutover, region: str) -> None:
        service = cutover.service
        here = [which for which, side in service.sides.items() if side.stands_in == region]
        super().__init__(
            scope,
            names.environment(region, service.region),
            names=names,
            region=region,
            about=_what_stands(here),
        )
        probes = probes_of(service)
        self.rollback_alarms: list[AlarmName] = []
        self.people_alarms: list[AlarmName] = []
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
        people_topic = sentinel = None
        if "old" in here:
            people_topic = Topic(
                self, "PeopleAlarms", name=names.alarm("old-alarms"), people=service.subscribers
            )
            sentinel = SentinelFunction(self, "Sentinel", names=names, service=service)
        if "new" in here:
            self.rollback_alarms += raise_alarms(
                Construct(self, "New"),
                load_balancer_watches("new", service.new, service.thresholds, probes),
                names=names,
                topic=rollback_topic,
            )
        if people_topic is not None and sentinel is not None:
            self.rollback_alarms += raise_alarms(
                sentinel, sentinel.rollback_watches, names=names, topic=rollback_topic
            )
            # Nobody goes back to an old that has left the doors.
            at_least = None if service.phase == "decommission" else service.rollback.old_targets
            self.people_alarms += raise_alarms(
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
            )
            self.people_alarms += raise_alarms(
                sentinel, sentinel.watches, names=names, topic=people_topic
            )
        if service.last_users is not None and "old" in here:
            LastUsers(self, "LastUsers", names=names, service=service)


def _what_stands(here: list[Which]) -> str:
    if len(here) > 1:
        return "alarms on both load balancers, the sentinel"
    return f"alarms on {here[0]}'s load balancer" + (", the sentinel" if "old" in here else "")
