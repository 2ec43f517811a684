"""The function that answers for the gate."""

from __future__ import annotations

from typing import Final

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.functions.grants import health_check_arn, store_rights
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names
from cutover.regions import EDGE_REGION

GATE_SECONDS: Final = 900
"""As long as a function may run (Lambda Developer Guide, gettingstarted-limits)."""

_READS: Final = (
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "ec2:DescribeSecurityGroups",
    "elasticloadbalancing:DescribeAccountLimits",
    "elasticloadbalancing:DescribeListenerAttributes",
    "elasticloadbalancing:DescribeListenerCertificates",
    "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetGroupAttributes",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
)


class GateFunction(Construct):
    """Defines the function that lets a change of weight pass or refuses it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        store: cloudfront.IKeyValueStore,
        switch_check_id: str | None,
        announcements: sns.ITopic,
        region: str,
        layers: list[lambda_.ILayerVersion],
    ) -> None:
        super().__init__(scope, construct_id)
        environment = {
            "SERVICE": names.service,
            "KVS_ARN": store.key_value_store_arn,
            "ANNOUNCEMENTS_TOPIC_ARN": announcements.topic_arn,
        }
        certificates = f"arn:{Aws.PARTITION}:acm:{region}:{Aws.ACCOUNT_ID}:certificate/*"
        rights = [
            store_rights(store, write=False),
            iam.PolicyStatement(
                actions=["cloudformation:DescribeStacks"],
                resources=[
                    f"arn:{Aws.PARTITION}:cloudformation:{EDGE_REGION}:{Aws.ACCOUNT_ID}"
                    f":stack/{names.stack('traffic')}/*"
                ],
            ),
            iam.PolicyStatement(actions=["sns:Publish"], resources=[announcements.topic_arn]),
            iam.PolicyStatement(actions=list(_READS), resources=["*"]),
            iam.PolicyStatement(
                actions=["acm:DescribeCertificate"],
                resources=[certificates],
            ),
        ]
        if switch_check_id is not None:
            environment["SWITCH_HEALTH_CHECK_ID"] = switch_check_id
            rights.append(
                iam.PolicyStatement(
                    actions=["route53:GetHealthCheck"],
                    resources=[health_check_arn(switch_check_id)],
                )
            )
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("gate"),
            package="gate",
            shared=("alarms", "doors", "inference", "promotion", "readiness"),
            description=f"Lets a weight of {names.service} rise, or refuses it",
            environment=environment,
            rights=rights,
            layers=layers,
            timeout=Duration.seconds(GATE_SECONDS),
            # More memory is more processor, and what it measures must not be its own slowness.
            memory_mb=1769,
        ).function
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:"
                f"{EDGE_REGION}:<AWS::AccountId>:stack/{names.stack('traffic')}/*]": "A stack's ARN "
                "ends in an id that CloudFormation makes up; the name is exact.",
                "AwsSolutions-IAM5[Resource::*]": "It only reads: these Describe and Get calls take no "
                "resource (Service Authorization Reference, Elastic Load Balancing V2).",
                f"AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:acm:{region}:<AWS::AccountId>"
                ":certificate/*]": "It reads the certificates that the listeners name, and which these "
                "are is known only then.",
            },
        )
