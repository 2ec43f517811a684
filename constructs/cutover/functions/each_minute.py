"""Calls a function each minute, and watches whether it fails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cutover.alarms.alarm import AT_LEAST, Watch
from cutover.alarms.function_metrics import errors

EACH_MINUTE: Final = events.Schedule.rate(Duration.minutes(1))
WITHIN_THE_MINUTE: Final = Duration.seconds(50)
"""As long as it may run: it is over before it is called again."""


def call_each_minute(
    scope: Construct,
    function: lambda_.IFunction,
    *,
    name: str,
    description: str,
    event: Mapping[str, Any] | None = None,
) -> None:
    """Define the rule `name` that calls `function` each minute, with `event` if there is one; a call that
    fails is not repeated, because the next one comes anyway."""
    events.Rule(
        scope,
        "EachMinute",
        rule_name=name,
        description=description,
        schedule=EACH_MINUTE,
        targets=[
            targets.LambdaFunction(
                function,
                retry_attempts=0,
                event=None if event is None else events.RuleTargetInput.from_object(dict(event)),
            )
        ],
    )


def keeps_failing(function: lambda_.IFunction, *, what: str, means: str) -> Watch:
    """Return the watch over a function that is called each minute: it fails in three minutes of five. One
    that fails once is called again in a minute."""
    return Watch(
        what=what,
        means=means,
        metric=errors(function.function_name),
        comparison=AT_LEAST,
        threshold=1,
        datapoints=3,
        of=5,
    )
