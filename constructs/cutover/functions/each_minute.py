"""Calls a function each minute."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct


def call_each_minute(
    scope: Construct, function: lambda_.IFunction, *, name: str, description: str
) -> None:
    """Define the rule `name` that calls `function` each minute; a call that fails is not repeated,
    because the next one comes anyway."""
    events.Rule(
        scope,
        "EachMinute",
        rule_name=name,
        description=description,
        schedule=events.Schedule.rate(Duration.minutes(1)),
        targets=[targets.LambdaFunction(function, retry_attempts=0)],
    )
