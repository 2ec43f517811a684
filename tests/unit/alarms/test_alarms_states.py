"""The state of alarms, by name, in several regions; what is missing or cannot be read is told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from shared.alarms.history import fired_since
from shared.alarms.state import BATCH, AlarmRef, AlarmState, alarm_states
from tests.unit.support.fake_doors import refusal

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


class FakeCloudWatch:
    """Answers at most `page` alarms at once, and only what it was asked for."""

    def __init__(self, alarms: dict[str, dict[str, Any]], page: int = BATCH) -> None:
        self.alarms = alarms
        self.page = page
        self.asked: list[int] = []

    def describe_alarms(
        self,
        *,
        AlarmNames: list[str],  # noqa: N803
        AlarmTypes: list[str],  # noqa: N803
        MaxRecords: int,  # noqa: N803
        NextToken: str = "0",  # noqa: N803
    ) -> dict[str, Any]:
        assert len(AlarmNames) <= 100
        assert MaxRecords <= 100
        self.asked.append(len(AlarmNames))
        start = int(NextToken)
        found = [
            {"AlarmName": name, "StateValue": "OK", "StateReason": ""} | self.alarms[name]
            for name in sorted(AlarmNames)
            if name in self.alarms
        ]
        answer: dict[str, Any] = {"MetricAlarms": [], "CompositeAlarms": []}
        for alarm in found[start : start + self.page]:
            kind = "CompositeAlarms" if "AlarmRule" in alarm else "MetricAlarms"
            if kind.removesuffix("s") in AlarmTypes:
                answer[kind].append(alarm)
        if len(found) > start + self.page:
            answer["NextToken"] = str(start + self.page)
        return answer


class Down:
    def describe_alarms(self, **_: object) -> None:
        raise refusal("ThrottlingException")


def clients(**by_region: Any) -> Callable[[str], Any]:
    return lambda region: by_region[region.replace("-", "_")]


def test_metric_and_composite_alarms_are_found_where_they_live() -> None:
    near = FakeCloudWatch({"edge": {"StateValue": "ALARM", "StateReason": "5 > 1"}})
    far = FakeCloudWatch(
        {"all": {"AlarmRule": "x", "StateTransitionedTimestamp": NOW}, "edge": {}, "other": {}}
    )
    wanted = [AlarmRef("us-east-1", "edge"), AlarmRef("us-east-2", "all")]
    assert alarm_states(wanted, clients(us_east_1=near, us_east_2=far)) == {
        wanted[0]: AlarmState("ALARM", "5 > 1"),
        wanted[1]: AlarmState("OK", "", NOW),
    }


def test_one_region_that_is_down_hides_no_other_regions_alarm() -> None:
    near = FakeCloudWatch({"edge": {"StateValue": "ALARM"}})
    wanted = [AlarmRef("us-east-2", "new"), AlarmRef("us-east-1", "edge")]
    states = alarm_states(wanted, clients(us_east_1=near, us_east_2=Down()))
    assert states[wanted[1]].value == "ALARM"
    assert states[wanted[0]].value == "UNREADABLE"
    assert "ThrottlingException" in states[wanted[0]].reason


def test_a_region_without_connection_is_unreadable() -> None:
    def no_client(region: str) -> Any:
        raise EndpointConnectionError(endpoint_url=f"https://monitoring.{region}")

    (state,) = alarm_states([AlarmRef("us-east-2", "new")], no_client).values()
    assert state.value == "UNREADABLE"


@pytest.mark.parametrize("trouble", ["EVALUATION_ERROR", "EVALUATION_FAILURE"])
def test_an_alarm_that_cloudwatch_does_not_evaluate_vouches_for_nothing(trouble: str) -> None:
    client = FakeCloudWatch({"new": {"EvaluationState": trouble}})
    (state,) = alarm_states([AlarmRef("us-east-2", "new")], lambda _: client).values()
    assert state.value == "UNREADABLE"
    assert trouble in state.reason


def test_an_alarm_is_believed_though_cloudwatch_has_trouble_since() -> None:
    client = FakeCloudWatch({"new": {"StateValue": "ALARM", "EvaluationState": "EVALUATION_ERROR"}})
    (state,) = alarm_states([AlarmRef("us-east-2", "new")], lambda _: client).values()
    assert state.value == "ALARM"


names = st.integers(0, 400).map(str)


@given(wanted=st.sets(names), there=st.sets(names), page=st.integers(20, 100))
def test_every_alarm_asked_for_is_answered_and_only_those(
    wanted: set[str], there: set[str], page: int
) -> None:
    client = FakeCloudWatch({name: {} for name in there}, page)
    states = alarm_states([AlarmRef("r", name) for name in wanted], lambda _: client)
    assert {alarm.name for alarm in states} == wanted
    assert {alarm.name for alarm, state in states.items() if state.value == "OK"} == wanted & there
    assert {state.value for state in states.values()} <= {"OK", "MISSING"}


def test_more_alarms_than_one_call_takes_are_asked_for_in_batches() -> None:
    client = FakeCloudWatch({str(n): {} for n in range(250)})
    states = alarm_states([AlarmRef("r", str(n)) for n in range(250)], lambda _: client)
    assert len(states) == 250
    assert client.asked == [100, 100, 50]


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("cloudwatch", region_name="us-east-2")
        client.put_metric_alarm(
            AlarmName="new",
            Namespace="N",
            MetricName="M",
            Period=60,
            Statistic="Sum",
            Threshold=1,
            EvaluationPeriods=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        yield client


def test_the_client_that_boto3_gives_is_understood(cloudwatch: Any) -> None:
    cloudwatch.set_alarm_state(AlarmName="new", StateValue="ALARM", StateReason="7 > 1")
    wanted = [AlarmRef("us-east-2", "new"), AlarmRef("us-east-2", "gone")]
    states = alarm_states(wanted, lambda _: cloudwatch)
    assert (states[wanted[0]].value, states[wanted[0]].reason) == ("ALARM", "7 > 1")
    assert states[wanted[1]] == AlarmState("MISSING")


class FakeHistory:
    """Pages of one item, newest first, as CloudWatch is asked to give them."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = items

    def describe_alarm_history(self, **asked: Any) -> dict[str, Any]:
        assert (asked["HistoryItemType"], asked["ScanBy"]) == (
            "StateUpdate",
            "TimestampDescending",
        )
        after = [item for item in self.items if item["Timestamp"] >= asked["StartDate"]]
        place = int(asked.get("NextToken", 0))
        answer: dict[str, Any] = {"AlarmHistoryItems": after[place : place + 1]}
        if place + 1 < len(after):
            answer["NextToken"] = str(place + 1)
        return answer


def update(minute: int, to: str) -> dict[str, Any]:
    return {
        "Timestamp": NOW + timedelta(minutes=minute),
        "HistoryData": f'{{"version":"1.0","newState":{{"stateValue":"{to}"}}}}',
    }


def test_an_alarm_that_fired_and_recovered_is_found() -> None:
    history: Any = FakeHistory(update(3, "OK"), update(2, "ALARM"), update(-9, "ALARM"))
    assert fired_since(history, "new", NOW) == NOW + timedelta(minutes=2)


def test_an_alarm_that_fired_before_is_not_held_against_anybody() -> None:
    history: Any = FakeHistory(update(1, "OK"), update(-1, "ALARM"))
    assert fired_since(history, "new", NOW) is None


def test_a_history_without_its_data_is_told_by_its_summary() -> None:
    item = {"Timestamp": NOW, "HistoryData": "", "HistorySummary": "Alarm updated from OK to ALARM"}
    history: Any = FakeHistory(item)
    assert fired_since(history, "new", NOW) == NOW
