"""The function behind the dashboard's own widget: it shows how things stand, and changes nothing."""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.declaration.service import Service
from cutover.doors.edge import router_arn
from cutover.functions.grants import health_check_arn, store_rights
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names
from cutover.regions import EDGE_REGION


class WidgetFunction(Construct):
    """Defines the function that CloudWatch calls to draw the widget, with the viewer's own rights.

    Its role may only read. The widget's buttons call the rollback function, again with the viewer's own
    rights: IAM decides who may press them, and this function holds no right to it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        service: Service,
        store: cloudfront.IKeyValueStore,
        switch_check_id: str | None,
        rollback: lambda_.IFunction,
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        stack = (
            f"arn:{Aws.PARTITION}:cloudformation:{EDGE_REGION}:{Aws.ACCOUNT_ID}"
            f":stack/{names.stack('traffic')}/*"
        )
        environment = {
            "SERVICE": names.service,
            "SERVICE_REGION": service.region,
            "TRAFFIC_STACK": names.stack("traffic"),
            "KVS_ARN": store.key_value_store_arn,
            "ROLLBACK_FUNCTION_ARN": rollback.function_arn,
            "ENDPOINTS": str(len(service.endpoints)),
            "HEALTH_CHECK_SECONDS": str(service.health_checks.interval_seconds),
        }
        for side, there in (("OLD", service.old), ("NEW", service.new)):
            environment[f"{side}_LOAD_BALANCER"] = there.load_balancer
            environment[f"{side}_TARGET_GROUP"] = there.target_group
        rights = [
            store_rights(store, write=False),
            iam.PolicyStatement(
                actions=["cloudformation:DescribeStacks", "cloudformation:GetTemplate"],
                resources=[stack],
            ),
            iam.PolicyStatement(actions=["cloudwatch:GetMetricData"], resources=["*"]),
        ]
        if service.edge is not False:
            environment["ROUTER_FUNCTION_NAME"] = names.router
            rights.append(
                iam.PolicyStatement(
                    actions=["cloudfront:GetFunction"], resources=[router_arn(self, names)]
                )
            )
        if service.dns is not None and switch_check_id is not None:
            environment["SWITCH_HEALTH_CHECK_ID"] = switch_check_id
            environment["HOSTED_ZONE_ID"] = service.dns.hosted_zone_id
            environment["RECORD_NAME"] = service.dns.record_name
            rights.append(
                iam.PolicyStatement(
                    actions=["route53:GetHealthCheck"],
                    resources=[health_check_arn(switch_check_id)],
                )
            )
            rights.append(
                iam.PolicyStatement(
                    actions=["route53:ListResourceRecordSets"],
                    resources=[
                        f"arn:{Aws.PARTITION}:route53:::hostedzone/{service.dns.hosted_zone_id}"
                    ],
                )
            )
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("widget"),
            package="widget",
            shared=("doors", "inference", "status", "widget_form"),
            description=f"Shows on the dashboard how {names.service} stands",
            environment=environment,
            rights=rights,
            layers=[layer],
            timeout=Duration.seconds(30),
        ).function
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:"
                f"{EDGE_REGION}:<AWS::AccountId>:stack/{names.stack('traffic')}/*]": "A stack's ARN "
                "ends in an id that CloudFormation makes up; the name is exact.",
                "AwsSolutions-IAM5[Resource::*]": "GetMetricData takes no resource (Service "
                "Authorization Reference, Amazon CloudWatch).",
            },
        )
