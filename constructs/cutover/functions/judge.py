"""The function that compares new with old each minute, and the alarm that its verdict is."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from constructs import Construct

from cutover.acknowledge import acknowledge
from cutover.alarms.alarm import AT_LEAST, Watch
from cutover.alarms.own_metrics import NAMESPACE, judge_fail
from cutover.declaration.service import Service
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names


class JudgeFunction(Construct):
    """Defines the function that says each minute whether new is worse than old, as far as their load
    balancers tell.

    Attributes
    ----------
    function : lambda_.Function
        Asked with {"action": "verdict"} it answers and publishes nothing.
    rollback_watches : list of Watch
        That it says FAIL: a reason to roll back. It never fires in a dry run.
    watches : list of Watch
        Over the function itself; for people.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, service: Service
    ) -> None:
        super().__init__(scope, construct_id)
        doors = [
            *(["edge"] if service.edge is not False else []),
            *(["dns"] if service.dns is not None else []),
        ]
        rules = service.judge
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("judge"),
            package="judge",
            shared=("doors", "inference"),
            description=f"Says whether new is worse than old, each minute, for {names.service}",
            environment={
                "SERVICE": names.service,
                "METRIC_NAMESPACE": NAMESPACE,
                "METRICS_REGION": service.region,
                "OLD_LOAD_BALANCER": service.old.load_balancer,
                "OLD_TARGET_GROUP": service.old.target_group,
                "NEW_LOAD_BALANCER": service.new.load_balancer,
                "NEW_TARGET_GROUP": service.new.target_group,
                "DOORS": ",".join(doors),
                "LOOKBACK_MINUTES": str(rules.lookback_minutes),
                "MINIMUM_REQUESTS": str(rules.minimum_requests),
                "SLOWDOWN_PERCENT": f"{rules.slowdown_percent:g}",
                "DRY_RUN": "true" if rules.dry_run else "false",
            },
            rights=[
                iam.PolicyStatement(actions=["cloudwatch:GetMetricData"], resources=["*"]),
                iam.PolicyStatement(
                    actions=["cloudwatch:PutMetricData"],
                    resources=["*"],
                    conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
                ),
            ],
            timeout=Duration.seconds(50),
        ).function
        acknowledge(
            self,
            {
                "AwsSolutions-IAM5[Resource::*]": "GetMetricData takes no resource, and neither does "
                "PutMetricData; the condition on cloudwatch:namespace holds that one to the "
                "namespace Cutover."
            },
        )
        events.Rule(
            self,
            "EachMinute",
            rule_name=names.function("judge"),
            description=f"Compares new with old for {names.service}",
            schedule=events.Schedule.rate(Duration.minutes(1)),
            targets=[targets.LambdaFunction(self.function, retry_attempts=0)],
        )
        self.rollback_watches = [
            Watch(
                what="judge-fail",
                means="New fails more often than old, or is slower than it may be, beyond chance: ask "
                "the judge for its reasons.",
                metric=judge_fail(names.service),
                comparison=AT_LEAST,
                threshold=1,
            )
        ]
        self.watches = [
            Watch(
                what="judge-errors",
                means="The judge cannot read or publish metrics: new is compared with old by nobody.",
                metric=self.function.metric_errors(period=Duration.minutes(1)),
                comparison=AT_LEAST,
                threshold=1,
                datapoints=3,
                of=5,
            )
        ]
