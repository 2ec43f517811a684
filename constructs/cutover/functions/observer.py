"""The function that tells what is deployed and what the switch says."""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.alarms.alarm import AT_LEAST, Watch
from cutover.alarms.own_metrics import NAMESPACE, doors_disagree, switch_thrown
from cutover.declaration.doors import Dns
from cutover.doors.edge import router_arn
from cutover.functions.grants import health_check_arn, store_rights
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names


class ObserverFunction(Construct):
    """Defines the function that tells, each minute, the weight that is deployed and whether the switch
    is thrown; no template need change for the dashboard to show a new weight.

    Attributes
    ----------
    watches : list of Watch
        Over the switch of each door and over the function itself; for people, for a thrown switch is
        no reason to throw it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        store: cloudfront.IKeyValueStore,
        switch_check_id: str | None,
        has_edge: bool,
        dns: Dns | None,
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        environment = {
            "SERVICE": names.service,
            "KVS_ARN": store.key_value_store_arn,
            "METRIC_NAMESPACE": NAMESPACE,
        }
        rights = [
            store_rights(store, write=False),
            iam.PolicyStatement(
                actions=["cloudwatch:PutMetricData"],
                resources=["*"],
                conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
            ),
        ]
        if has_edge:
            environment["ROUTER_FUNCTION_NAME"] = names.router
            rights.append(
                iam.PolicyStatement(
                    actions=["cloudfront:GetFunction"], resources=[router_arn(self, names)]
                )
            )
        if dns is not None and switch_check_id is not None:
            environment["SWITCH_HEALTH_CHECK_ID"] = switch_check_id
            environment["HOSTED_ZONE_ID"] = dns.hosted_zone_id
            environment["RECORD_NAME"] = dns.record_name
            rights.append(
                iam.PolicyStatement(
                    actions=["route53:GetHealthCheck"],
                    resources=[health_check_arn(switch_check_id)],
                )
            )
            rights.append(
                iam.PolicyStatement(
                    actions=["route53:ListResourceRecordSets"],
                    resources=[f"arn:{Aws.PARTITION}:route53:::hostedzone/{dns.hosted_zone_id}"],
                )
            )
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("observer"),
            package="observer",
            shared=("doors",),
            description=f"Publishes the deployed weight and the switch of {names.service}",
            environment=environment,
            rights=rights,
            layers=[layer],
            timeout=Duration.seconds(50),
        ).function
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::*]": "PutMetricData takes no resource; the condition "
                "on cloudwatch:namespace holds it to the namespace Cutover."
            },
        )
        events.Rule(
            self,
            "EachMinute",
            rule_name=names.function("observer"),
            description=f"Looks at the doors of {names.service}",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[targets.LambdaFunction(self.function, retry_attempts=0)],
        )
        doors = ["edge", *(["dns"] if switch_check_id is not None else [])]
        self.watches = [
            Watch(
                what=f"switch-thrown-{door}",
                means=f"The switch is thrown at the {door} door: nobody goes to new until it is "
                "released.",
                metric=switch_thrown(names.service, door),
                comparison=AT_LEAST,
                threshold=1,
            )
            for door in doors
        ]
        self.watches.append(
            Watch(
                what="observer-errors",
                means="The observer cannot read a door: the dashboard may show an old weight or "
                "switch.",
                metric=self.function.metric_errors(period=Duration.minutes(1)),
                comparison=AT_LEAST,
                threshold=1,
                datapoints=3,
                of=5,
            )
        )
        self.watches.append(
            Watch(
                what="doors-disagree",
                means="One door's switch is thrown and another's is not: ask the rollback function "
                "for its status, and roll back or release again.",
                metric=doors_disagree(names.service),
                comparison=AT_LEAST,
                threshold=1,
                datapoints=2,
                of=2,
            )
        )
