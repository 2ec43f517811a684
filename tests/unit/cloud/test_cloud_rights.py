"""The embedded cloud evaluates what a role may, and what a resource lets a service do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from rehearsal.cloud.process import EDGE_REGION, EmbeddedCloud
from rehearsal.cloud.rights import Decision, Right, denied, granted, unused
from rehearsal.drill.report.rights import never_used

ROLE = "shop-tester"
NAMESPACE = "Cutover"
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
STORE = "arn:aws:cloudfront::000000000000:key-value-store/shop-switch"


@pytest.fixture(scope="module")
def cloud() -> Iterator[EmbeddedCloud]:
    with EmbeddedCloud() as running:
        trust = json.dumps(TRUST)
        running.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
        yield running


@pytest.fixture
def tester(cloud: EmbeddedCloud) -> Callable[..., Any]:
    """Return clients of a role that may do what is given, and nothing else."""

    def client(service: str, *statements: dict[str, Any]) -> Any:
        document = json.dumps(
            {"Statement": [{"Effect": "Allow"} | statement for statement in statements]}
        )
        cloud.client("iam").put_role_policy(
            RoleName=ROLE, PolicyName="given", PolicyDocument=document
        )
        assumed = cloud.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::000000000000:role/{ROLE}", RoleSessionName="test"
        )["Credentials"]
        return boto3.client(  # type: ignore[call-overload]
            service,
            region_name=EDGE_REGION,
            endpoint_url=cloud.endpoint,
            aws_access_key_id=assumed["AccessKeyId"],
            aws_secret_access_key=assumed["SecretAccessKey"],
            aws_session_token=assumed["SessionToken"],
        )

    return client


def refused(call: Callable[[], object]) -> bool:
    try:
        call()
    except ClientError as error:
        return "not authorized" in str(error)
    return False


def test_a_health_check_is_a_resource_of_its_own(
    cloud: EmbeddedCloud, tester: Callable[..., Any]
) -> None:
    config = {"Type": "CALCULATED", "HealthThreshold": 0, "ChildHealthChecks": []}
    mine, other = (
        cloud.client("route53").create_health_check(CallerReference=at, HealthCheckConfig=config)[
            "HealthCheck"
        ]["Id"]
        for at in ("mine", "other")
    )
    resource = f"arn:aws:route53:::healthcheck/{mine}"
    client = tester("route53", {"Action": "route53:GetHealthCheck", "Resource": resource})
    assert client.get_health_check(HealthCheckId=mine)["HealthCheck"]["Id"] == mine
    assert refused(lambda: client.get_health_check(HealthCheckId=other))
    assert refused(lambda: client.update_health_check(HealthCheckId=mine, Disabled=True))


def test_the_namespace_of_a_metric_is_a_condition(tester: Callable[..., Any]) -> None:
    client = tester(
        "cloudwatch",
        {
            "Action": "cloudwatch:PutMetricData",
            "Resource": "*",
            "Condition": {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
        },
    )
    data = [{"MetricName": "share", "Value": 1.0}]
    client.put_metric_data(Namespace=NAMESPACE, MetricData=data)
    assert refused(lambda: client.put_metric_data(Namespace="Other", MetricData=data))


def test_the_source_and_the_detail_type_of_an_event_are_conditions(
    tester: Callable[..., Any],
) -> None:
    client = tester(
        "events",
        {
            "Action": "events:PutEvents",
            "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/default",
            "Condition": {
                "StringEquals": {
                    "events:source": "cutover",
                    "events:detail-type": ["Rolled Back", "Released"],
                }
            },
        },
    )

    def put(source: str, detail_type: str) -> None:
        client.put_events(Entries=[{"Source": source, "DetailType": detail_type, "Detail": "{}"}])

    put("cutover", "Released")
    assert refused(lambda: put("cutover", "Bake Passed"))
    assert refused(lambda: put("other", "Released"))


def test_an_edge_function_and_an_alias_are_resources_of_their_own(
    tester: Callable[..., Any],
) -> None:
    client = tester(
        "lambda",
        {
            "Action": "lambda:InvokeFunction",
            "Resource": f"arn:aws:lambda:{EDGE_REGION}:000000000000:function:shop:release",
        },
    )
    assert refused(lambda: client.invoke(FunctionName="shop"))
    assert refused(lambda: client.invoke(FunctionName="shop", Qualifier="mute"))
    with pytest.raises(ClientError, match="ResourceNotFound"):
        client.invoke(FunctionName="shop", Qualifier="release")
    router = "arn:aws:cloudfront::000000000000:function/shop-router"
    edge = tester("cloudfront", {"Action": "cloudfront:GetFunction", "Resource": router})
    assert refused(lambda: edge.get_function(Name="other-router"))
    assert not refused(lambda: edge.get_function(Name="shop-router"))


def test_a_distribution_is_a_resource_of_its_own(tester: Callable[..., Any]) -> None:
    mine = "arn:aws:cloudfront::000000000000:distribution/EMINE"
    edge = tester("cloudfront", {"Action": "cloudfront:GetDistribution", "Resource": mine})
    assert refused(lambda: edge.get_distribution(Id="EOTHER"))
    with pytest.raises(ClientError, match="NoSuchDistribution"):
        edge.get_distribution(Id="EMINE")


def test_an_alarm_reaches_only_a_topic_that_lets_it(cloud: EmbeddedCloud) -> None:
    sns, sqs, cloudwatch = (cloud.client(service) for service in ("sns", "sqs", "cloudwatch"))
    queue = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
    queue_arn = "arn:aws:sqs:us-east-1:000000000000:mailbox"
    topics = {name: sns.create_topic(Name=name)["TopicArn"] for name in ("open", "closed")}
    anybody = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
    }
    sqs.set_queue_attributes(
        QueueUrl=queue, Attributes={"Policy": json.dumps({"Statement": [anybody]})}
    )
    for name, topic in topics.items():
        service = "cloudwatch.amazonaws.com" if name == "open" else "events.amazonaws.com"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sns:Publish",
            "Resource": topic,
        }
        policy = json.dumps({"Statement": [statement]})
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn)
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmActions=[topic],
            Namespace="test",
            MetricName="none",
            Period=60,
            EvaluationPeriods=1,
            Statistic="Sum",
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
    for name in ("closed", "open"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="test")
    deadline = time.monotonic() + 60
    got: list[str] = []
    while not got and time.monotonic() < deadline:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        got += [json.loads(m["Body"])["TopicArn"] for m in messages.get("Messages", [])]
    assert got == [topics["open"]]
    told = [d for d in cloud.decisions() if d.who == "cloudwatch.amazonaws.com"]
    assert {(d.resource, d.allowed) for d in told} == {
        (topics["open"], True),
        (topics["closed"], False),
    }


def test_what_a_role_was_given_and_never_used_is_listed(
    cloud: EmbeddedCloud, tester: Callable[..., Any]
) -> None:
    client = tester(
        "cloudwatch",
        {"Action": ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"], "Resource": "*"},
    )
    client.describe_alarms()
    decisions = cloud.decisions()
    assert Decision(ROLE, "cloudwatch:DescribeAlarms", "*", True) in decisions
    left = unused(granted(cloud.client("iam"), "shop"), decisions)
    assert left == [Right(ROLE, "cloudwatch:GetMetricData", "*")]


def test_only_what_was_refused_counts_as_missing() -> None:
    yes, no = (Decision("role", "sns:Publish", "topic", allowed) for allowed in (True, False))
    assert denied([yes, no]) == [no]
    assert str(no) == "role may not sns:Publish on topic"


def test_a_right_that_one_drill_used_is_used_and_one_with_a_reason_is_not_named() -> None:
    idle, logs = "x-JudgeRole1: sns:Publish on topic", "x-JudgeRole1: logs:PutLogEvents on group"
    drills = [
        {"unused_rights": [idle, logs, "x-GateRole1: route53:GetHealthCheck on check"]},
        {"unused_rights": [idle, logs]},
        {"name": "it could not be played"},
    ]
    assert never_used({"drills": drills}) == [idle]


def test_a_right_reads_the_same_in_every_cloud() -> None:
    check = "arn:aws:route53:::healthcheck/bd179105-2465-4801-9bba-f32533b48665"
    right = Right("shop-safety-GateRole09C27CA4-1a2b3c4d5e6f", "route53:GetHealthCheck", check)
    assert right.anywhere == (
        "shop-safety-GateRole09C27CA4: route53:GetHealthCheck on arn:aws:route53:::healthcheck/…"
    )
