"""The Lambda functions, each with exactly the rights it needs."""

from __future__ import annotations

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.alarm import AT_LEAST, Watch
from cutover.cutover_metrics import NAMESPACE, doors_disagree, switch_thrown
from cutover.declaration import Dns
from cutover.edge_door import router_arn
from cutover.naming import Names
from cutover.python_function import ROOT, PythonFunction

AWSCRT_LAYER = ROOT / "build" / "awscrt-layer"


class AwscrtLayer(Construct):
    """Defines the layer with awscrt, which signs KeyValueStore calls with SigV4A; the Lambda Python
    runtime does not promise it (CloudFront KeyValueStore API reference; docs/decisions/021)."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.layer = lambda_.LayerVersion(
            self,
            "Default",
            description="awscrt for SigV4A",
            code=lambda_.Code.from_asset(str(AWSCRT_LAYER), exclude=["**/__pycache__"]),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_14],
            compatible_architectures=[lambda_.Architecture.X86_64],
        )


class RollbackFunction(Construct):
    """Defines the function that throws the switch, and what happens when it cannot.

    Attributes
    ----------
    function : lambda_.Function
    watches : list of Watch
        Over the function itself; they are for people, it cannot rescue itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        store: cloudfront.IKeyValueStore,
        switch_check_id: str | None,
        announcements: sns.ITopic,
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        environment = {
            "SERVICE": names.service,
            "KVS_ARN": store.key_value_store_arn,
            "ANNOUNCEMENTS_TOPIC_ARN": announcements.topic_arn,
        }
        rights = [
            _store_rights(store, write=True),
            iam.PolicyStatement(actions=["sns:Publish"], resources=[announcements.topic_arn]),
        ]
        if switch_check_id is not None:
            environment["SWITCH_HEALTH_CHECK_ID"] = switch_check_id
            rights.append(
                iam.PolicyStatement(
                    actions=["route53:GetHealthCheck", "route53:UpdateHealthCheck"],
                    resources=[_health_check_arn(switch_check_id)],
                )
            )
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("rollback"),
            package="rollback",
            shared=("doors",),
            description=f"Throws and releases the switch of {names.service}",
            environment=environment,
            rights=rights,
            layers=[layer],
            timeout=Duration.seconds(60),
        ).function
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{names.function('rollback')}-dead-letters",
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        acknowledge(
            self.dead_letters,
            {"AwsSolutions-SQS3": "It is the dead-letter queue: Lambda's on-failure destination."},
        )
        # Lambda retries an asynchronous call that failed twice, after one minute and two
        # (Lambda Developer Guide, invocation-async-error-handling).
        self.function.configure_async_invoke(
            retry_attempts=2,
            max_event_age=Duration.hours(1),
            on_failure=destinations.SqsDestination(self.dead_letters),
        )
        # An alarm of this account may also call it directly.
        self.function.add_permission(
            "AlarmsOfThisService",
            principal=iam.ServicePrincipal("lambda.alarms.cloudwatch.amazonaws.com"),
            source_account=Aws.ACCOUNT_ID,
            source_arn=(
                f"arn:{Aws.PARTITION}:cloudwatch:{Aws.REGION}:{Aws.ACCOUNT_ID}"
                f":alarm:{names.service}-*"
            ),
        )
        minute = Duration.minutes(1)
        self.watches = [
            Watch(
                what="rollback-errors",
                means="The rollback function failed: look at the switch, then run it by hand.",
                metric=cloudwatch.MathExpression(
                    expression="FILL(errors, 0) + FILL(throttles, 0)",
                    using_metrics={
                        "errors": self.function.metric_errors(period=minute),
                        "throttles": self.function.metric_throttles(period=minute),
                    },
                    period=minute,
                    label="errors and throttles",
                ),
                comparison=AT_LEAST,
                threshold=1,
            ),
            Watch(
                what="rollback-dead-letters",
                means="The rollback function gave up on a call: roll back by hand.",
                metric=self.dead_letters.metric_approximate_number_of_messages_visible(
                    period=minute, statistic="Maximum"
                ),
                comparison=AT_LEAST,
                threshold=1,
            ),
        ]

    def allow(self, scope: Construct, construct_id: str, *, topic: str, region: str) -> None:
        """Let `topic` in `region` invoke the function: SNS delivers to Lambda across regions
        (SNS Developer Guide, sns-cross-region-delivery)."""
        lambda_.CfnPermission(
            scope,
            construct_id,
            action="lambda:InvokeFunction",
            function_name=self.function.function_arn,
            principal="sns.amazonaws.com",
            source_arn=f"arn:{Aws.PARTITION}:sns:{region}:{Aws.ACCOUNT_ID}:{topic}",
        )


class ObserverFunction(Construct):
    """Defines the function that tells, each minute, the weight that is deployed and whether the switch
    is thrown; no template need change for the dashboard to show a new weight.

    Attributes
    ----------
    watches : list of Watch
        Over the switch of each door; for people, for a thrown switch is no reason to throw it.
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
            _store_rights(store, write=False),
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
                    resources=[_health_check_arn(switch_check_id)],
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


class PinFunction(Construct):
    """Defines the function that signs a tester's pin to one side, and the secret it signs with."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        store: cloudfront.IKeyValueStore,
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        self.secret = secretsmanager.Secret(
            self,
            "Key",
            secret_name=names.pin_secret,
            description=f"Signs testers' pins for {names.service}",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                exclude_punctuation=True, password_length=48
            ),
        )
        acknowledge(
            self.secret,
            {
                "AwsSolutions-SMG4": "It only signs testers' pins, which expire by themselves; a new "
                "key is a new secret value, which the next pin brings to the edge."
            },
        )
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("pin"),
            package="pin",
            shared=("doors",),
            description=f"Signs a pin to one side of {names.service}",
            environment={
                "SERVICE": names.service,
                "KVS_ARN": store.key_value_store_arn,
                "PIN_SECRET_ARN": self.secret.secret_arn,
            },
            rights=[
                _store_rights(store, write=True),
                iam.PolicyStatement(
                    actions=["secretsmanager:GetSecretValue"], resources=[self.secret.secret_arn]
                ),
            ],
            layers=[layer],
            timeout=Duration.seconds(30),
        ).function


def _store_rights(store: cloudfront.IKeyValueStore, *, write: bool) -> iam.PolicyStatement:
    actions = ["DescribeKeyValueStore", "GetKey", *(["PutKey"] if write else [])]
    return iam.PolicyStatement(
        actions=[f"cloudfront-keyvaluestore:{action}" for action in actions],
        resources=[store.key_value_store_arn],
    )


def _health_check_arn(health_check_id: str) -> str:
    return f"arn:{Aws.PARTITION}:route53:::healthcheck/{health_check_id}"
