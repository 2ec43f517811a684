"""The gate: a custom resource that every weight waits for, and the function that answers for it."""

from __future__ import annotations

from aws_cdk import Aws, CustomResource, Duration, Fn
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.declaration import EDGE_REGION
from cutover.naming import Names
from cutover.python_function import PythonFunction
from cutover.rights import health_check_arn, store_rights


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
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        environment = {"SERVICE": names.service, "KVS_ARN": store.key_value_store_arn}
        rights = [
            store_rights(store, write=False),
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
            name=names.function("gate"),
            package="gate",
            shared=("doors",),
            description=f"Lets a weight of {names.service} rise, or refuses it",
            environment=environment,
            rights=rights,
            layers=[layer],
            timeout=Duration.seconds(50),
        ).function
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:cloudformation:"
                f"{EDGE_REGION}:<AWS::AccountId>:stack/{names.stack('traffic')}/*]": "A stack's ARN "
                "ends in an id that CloudFormation makes up; the name is exact."
            },
        )


class Gate(Construct):
    """Defines the custom resource; a construct that holds a weight must depend on it.

    A fall always passes, at once. A rise is refused while the switch is thrown, and CloudFormation then
    stops before any weight has moved.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, new_weight: int
    ) -> None:
        super().__init__(scope, construct_id)
        CustomResource(
            self,
            "Default",
            resource_type="Custom::WeightGate",
            service_token=Fn.sub(
                f"arn:${{AWS::Partition}}:lambda:{EDGE_REGION}:${{AWS::AccountId}}"
                f":function:{names.function('gate')}"
            ),
            # The function answers within its own 50 s, or never.
            service_timeout=Duration.seconds(60),
            properties={"NewWeight": new_weight},
        )
