"""edge.fast_log: what it adds, to whom it belongs, and that nothing of it is there without it."""

from __future__ import annotations

import json
import re
from typing import Any

from cutover.doors.edge_log import FIELDS
from tests.template.templates import Templates, resources
from tests.template.test_doors import behaviours, distribution

FAST = ("new-fast-5xx-hard", "new-fast-5xx-burst", "new-fast-5xx-rate")
KINDS = (
    "AWS::CloudFront::RealtimeLogConfig",
    "AWS::Kinesis::Stream",
    "AWS::KMS::Key",
    "AWS::Lambda::EventSourceMapping",
)
IN_AWS_S_ORDER = (
    *("timestamp", "c-ip", "time-to-first-byte", "sc-status", "sc-bytes", "cs-method"),
    *("cs-protocol", "cs-host", "cs-uri-stem", "cs-bytes", "x-edge-location"),
    *("x-edge-request-id", "x-host-header", "time-taken", "cs-protocol-version"),
    *("c-ip-version", "cs-user-agent", "cs-referer", "cs-cookie", "cs-uri-query"),
    *("x-edge-response-result-type", "x-forwarded-for", "ssl-protocol", "ssl-cipher"),
    *("x-edge-result-type", "fle-encrypted-fields", "fle-status", "sc-content-type"),
    *("sc-content-len", "sc-range-start", "sc-range-end", "c-port"),
    *("x-edge-detailed-result-type", "c-country", "cs-accept-encoding", "cs-accept"),
    *("cache-behavior-path-pattern", "cs-headers", "cs-header-names", "cs-headers-count"),
    *("r-host", "sr-reason", "x-edge-mqcs", "viewer-request-log-data"),
)
"""CloudFront Developer Guide, real-time-logs; 65 to 67 by the media quality page."""


def only(template: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = resources(template, kind).values()
    return found


def policy_of(template: dict[str, Any], role: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of the one policy that `role`, a reference's logical id, has."""
    (found,) = [
        policy["PolicyDocument"]["Statement"]
        for policy in resources(template, "AWS::IAM::Policy").values()
        if policy["Roles"] == [{"Ref": role}]
    ]
    return found


def test_without_it_nothing_of_it_is_there(chatmrpt: Templates, dns_doors: Templates) -> None:
    for template in (chatmrpt | dns_doors).values():
        for kind in KINDS:
            assert not resources(template, kind)
        for resource in template["Resources"].values():
            # The edge function tells the log in any case.
            told = {k: v for k, v in resource.get("Properties", {}).items() if k != "FunctionCode"}
            assert not re.search("fast|realtime", json.dumps(told), re.IGNORECASE)


def test_every_behaviour_writes_every_request_to_the_log(fast_log: Templates) -> None:
    template = fast_log["news-traffic"]
    ((logical_id, config),) = resources(template, "AWS::CloudFront::RealtimeLogConfig").items()
    arn = {"Fn::GetAtt": [logical_id, "Arn"]}
    found = behaviours(distribution(template))
    assert len(found) == 2
    assert [behaviour["RealtimeLogConfigArn"] for behaviour in found] == [arn, arn]
    assert config["SamplingRate"] == 100


def test_the_log_and_the_function_go_by_one_list_in_the_order_of_aws(fast_log: Templates) -> None:
    template = fast_log["news-traffic"]
    fields = only(template, "AWS::CloudFront::RealtimeLogConfig")["Fields"]
    (told,) = [
        function["Environment"]["Variables"]["LOG_FIELDS"]
        for function in resources(template, "AWS::Lambda::Function").values()
        if function.get("FunctionName") == "news-fast-log"
    ]
    assert fields == told.split(",") == list(FIELDS)
    places = [IN_AWS_S_ORDER.index(field) for field in fields]
    assert places == sorted(places)


def test_a_batch_that_fails_holds_up_the_shard_for_a_minute_at_most(fast_log: Templates) -> None:
    template = fast_log["news-traffic"]
    mapping = only(template, "AWS::Lambda::EventSourceMapping")
    ((queue, _),) = resources(template, "AWS::SQS::Queue").items()
    assert mapping["BatchSize"] == 1000
    assert mapping["MaximumBatchingWindowInSeconds"] == 2
    assert mapping["MaximumRecordAgeInSeconds"] == 60
    assert mapping["MaximumRetryAttempts"] == 2
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": [queue, "Arn"]
    }


def test_the_stream_is_encrypted_and_has_the_declared_shards(fast_log: Templates) -> None:
    template = fast_log["news-traffic"]
    stream = only(template, "AWS::Kinesis::Stream")
    ((key, found),) = resources(template, "AWS::KMS::Key").items()
    assert stream["ShardCount"] == 2
    assert stream["StreamEncryption"] == {
        "EncryptionType": "KMS",
        "KeyId": {"Fn::GetAtt": [key, "Arn"]},
    }
    assert found["EnableKeyRotation"] is True


def test_cloudfront_may_write_to_this_stream_and_nothing_else(fast_log: Templates) -> None:
    template = fast_log["news-traffic"]
    ((stream, _),) = resources(template, "AWS::Kinesis::Stream").items()
    ((key, _),) = resources(template, "AWS::KMS::Key").items()
    end = only(template, "AWS::CloudFront::RealtimeLogConfig")["EndPoints"][0]
    role = end["KinesisStreamConfig"]["RoleArn"]["Fn::GetAtt"][0]
    trusted = template["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert [one["Principal"] for one in trusted] == [{"Service": "cloudfront.amazonaws.com"}]
    assert policy_of(template, role) == [
        {
            "Action": [
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:PutRecord",
                "kinesis:PutRecords",
            ],
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [stream, "Arn"]},
        },
        {
            "Action": "kms:GenerateDataKey",
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [key, "Arn"]},
        },
    ]


def test_the_function_may_read_the_stream_tell_what_it_gave_up_and_publish(
    fast_log: Templates,
) -> None:
    template = fast_log["news-traffic"]
    (role,) = [
        function["Role"]["Fn::GetAtt"][0]
        for function in resources(template, "AWS::Lambda::Function").values()
        if function.get("FunctionName") == "news-fast-log"
    ]
    may = {
        action
        for statement in policy_of(template, role)
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert may == {
        *("kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords"),
        *("kinesis:GetShardIterator", "kinesis:ListShards", "kms:Decrypt", "sqs:SendMessage"),
        *("cloudwatch:PutMetricData", "logs:CreateLogStream", "logs:PutLogEvents"),
    }


def test_the_three_alarms_roll_back_and_the_gate_and_the_bake_look_at_them(
    fast_log: Templates,
) -> None:
    template = fast_log["news-traffic"]
    alarms = {a["AlarmName"]: a for a in resources(template, "AWS::CloudWatch::Alarm").values()}
    edge = alarms["news-edge-5xx-rate"]
    for what in FAST:
        alarm = alarms[f"news-{what}"]
        assert alarm["AlarmActions"] == alarm["OKActions"] == edge["AlarmActions"]
        assert alarm["TreatMissingData"] == "notBreaching"
        assert {m["MetricStat"]["Period"] for m in alarm["Metrics"] if "MetricStat" in m} == {10}
    watched = {
        kind: {alarm["Name"] for alarm in only(template, kind)["Alarms"]}
        for kind in ("Custom::WeightGate", "Custom::Bake")
        if resources(template, kind)
    }
    assert len(watched) == 2
    for names in watched.values():
        assert {f"news-{what}" for what in FAST} <= names
        assert "news-fast-log-behind" not in names


def test_people_alone_are_told_of_a_log_that_is_behind(fast_log: Templates) -> None:
    template = fast_log["news-traffic"]
    alarms = {a["AlarmName"]: a for a in resources(template, "AWS::CloudWatch::Alarm").values()}
    behind = alarms["news-fast-log-behind"]
    assert behind["AlarmActions"] != alarms["news-edge-5xx-rate"]["AlarmActions"]
    assert "Announcements" in json.dumps(behind["AlarmActions"])
    # An alarm takes ten metrics (CloudWatch API reference, PutMetricAlarm Metrics: 20 with expressions).
    assert len(behind["Metrics"]) == 10


def test_the_dashboard_shows_what_the_log_tells_and_both_kinds_of_alarm(
    fast_log: Templates,
) -> None:
    text = json.dumps(fast_log["news-observability"])
    for what in (*FAST, "fast-log-behind"):
        assert f"alarm:news-{what}" in text
    for name in ("EdgeErrors", "EdgeRequests", "Edge4xx", "EdgeSlow", "LogAge", "LogUnread"):
        assert name in text
