"""The judge's function is told what it needs, may do no more, and its FAIL alone rolls back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Match, Template

from cutover.alarms.alarm import raise_alarms
from cutover.alarms.topic import Topic
from cutover.declaration.service import Service
from cutover.functions.judge import JudgeFunction
from cutover.naming import Names
from cutover.paths import CDK_JSON

# On the worker that has synthesised before.
pytestmark = pytest.mark.xdist_group("synthesis")

NAMES = Names("chatmrpt")


def synthesised(
    edge: Mapping[str, Any] | None = None, **judge: Any
) -> tuple[JudgeFunction, Template]:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    declared = dict(context["cutover"]["chatmrpt"])
    declared["judge"] = judge
    declared["edge"] = declared.get("edge", {}) | (edge or {})
    stack = cdk.Stack(
        cdk.App(analytics_reporting=False), "Safety", env=cdk.Environment(region="us-east-1")
    )
    function = JudgeFunction(stack, "Judge", names=NAMES, service=Service.model_validate(declared))
    topic = Topic(stack, "Topic", name="alarms", people=[])
    watches = [*function.rollback_watches, *function.watches]
    raise_alarms(function, watches, names=NAMES, topic=topic)
    return function, Template.from_stack(stack)


@pytest.fixture(scope="module")
def made() -> tuple[JudgeFunction, Template]:
    return synthesised(
        minimum_requests=80, lookback_minutes=15, slowdown_percent=12.5, more_4xx_points=1.5
    )


def test_the_function_is_told_where_both_sides_are_seen_and_the_rules(
    made: tuple[JudgeFunction, Template],
) -> None:
    made[1].has_resource_properties(
        "AWS::Lambda::Function",
        {
            "FunctionName": "chatmrpt-judge",
            "Handler": "judge.handler.handler",
            "Environment": {
                "Variables": {
                    "SERVICE": "chatmrpt",
                    "METRIC_NAMESPACE": "Cutover",
                    "METRICS_REGION": "us-east-2",
                    "OLD_LOAD_BALANCER": Match.string_like_regexp("^app/"),
                    "OLD_TARGET_GROUP": Match.string_like_regexp("^targetgroup/"),
                    "NEW_LOAD_BALANCER": Match.string_like_regexp("^app/"),
                    "NEW_TARGET_GROUP": Match.string_like_regexp("^targetgroup/"),
                    "DOORS": "edge",
                    "LOOKBACK_MINUTES": "15",
                    "MINIMUM_REQUESTS": "80",
                    "SLOWDOWN_PERCENT": "12.5",
                    "MORE_4XX_POINTS": "1.5",
                    "MORE_3XX_POINTS": "5",
                    "DRY_RUN": "false",
                }
            },
        },
    )


def test_it_runs_each_minute_and_a_look_that_failed_is_not_repeated(
    made: tuple[JudgeFunction, Template],
) -> None:
    made[1].has_resource_properties(
        "AWS::Events::Rule",
        {
            "ScheduleExpression": "rate(1 minute)",
            "Targets": [Match.object_like({"RetryPolicy": {"MaximumRetryAttempts": 0}})],
        },
    )


def test_it_reads_metrics_and_publishes_into_its_own_namespace_only(
    made: tuple[JudgeFunction, Template],
) -> None:
    (policy,) = made[1].find_resources("AWS::IAM::Policy").values()
    statements = {
        json.dumps(s["Action"]): s.get("Condition")
        for s in policy["Properties"]["PolicyDocument"]["Statement"]
    }
    assert statements.pop('["logs:CreateLogStream", "logs:PutLogEvents"]') is None
    assert statements == {
        '"cloudwatch:GetMetricData"': None,
        '"cloudwatch:PutMetricData"': {"StringEquals": {"cloudwatch:namespace": "Cutover"}},
    }


def test_its_fail_is_an_alarm_on_one_minute_and_its_own_faults_are_another(
    made: tuple[JudgeFunction, Template],
) -> None:
    function, template = made
    assert [watch.what for watch in function.rollback_watches] == ["judge-fail"]
    assert [watch.what for watch in function.watches] == ["judge-errors"]
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmName": "chatmrpt-judge-fail",
            "Namespace": "Cutover",
            "MetricName": "JudgeFail",
            "Dimensions": [{"Name": "Service", "Value": "chatmrpt"}],
            "Statistic": "Maximum",
            "Threshold": 1,
            "EvaluationPeriods": 1,
            "TreatMissingData": "notBreaching",
        },
    )
    template.has_resource_properties(
        "AWS::CloudWatch::Alarm",
        {"AlarmName": "chatmrpt-judge-errors", "DatapointsToAlarm": 3, "EvaluationPeriods": 5},
    )


def test_a_dry_run_is_told_to_the_function() -> None:
    _, template = synthesised(dry_run=True)
    (function,) = template.find_resources("AWS::Lambda::Function").values()
    assert function["Properties"]["Environment"]["Variables"]["DRY_RUN"] == "true"


@pytest.mark.parametrize("on", [True, False])
def test_the_edge_s_log_is_told_of_where_there_is_one(on: bool) -> None:
    _, template = synthesised({"fast_log": on})
    (function,) = template.find_resources("AWS::Lambda::Function").values()
    told = function["Properties"]["Environment"]["Variables"].get("FAST_LOG_FUNCTION")
    assert told == ("chatmrpt-fast-log" if on else None)
