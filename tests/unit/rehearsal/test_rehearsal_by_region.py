"""What is deployed of a service is looked for in the region in which it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cutover.declaration.reading.context import read_context
from rehearsal.by_region import in_alarm, regions_of, sentinel_watches, set_alarm

(DESK,) = read_context({"declaration": "examples/two-regions.json"})
SERVICE = DESK.service
OLD, NEW = "eu-west-1", "eu-central-1"


def client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region)  # type: ignore[call-overload]


@pytest.fixture(autouse=True)
def clouds() -> Iterator[None]:
    with mock_aws():
        for region, name in (("us-east-1", "judge"), (OLD, "old-5xx"), (NEW, "new-5xx")):
            client("cloudwatch", region).put_metric_alarm(
                AlarmName=f"desk-{name}",
                Namespace="AWS/ApplicationELB",
                MetricName="HTTPCode_Target_5XX_Count",
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                ComparisonOperator="GreaterThanThreshold",
            )
        yield


def test_every_region_is_bootstrapped_and_read_once() -> None:
    assert regions_of(SERVICE) == ("us-east-1", OLD, NEW)


@pytest.mark.parametrize(("name", "region"), [("desk-old-5xx", OLD), ("desk-new-5xx", NEW)])
def test_an_alarm_is_set_where_it_stands_and_found_there(name: str, region: str) -> None:
    set_alarm(client, SERVICE, name, state="ALARM", reason="a test")
    (alarm,) = client("cloudwatch", region).describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    assert list(in_alarm(client, SERVICE)) == [name]


def test_an_alarm_that_is_nowhere_is_said_so_with_where_it_was_looked_for() -> None:
    with pytest.raises(LookupError, match=f"no alarm desk-new-6xx in us-east-1, {OLD}, {NEW}"):
        set_alarm(client, SERVICE, "desk-new-6xx", state="ALARM", reason="a test")


def test_the_sentinel_is_heard_in_old_s_region_alone() -> None:
    for region, heard in ((NEW, False), (OLD, True)):
        client("cloudwatch", region).put_metric_data(
            Namespace="Cutover", MetricData=[{"MetricName": "SentinelWatches", "Value": 1}]
        )
        assert sentinel_watches(client, SERVICE) is heard
