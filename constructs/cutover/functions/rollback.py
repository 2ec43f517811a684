"""The function that throws the switch, and what happens when it cannot."""

from __future__ import annotations

from typing import Final

from aws_cdk import Aws, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cutover.account import ACCOUNT_ID, PARTITION
from cutover.acknowledge import acknowledge
from cutover.alarms.alarm import AT_LEAST, Watch
from cutover.alarms.function_metrics import errors, messages_waiting, throttles
from cutover.alarms.metric import MetricMath
from cutover.declaration.service import Service
from cutover.doors.switch import Switches
from cutover.functions import grants
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names
from cutover.regions import OPT_IN_REGIONS

_ALARMS: Final = iam.ServicePrincipal("lambda.alarms.cloudwatch.amazonaws.com")
_RETRIED_FOR: Final = Duration.hours(1)
_DEAD_LETTERS_KEPT: Final = Duration.days(14)
ALIASES: Final = ("roll_back", "release", "mute", "status")
"""What people call it by, so that IAM can grant one action without the others; `rollback.call` refuses the
rest. Alarms and SNS call it without an alias."""
TIMEOUT: Final = Duration.seconds(300)
"""The longest cool-down, 180 s, and what comes after it: looking (3 s), the doors (45 s at worst, side by
side), the evidence (9 s) and telling."""


class RollbackFunction(Construct):
    """Defines the function that throws the switch, and what happens when it cannot.

    `old_entry_check_id` is the health check of old's first endpoint.

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
        switches: Switches,
        announcements: sns.ITopic,
        chat: sns.ITopic | None,
        service: Service,
        old_entry_check_id: str,
        evidence: s3.Bucket,
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        rules = service.rollback
        known = {
            "SERVICE": names.service,
            "SERVICE_REGION": service.region,
            "OLD_ENTRY_HEALTH_CHECK_ID": old_entry_check_id,
            "COOL_DOWN_SECONDS": str(rules.cool_down_seconds),
        }
        if rules.point_of_no_return is not None:
            known["POINT_OF_NO_RETURN"] = rules.point_of_no_return.model_dump_json()
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("rollback"),
            package="rollback",
            shared=("alarms", "doors", "widget_form"),
            description=f"Throws and releases the switch of {names.service}",
            grants=[
                grants.told(**known),
                grants.both_sides(service),
                grants.switches(switches, write=True),
                grants.announcements(announcements),
                grants.chat(chat),
                grants.events(
                    *("Rolled Back", "Rollback Failed", "Released", "Release Failed"),
                    *("Person Called", "Alarm Muted", "Alarm Stood Down", "Muted", "Unmuted"),
                ),
                grants.evidence(evidence, names),
                grants.alarms(history=True),
                grants.metrics(),
            ],
            layers=[layer],
            timeout=TIMEOUT,
            # Twice the memory is twice the processor: half a dozen clients are made at a cold start.
            memory_mb=512,
        ).function
        self.dead_letters = self._keep_dead_letters(names)
        self._let_callers_in(names)
        self.watches = self._watches()

    def _keep_dead_letters(self, names: Names) -> sqs.Queue:
        """Define the queue of calls that Lambda gave up, and return it."""
        dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{names.function('rollback')}-dead-letters",
            enforce_ssl=True,
            retention_period=_DEAD_LETTERS_KEPT,
        )
        acknowledge(
            dead_letters,
            {"AwsSolutions-SQS3": "It is the dead-letter queue: Lambda's on-failure destination."},
        )
        # Lambda retries an asynchronous call that failed twice, after one minute and two
        # (Lambda Developer Guide, invocation-async-error-handling).
        self.function.configure_async_invoke(
            retry_attempts=2,
            max_event_age=_RETRIED_FOR,
            on_failure=destinations.SqsDestination(dead_letters),
        )
        return dead_letters

    def _let_callers_in(self, names: Names) -> None:
        """Let alarms call the function, and give people one name for each of its actions."""
        # An alarm of this account may also call it directly.
        self.function.add_permission(
            "AlarmsOfThisService",
            principal=_ALARMS,
            source_account=ACCOUNT_ID,
            source_arn=(
                f"arn:{PARTITION}:cloudwatch:{Aws.REGION}:{ACCOUNT_ID}:alarm:{names.service}-*"
            ),
        )
        # $LATEST needs no version: code and aliases are never apart.
        for alias in ALIASES:
            lambda_.CfnAlias(
                self,
                f"Alias{alias.title().replace('_', '')}",
                function_name=self.function.function_name,
                function_version="$LATEST",
                name=alias,
                description=f"Takes {alias} and nothing else; grant it to who may do that",
            )

    def _watches(self) -> list[Watch]:
        function_name = self.function.function_name
        return [
            Watch(
                what="rollback-errors",
                means="The rollback function failed: look at the switch, then run it by hand.",
                metric=MetricMath(
                    expression="FILL(errors, 0) + FILL(throttles, 0)",
                    using={
                        "errors": errors(function_name),
                        "throttles": throttles(function_name),
                    },
                    label="errors and throttles",
                ),
                comparison=AT_LEAST,
                threshold=1,
            ),
            Watch(
                what="rollback-dead-letters",
                means="The rollback function gave up on a call: roll back by hand.",
                metric=messages_waiting(self.dead_letters.queue_name),
                comparison=AT_LEAST,
                threshold=1,
            ),
        ]

    def allow(
        self, scope: Construct, construct_id: str, *, topic: str, region: str
    ) -> list[lambda_.CfnPermission]:
        """Let `topic` in `region` invoke the function, and return what says so: SNS delivers to Lambda across
        regions (SNS Developer Guide, sns-cross-region-delivery). From an opt-in region it may come as either
        of two principals: the guide says to replace the one by the other, and the other costs nothing."""
        principals = {construct_id: "sns.amazonaws.com"}
        if region in OPT_IN_REGIONS:
            principals[f"{construct_id}FromOptInRegion"] = f"sns.{region}.amazonaws.com"
        return [
            lambda_.CfnPermission(
                scope,
                permission_id,
                action="lambda:InvokeFunction",
                function_name=self.function.function_arn,
                principal=principal,
                source_arn=f"arn:{PARTITION}:sns:{region}:{ACCOUNT_ID}:{topic}",
            )
            for permission_id, principal in principals.items()
        ]
