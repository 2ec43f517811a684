"""A topic that CloudWatch alarms may publish to and that people subscribe to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct, DependencyGroup

from cutover.account import ACCOUNT_ID
from cutover.declaration.notify import protocol_of

_ALARMS: Final = iam.ServicePrincipal("cloudwatch.amazonaws.com")


class Topic(Construct):
    """Defines a topic, lets this account's alarms publish to it, and subscribes `people`.

    It is not encrypted with a key of our own: a topic with the AWS-managed key refuses CloudWatch
    alarms (CloudWatch User Guide, Notify_Users_Alarm_Changes), and nothing secret passes through.

    Attributes
    ----------
    topic : sns.Topic
    ears : DependencyGroup
        All that must be there before an alarm speaks: the topic's policy and its subscriptions. An alarm
        tells a change of state once (CloudWatch User Guide, alarms-and-actions), and the first may come
        within the minute in which it is created. Add what else listens.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, name: str, people: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Default", topic_name=name, enforce_ssl=True)
        stack = Stack.of(self)
        alarms = f"arn:{stack.partition}:cloudwatch:{stack.region}:{ACCOUNT_ID}:alarm:*"
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[_ALARMS],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={
                    "ArnLike": {"aws:SourceArn": alarms},
                    "StringEquals": {"aws:SourceAccount": ACCOUNT_ID},
                },
            )
        )
        self.ears = DependencyGroup(self)
        for number, person in enumerate(people, start=1):
            sns.CfnSubscription(
                self,
                f"Person{number}",
                topic_arn=self.topic.topic_arn,
                protocol=protocol_of(person),
                endpoint=person,
            )
