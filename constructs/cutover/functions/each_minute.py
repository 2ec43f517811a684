"""Calls a function each minute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

EACH_MINUTE: Final = events.Schedule.rate(Duration.minutes(1))


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
