"""What is kept of each decision, on moto, and that keeping it costs nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from rollback import evidence, handler, settings
from rollback.carry_out import RollbackError
from rollback.evidence import Place, key
from tests.unit.support.fake_doors import FakeStore, always
from tests.unit.support.rollback_rig import ALARM, BY_HAND, RELEASE, Rig, alarm


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    return Rig(monkeypatch)


def test_a_rollback_is_kept_with_its_alarm_the_metrics_and_the_switch_before(rig: Rig) -> None:
    rig.old_is(healthy=2)
    rig.cloudwatch.values |= {"weight_edge": [50.0], "weight_dns": [25.0]}
    answer = rig.call(ALARM)
    ((uri, bundle),) = rig.s3.objects.items()
    assert uri == (
        "s3://evidence/evidence/chatmrpt/2026-11-24T03-00-00Z-chatmrpt-new-endpoint-ping.json"
    )
    assert answer["evidence"] == uri
    message = rig.sns.published[0]["Message"]
    assert f"evidence: {uri}" in message
    assert (
        "https://s3.console.aws.amazon.com/s3/object/evidence?region=us-east-1"
        "&prefix=evidence/chatmrpt/2026-11-24T03-00-00Z-chatmrpt-new-endpoint-ping.json"
    ) in message
    assert bundle["request"] == ALARM
    assert bundle["switch_before"] == {"edge": {"state": "released"}, "dns": {"state": "released"}}
    assert bundle["doors"] == [
        {"door": door, "changed": True, "error": ""} for door in ("edge", "dns")
    ]
    assert bundle["alarm"]["StateValue"] == "ALARM"
    assert bundle["alarm_history"][0]["said"] == "Alarm updated from OK to ALARM"
    assert bundle["deployed_weight"] == {"edge": 50, "dns": 25}
    assert bundle["metrics"]["old_healthy"][-1] == ["2026-11-24T02:59:00+00:00", 2]
    assert bundle["old"]["healthy"] == 2
    assert (bundle["by"], bundle["at"]) == (
        "alarm:chatmrpt-new-endpoint-ping",
        "2026-11-24T03:00:00+00:00",
    )


def test_a_person_s_rollback_is_kept_under_their_name_and_a_release_is_not(rig: Rig) -> None:
    rig.call(BY_HAND)
    rig.call(RELEASE)
    ((uri, bundle),) = rig.s3.objects.items()
    assert uri.endswith("Z-ada.json")
    assert "alarm" not in bundle


def test_an_alarm_that_changes_nothing_leaves_no_evidence(rig: Rig) -> None:
    rig.call(BY_HAND)
    rig.call(ALARM)
    rig.call(alarm("OK"))
    assert len(rig.s3.objects) == 1


def test_metrics_that_were_late_for_the_decision_are_asked_for_again(rig: Rig) -> None:
    rig.old_is(healthy=2)
    looks = []

    def refuse_the_first_looks() -> None:
        looks.append(1)
        rig.cloudwatch.faults = {"GetMetricData": "Throttling"} if len(looks) <= 2 else {}

    rig.cloudwatch.before = refuse_the_first_looks
    rig.call(ALARM)
    (bundle,) = rig.s3.objects.values()
    assert set(bundle["not_read_in_time"]) == {"load balancers' metrics", "us-east-1's metrics"}
    assert bundle["metrics"]["old_healthy"]


def test_what_cannot_be_read_says_why_in_its_place(rig: Rig) -> None:
    rig.cloudwatch.faults = dict.fromkeys(
        ("GetMetricData", "DescribeAlarms", "DescribeAlarmHistory"), "AccessDenied"
    )
    rig.route53.faults = always("AccessDenied", 403)
    with pytest.raises(RollbackError):
        rig.call(ALARM)
    (bundle,) = rig.s3.objects.values()
    assert bundle["alarm"].startswith("not known: ")
    assert bundle["switch_before"]["dns"]["state"] == "unknown"
    assert "AccessDenied" in bundle["doors"][1]["error"]


@pytest.mark.parametrize("trouble", ["refused", "no bucket", "hangs", "breaks"])
def test_without_evidence_traffic_moves_and_people_are_told(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    released = threading.Event()
    if trouble == "refused":
        rig.s3.refuses = True
    elif trouble == "no bucket":
        rig.patch.delenv("EVIDENCE_BUCKET")
    elif trouble == "hangs":
        monkeypatch.setattr(evidence, "STORE_SECONDS", 0.05)
        monkeypatch.setattr(rig.s3, "put_object", lambda **_: released.wait(10))
    else:
        monkeypatch.setattr(evidence, "key", lambda *_: 1 / 0)
    try:
        answer = rig.call(ALARM)
    finally:
        released.set()
    assert rig.both == ("thrown", "thrown")
    assert (answer["evidence"], answer["told"]) == (None, True)
    assert "evidence: none was kept" in rig.sns.published[0]["Message"]


@pytest.mark.parametrize("by", ["../../x", "Ada Lovelace <ada@example.com>", "ä", "", "a" * 999])
def test_a_key_stays_below_its_service_whatever_the_name(by: str) -> None:
    made = key("chatmrpt", by, datetime(2026, 11, 24, 3, 12, 40, tzinfo=UTC))
    assert made.startswith("evidence/chatmrpt/2026-11-24T03-12-40Z-")
    assert made.count("/") == 2
    assert len(made) < 200
    assert Place("b", made).console.isascii()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Real clients on moto, which lacks the KeyValueStore alone."""
    rig = Rig(monkeypatch)
    fake = settings.client
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():

        def client(service: str, region: str | None = None) -> Any:
            if service == "cloudfront-keyvaluestore":
                return fake(service)
            return boto3.client(service, region_name=region)  # type: ignore[call-overload]

        monkeypatch.setattr(settings, "client", client)
        monkeypatch.setattr(handler.clock, "now", lambda: datetime.now(UTC))
        topic = client("sns").create_topic(Name="announcements")["TopicArn"]
        client("s3").create_bucket(Bucket="evidence")
        check = client("route53").create_health_check(
            CallerReference="one",
            HealthCheckConfig={
                "Type": "CALCULATED",
                "HealthThreshold": 1,
                "ChildHealthChecks": ["x"],
            },
        )["HealthCheck"]["Id"]
        monkeypatch.setenv("ANNOUNCEMENTS_TOPIC_ARN", topic)
        monkeypatch.setenv("SWITCH_HEALTH_CHECK_ID", check)
        yield {"store": rig.store, "check": check, "client": client}


def _reported(client: Any, name: str, side: str, *values: float) -> None:
    cloudwatch = client("cloudwatch", "us-east-2")
    for back, value in enumerate(reversed(values), 1):
        cloudwatch.put_metric_data(
            Namespace="AWS/ApplicationELB",
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [
                        {"Name": "LoadBalancer", "Value": f"app/{side}/1"},
                        {"Name": "TargetGroup", "Value": f"targetgroup/{side}/1"},
                    ],
                    "Timestamp": datetime.now(UTC) - timedelta(minutes=back),
                    "Value": value,
                }
            ],
        )


def test_it_speaks_the_api_of_every_service(aws: dict[str, Any]) -> None:
    client, store = aws["client"], aws["store"]
    assert isinstance(store, FakeStore)
    for name, value in (("HealthyHostCount", 2), ("RequestCount", 310)):
        _reported(client, name, "old", value, value)
    _reported(client, "RequestCount", "new", 290, 290)
    client("cloudwatch", "us-east-1").put_metric_alarm(
        AlarmName="chatmrpt-new-endpoint-ping",
        MetricName="HealthCheckStatus",
        Namespace="AWS/Route53",
        Statistic="Minimum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
    )
    client("cloudwatch", "us-east-1").set_alarm_state(
        AlarmName="chatmrpt-new-endpoint-ping", StateValue="ALARM", StateReason="a test"
    )
    answer = handler.handler(ALARM, None)
    assert answer["old"].startswith("old: 2 healthy targets, 310 requests/min, 0 % 5xx")
    assert answer["old"].endswith("it takes on 290 requests/min more")
    assert answer["doors"] == {"edge": "written", "dns": "written"}
    assert answer["told"] is True
    config = client("route53").get_health_check(HealthCheckId=aws["check"])["HealthCheck"]
    assert config["HealthCheckConfig"]["Disabled"] is True
    bucket, _, name = answer["evidence"].removeprefix("s3://").partition("/")
    kept = client("s3").get_object(Bucket=bucket, Key=name)
    assert kept["ContentType"] == "application/json"
    bundle = json.loads(kept["Body"].read())
    assert bundle["alarm"]["AlarmName"] == "chatmrpt-new-endpoint-ping"
    assert [value for _, value in bundle["metrics"]["old_requests"]] == [310, 310]
    assert bundle["not_read_in_time"] == {}
