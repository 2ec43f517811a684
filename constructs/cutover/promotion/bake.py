"""The bake: a custom resource that every weight comes before, and the functions that answer for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import (
    Aws,
    CfnElement,
    CustomResource,
    Duration,
    Fn,
    RemovalPolicy,
    Stack,
    custom_resources,
)
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct, IConstruct

from cutover.acknowledge import acknowledge
from cutover.alarms.alarm import AlarmName
from cutover.functions.grants import health_check_arn, store_rights
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names
from cutover.regions import EDGE_REGION

MARGIN_MINUTES: Final = 5
"""What CloudFormation waits beyond the declared minutes: the function gives up two minutes after them."""

_LOOK_EVERY: Final = Duration.seconds(5)
_PROVIDER: Final = "bake-provider"


class BakeFunction(Construct):
    """Defines the function that watches, and what calls it again and again for longer than one function
    may run: the CDK Provider framework, three functions and a state machine."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        store: cloudfront.IKeyValueStore,
        switch_check_id: str | None,
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        environment = {"KVS_ARN": store.key_value_store_arn}
        rights = [
            store_rights(store, write=False),
            iam.PolicyStatement(
                actions=["cloudwatch:DescribeAlarms", "cloudwatch:DescribeAlarmHistory"],
                resources=["*"],
            ),
            iam.PolicyStatement(
                actions=["cloudformation:DescribeStacks"],
                resources=[
                    f"arn:{Aws.PARTITION}:cloudformation:{EDGE_REGION}:{Aws.ACCOUNT_ID}"
                    f":stack/{names.stack('traffic')}/*"
                ],
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
            name=names.function("bake"),
            package="bake",
            shared=("alarms", "doors", "promotion"),
            description=f"Watches a raised weight of {names.service}, or fails its deploy",
            environment=environment,
            rights=rights,
            layers=[layer],
            # One look at APIs that all hang; ordinarily it takes a second.
            timeout=Duration.minutes(3),
        ).function
        log_group = logs.LogGroup(
            self,
            "ProviderLogs",
            log_group_name=f"/aws/lambda/{names.function(_PROVIDER)}",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )
        provider = custom_resources.Provider(
            self,
            "Provider",
            on_event_handler=self.function,
            is_complete_handler=self.function,
            provider_function_name=names.function(_PROVIDER),
            query_interval=_LOOK_EVERY,
            # The longest that the framework can; Bake gives up sooner.
            total_timeout=Duration.hours(1),
            log_group=log_group,
            framework_on_event_role=self._role("OnEventRole", log_group),
            framework_complete_and_timeout_role=self._role("IsCompleteRole", log_group),
            disable_waiter_state_machine_logging=False,
            waiter_state_machine_log_options=custom_resources.LogOptions(
                # Step Functions may write to every group of this prefix already (Step Functions
                # Developer Guide, cw-logs).
                destination=logs.LogGroup(
                    self,
                    "WaiterLogs",
                    log_group_name=f"/aws/vendedlogs/states/{names.function(_PROVIDER)}",
                    retention=logs.RetentionDays.THREE_MONTHS,
                    removal_policy=RemovalPolicy.DESTROY,
                ),
                level=stepfunctions.LogLevel.ALL,
                # It holds the address at which CloudFormation takes answers.
                include_execution_data=False,
            ),
        )
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:"
                f"{EDGE_REGION}:<AWS::AccountId>:stack/{names.stack('traffic')}/*]": "A stack's ARN "
                "ends in an id that CloudFormation makes up; the name is exact.",
                "AwsSolutions-IAM5[Resource::*]": "It only reads: DescribeAlarms and "
                "DescribeAlarmHistory leave composite alarms out under a narrower scope (CloudWatch "
                "API reference). Log delivery takes no resource (Step Functions Developer Guide, "
                "cw-logs).",
            },
        )
        invoked = [
            self.function,
            *(
                provider.node.find_child(f"framework-{role}")
                for role in ("isComplete", "onTimeout")
            ),
        ]
        acknowledge(
            self,
            {
                f"AwsSolutions-IAM5[Resource::<{_logical_id(function)}.Arn>:*]": "The Provider "
                "framework may call every version of exactly these functions."
                for function in invoked
            },
        )
        acknowledge(
            provider,
            {"AwsSolutions-SF2": "One task, called until it is done: its log tells all there is."},
        )

    def _role(self, construct_id: str, log_group: logs.ILogGroup) -> iam.Role:
        # Of our own: the managed policy that CDK would attach may write to every log group.
        role = iam.Role(
            self,
            construct_id,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="what the bake's Provider framework may do",
        )
        log_group.grant_write(role)
        return role


def _logical_id(function: IConstruct) -> str:
    resource = function.node.default_child
    assert isinstance(resource, CfnElement)
    return Stack.of(function).get_logical_id(resource)


class Bake(Construct):
    """Defines the custom resource; it must depend on every construct that holds a weight, and on the
    alarms of its own stack.

    After a rise it watches `alarms` for `bake_minutes` (0 to 55; 0: not at all). When one fires, or the
    switch is thrown, it fails, and CloudFormation puts every weight back. A fall passes at once.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        new_weight: int,
        bake_minutes: int,
        alarms: Sequence[AlarmName],
    ) -> None:
        super().__init__(scope, construct_id)
        CustomResource(
            self,
            "Default",
            resource_type="Custom::Bake",
            service_token=Fn.sub(
                f"arn:${{AWS::Partition}}:lambda:{EDGE_REGION}:${{AWS::AccountId}}"
                f":function:{names.function(_PROVIDER)}"
            ),
            # Without it CloudFormation would wait an hour for a framework that has died.
            service_timeout=Duration.minutes(bake_minutes + MARGIN_MINUTES),
            properties={
                "NewWeight": new_weight,
                "BakeMinutes": bake_minutes,
                "Alarms": [{"Region": alarm.region, "Name": alarm.name} for alarm in alarms],
            },
        )
