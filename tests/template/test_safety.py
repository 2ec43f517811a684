"""Alarms reach the rollback function and people; functions may do what they must and no more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.template.templates import Templates, resources

CHATMRPT_ALARMS = {
    # name: (who hears, datapoints, periods, threshold, silence means)
    "new-5xx-rate": ("rollback", 2, 2, 1, "notBreaching"),
    "new-5xx-hard": ("rollback", 1, 1, 5, "notBreaching"),
    "new-latency-average": ("rollback", 2, 3, 0.25, "notBreaching"),
    "new-latency-p95": ("rollback", 2, 3, 0.25, "notBreaching"),
    "new-healthy-share": ("rollback", 2, 2, 50, "notBreaching"),
    "new-healthy-hosts": ("rollback", 2, 2, 1, "breaching"),
    "new-connection-errors": ("rollback", 1, 1, 5, "notBreaching"),
    "new-probe-down": ("rollback", 1, 3, 1, "notBreaching"),
    "new-endpoint-ping": ("rollback", 1, 1, 1, "missing"),
    "new-endpoint-root": ("rollback", 1, 1, 1, "missing"),
    "new-endpoint-system-health": ("rollback", 1, 1, 1, "missing"),
    "judge-fail": ("rollback", 1, 1, 1, "notBreaching"),
    "edge-5xx-rate": ("rollback", 1, 1, 5, "notBreaching"),
    "edge-function-errors": ("rollback", 2, 2, 5, "notBreaching"),
    "old-5xx-rate": ("people", 2, 2, 1, "notBreaching"),
    "old-5xx-hard": ("people", 1, 1, 5, "notBreaching"),
    "old-latency-average": ("people", 2, 3, 0.25, "notBreaching"),
    "old-latency-p95": ("people", 2, 3, 0.25, "notBreaching"),
    "old-healthy-share": ("people", 2, 2, 50, "notBreaching"),
    "old-healthy-hosts": ("people", 2, 2, 1, "breaching"),
    "old-connection-errors": ("people", 1, 1, 5, "notBreaching"),
    "sentinel-silent": ("people", 2, 3, 1, "missing"),
    "old-endpoint-ping": ("people", 1, 1, 1, "missing"),
    "old-endpoint-root": ("people", 1, 1, 1, "missing"),
    "old-endpoint-system-health": ("people", 1, 1, 1, "missing"),
    "switch-thrown-edge": ("people", 1, 1, 1, "ignore"),
    "observer-errors": ("people", 3, 5, 1, "notBreaching"),
    "judge-errors": ("people", 3, 5, 1, "notBreaching"),
    "doors-disagree": ("people", 2, 2, 1, "ignore"),
    "rollback-errors": ("people", 1, 1, 1, "notBreaching"),
    "rollback-dead-letters": ("people", 1, 1, 1, "notBreaching"),
}


def hears(template: dict[str, Any], alarm: dict[str, Any]) -> str:
    """Follow the alarm's one action to its topic: does the rollback function listen there?"""
    (action,) = alarm["AlarmActions"]
    assert alarm["OKActions"] == [action]
    if "Fn::ImportValue" in action:
        (action,) = (
            output["Value"]
            for output in template["Outputs"].values()
            if output.get("Export", {}).get("Name") == action["Fn::ImportValue"]
        )
    reference = action["Ref"]
    listeners = [
        subscription
        for subscription in resources(template, "AWS::SNS::Subscription").values()
        if subscription["Protocol"] == "lambda" and subscription["TopicArn"] == {"Ref": reference}
    ]
    return "rollback" if listeners else "people"


def test_every_alarm_reaches_who_it_must(chatmrpt: Templates) -> None:
    safety = chatmrpt["chatmrpt-safety"]
    found = {}
    for name, template in chatmrpt.items():
        for alarm in resources(template, "AWS::CloudWatch::Alarm").values():
            listens_in = safety if name == "chatmrpt-traffic" else template
            found[alarm["AlarmName"].removeprefix("chatmrpt-")] = (
                hears(listens_in, alarm),
                alarm["DatapointsToAlarm"],
                alarm["EvaluationPeriods"],
                alarm["Threshold"],
                alarm["TreatMissingData"],
            )
    assert found == CHATMRPT_ALARMS


def test_a_percentile_is_not_judged_on_few_samples(chatmrpt: Templates) -> None:
    p95 = [
        alarm
        for alarm in resources(chatmrpt["chatmrpt-environment"], "AWS::CloudWatch::Alarm").values()
        if alarm.get("ExtendedStatistic") == "p95"
    ]
    assert len(p95) == 2
    assert {alarm["EvaluateLowSampleCountPercentile"] for alarm in p95} == {"ignore"}


def test_the_error_rate_counts_both_kinds_of_5xx_and_ignores_a_trickle(
    chatmrpt: Templates,
) -> None:
    (alarm,) = [
        alarm
        for alarm in resources(chatmrpt["chatmrpt-environment"], "AWS::CloudWatch::Alarm").values()
        if alarm["AlarmName"] == "chatmrpt-new-5xx-hard"
    ]
    expression = next(m["Expression"] for m in alarm["Metrics"] if "Expression" in m)
    # 328 probes a minute: three endpoints, 15 checkers each 10 s, and 58 of the sentinel.
    assert expression == (
        "IF(new_requests >= 348, IF((FILL(new_target, 0) + FILL(new_elb, 0)) >= (new_requests - 328), 100, "
        "100 * (FILL(new_target, 0) + FILL(new_elb, 0)) / (new_requests - 328)), 0)"
    )
    stats = {m["Id"]: m["MetricStat"] for m in alarm["Metrics"] if "MetricStat" in m}
    assert {
        id_: (stat["Metric"]["MetricName"], len(stat["Metric"]["Dimensions"]))
        for id_, stat in stats.items()
    } == {
        "new_requests": ("RequestCount", 2),
        "new_target": ("HTTPCode_Target_5XX_Count", 2),
        "new_elb": ("HTTPCode_ELB_5XX_Count", 1),
    }


def test_alarms_of_the_other_region_may_call_the_rollback_function(chatmrpt: Templates) -> None:
    permissions = resources(chatmrpt["chatmrpt-safety"], "AWS::Lambda::Permission").values()
    sources = [str(p.get("SourceArn")) for p in permissions]
    assert any(":sns:us-east-2:" in s and "chatmrpt-environment-alarms" in s for s in sources)
    assert any(":sns:us-east-1:" in s and "chatmrpt-alarms" in s for s in sources)
    (subscription,) = [
        s
        for s in resources(chatmrpt["chatmrpt-environment"], "AWS::SNS::Subscription").values()
        if s["Protocol"] == "lambda"
    ]
    assert ":lambda:us-east-1:" in str(subscription["Endpoint"])
    assert "function:chatmrpt-rollback" in str(subscription["Endpoint"])


def test_people_hear_every_topic(dns_doors: Templates) -> None:
    for stack in ("reports-safety", "reports-environment"):
        template = dns_doors[stack]
        topics = resources(template, "AWS::SNS::Topic")
        told: dict[str, set[tuple[str, str]]] = {topic: set() for topic in topics}
        for subscription in resources(template, "AWS::SNS::Subscription").values():
            if subscription["Protocol"] != "lambda":
                told[subscription["TopicArn"]["Ref"]].add(
                    (subscription["Protocol"], subscription["Endpoint"])
                )
        assert len(topics) == 2
        assert set(map(frozenset, told.values())) == {
            frozenset(
                {
                    ("email", "reports-on-call@example.com"),
                    ("https", "https://hooks.example.com/cutover"),
                }
            )
        }


RIGHTS = {
    "chatmrpt": {
        "Rollback": {
            "cloudfront-keyvaluestore:DescribeKeyValueStore",
            "cloudfront-keyvaluestore:GetKey",
            "cloudfront-keyvaluestore:PutKey",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "sns:Publish",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:SendMessage",
            "cloudwatch:DescribeAlarmHistory",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetMetricData",
            "events:PutEvents",
            "s3:PutObject",
        },
        "Widget": {
            "cloudformation:DescribeStacks",
            "cloudformation:GetTemplate",
            "cloudfront-keyvaluestore:GetKey",
            "cloudfront:GetFunction",
            "cloudwatch:GetMetricData",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "ssm:GetParameter",
        },
        "Judge": {
            "cloudwatch:GetMetricData",
            "cloudwatch:PutMetricData",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        },
        "Bake": {
            "cloudformation:DescribeStacks",
            "cloudfront-keyvaluestore:GetKey",
            "cloudwatch:DescribeAlarmHistory",
            "cloudwatch:DescribeAlarms",
            "events:PutEvents",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        },
        "Observer": {
            "cloudformation:DescribeStacks",
            "cloudfront-keyvaluestore:GetKey",
            "cloudfront:GetFunction",
            "cloudwatch:GetMetricData",
            "cloudwatch:PutMetricData",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        },
        "Gate": {
            "acm:DescribeCertificate",
            "cloudformation:DescribeStacks",
            "cloudfront-keyvaluestore:GetKey",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:GetMetricData",
            "cloudwatch:PutMetricData",
            "ec2:DescribeSecurityGroups",
            "elasticloadbalancing:DescribeAccountLimits",
            "elasticloadbalancing:DescribeListenerAttributes",
            "elasticloadbalancing:DescribeListenerCertificates",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancerAttributes",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "events:PutEvents",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "sns:Publish",
            "ssm:GetParameter",
        },
        "Pin": {
            "cloudfront-keyvaluestore:DescribeKeyValueStore",
            "cloudfront-keyvaluestore:GetKey",
            "cloudfront-keyvaluestore:PutKey",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "secretsmanager:GetSecretValue",
        },
    },
    "reports": {
        "Rollback": {"route53:GetHealthCheck", "route53:UpdateHealthCheck"},
        "Observer": {"route53:GetHealthCheck", "route53:ListResourceRecordSets"},
        # Its journey names a secret.
        "Gate": {"route53:GetHealthCheck", "secretsmanager:GetSecretValue"},
        "Bake": {"route53:GetHealthCheck"},
        "Widget": {"route53:GetHealthCheck", "route53:ListResourceRecordSets"},
        "Judge": set[str](),
        "Pin": set[str](),
    },
}


FRAMEWORK = ("BakeOnEvent", "BakeIsComplete", "BakeProviderwaiterstatemachine")
"""The bake's framework is CDK's own; tests/template/test_bake.py looks at it."""


def actions_of(template: dict[str, Any]) -> dict[str, set[str]]:
    rights: dict[str, set[str]] = {}
    for logical_id, policy in resources(template, "AWS::IAM::Policy").items():
        if logical_id.startswith(FRAMEWORK):
            continue
        for statement in policy["PolicyDocument"]["Statement"]:
            actions = statement["Action"]
            rights.setdefault(logical_id.split("Role")[0], set()).update(
                [actions] if isinstance(actions, str) else actions
            )
    return rights


def test_each_function_may_do_what_it_must_and_no_more(
    chatmrpt: Templates, dns_doors: Templates
) -> None:
    assert actions_of(chatmrpt["chatmrpt-safety"]) == RIGHTS["chatmrpt"]
    assert actions_of(dns_doors["reports-safety"]) == {
        function: RIGHTS["chatmrpt"][function] | more
        for function, more in RIGHTS["reports"].items()
    }


@pytest.mark.parametrize("stack", ["chatmrpt-safety", "reports-safety"])
def test_no_right_is_to_everything_but_reading_and_publishing_our_own_metrics(
    chatmrpt: Templates, dns_doors: Templates, stack: str
) -> None:
    for logical_id, policy in resources((chatmrpt | dns_doors)[stack], "AWS::IAM::Policy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            assert "*" not in str(statement["Action"])
            if statement["Resource"] != "*" or logical_id.startswith(FRAMEWORK):
                continue
            actions = statement["Action"]
            actions = [actions] if isinstance(actions, str) else actions
            if actions == ["cloudwatch:PutMetricData"]:
                assert statement["Condition"] == {
                    "StringEquals": {"cloudwatch:namespace": "Cutover"}
                }
            else:
                verbs = {action.split(":")[1] for action in actions}
                assert all(verb.startswith(("Describe", "Get")) for verb in verbs), verbs


def test_a_call_that_fails_is_kept_and_logs_do_not_stay_for_ever(chatmrpt: Templates) -> None:
    template = chatmrpt["chatmrpt-safety"]
    (config,) = resources(template, "AWS::Lambda::EventInvokeConfig").values()
    assert config["MaximumRetryAttempts"] == 2
    (queue,) = resources(template, "AWS::SQS::Queue")
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": [queue, "Arn"]}
    functions = resources(template, "AWS::Lambda::Function")
    groups = resources(template, "AWS::Logs::LogGroup")
    # Of the bake's framework three functions share a group, and its state machine has one.
    assert (len(groups), len(functions)) == (9, 10)
    assert {group["RetentionInDays"] for group in groups.values()} == {90}
