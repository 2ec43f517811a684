"""The edge's switch is read when it may have moved and each ten minutes, and published only then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import moto.cloudwatch.models
import pytest
from moto import mock_aws

from observer import edge_switch
from observer import handler as observer
from shared.metrics import own
from tests.unit.support.fake_doors import FakeRoute53, FakeStore, always, refusal

BEGAN = datetime(2026, 11, 28, 12, 0, 20, tzinfo=UTC)
RELEASED, THROWN = '{"state":"released"}', '{"state":"thrown"}'
SCHEDULED = {"source": "aws.events", "detail-type": "Scheduled Event"}


class Rig:
    """Both doors' switches and a clock of our own; `minute` calls the observer as its schedule does."""

    def __init__(self) -> None:
        self.store = FakeStore({"switch": RELEASED})
        self.check = FakeRoute53()
        self.cloudwatch: Any = boto3.client("cloudwatch", region_name="us-east-1")
        self.now = BEGAN
        self.read: list[int] = []
        """The minutes in which the store was asked."""

    def client(self, service: str) -> Any:
        return {
            "cloudfront-keyvaluestore": self.store,
            "route53": self.check,
            "cloudwatch": self.cloudwatch,
        }[service]

    def call(self, event: object) -> None:
        before = self.store.gets
        try:
            observer.handler(event, None)
        finally:
            if self.store.gets > before:
                self.read.append((self.now - BEGAN) // timedelta(minutes=1))

    def minutes(self, count: int) -> None:
        for _ in range(count):
            self.call(SCHEDULED)
            self.now += timedelta(minutes=1)

    def written(self, value: str, *, told: str = "") -> None:
        """Write both switches; the rollback function's event comes if it is `told`."""
        self.store.items["switch"] = value
        self.check.disabled = self.check.inverted = value == THROWN
        if told:
            self.call({"source": "cutover", "detail-type": told, "detail": {}})

    def published(self, metric: str, door: str | None = None) -> dict[int, float]:
        """Return the highest value of each minute in which there was one."""
        asked = own(metric, "chatmrpt", door).query("q")
        (found,) = self.cloudwatch.get_metric_data(
            MetricDataQueries=[asked],
            StartTime=BEGAN.replace(second=0),
            EndTime=self.now + timedelta(minutes=1),
        )["MetricDataResults"]
        points = sorted(zip(found["Timestamps"], found["Values"], strict=True))
        return {
            (at - BEGAN.replace(second=0)) // timedelta(minutes=1): value for at, value in points
        }


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    with mock_aws():
        made = Rig()
        monkeypatch.setattr(observer, "_client", made.client)
        monkeypatch.setattr(observer, "_now", lambda: made.now)
        monkeypatch.setattr(moto.cloudwatch.models, "utcnow", lambda: made.now.replace(tzinfo=None))
        for name, value in {
            "SERVICE": "chatmrpt",
            "KVS_ARN": "arn",
            "SWITCH_HEALTH_CHECK_ID": "check",
            "METRIC_NAMESPACE": "Cutover",
            "SWITCH_EVERY_MINUTES": "10",
            "SAFETY_STACK": "chatmrpt-safety",
            "TRAFFIC_STACK": "chatmrpt-traffic",
        }.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def edge_only(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """A service whose other switch can tell nothing of the edge's."""
    monkeypatch.delenv("SWITCH_HEALTH_CHECK_ID")
    return rig


def test_while_it_is_released_it_is_read_each_tenth_minute_and_published_then_alone(
    rig: Rig,
) -> None:
    rig.minutes(25)
    assert rig.read == [0, 10, 20]
    assert rig.published("SwitchThrown", "edge") == {0: 0, 10: 0, 20: 0}
    assert rig.published("DoorsDisagree") == {0: 0, 10: 0, 20: 0}
    assert rig.published("SwitchThrown", "dns") == dict.fromkeys(range(25), 0)


def test_a_rollback_is_told_in_its_minute_and_what_follows_each_minute_until_it_has_settled(
    edge_only: Rig,
) -> None:
    edge_only.minutes(3)
    edge_only.now -= timedelta(seconds=30)
    edge_only.written(THROWN, told="Rolled Back")
    edge_only.now += timedelta(seconds=30)
    edge_only.minutes(5)
    edge_only.written(RELEASED, told="Released")
    edge_only.minutes(30)
    thrown = edge_only.published("SwitchThrown", "edge")
    assert [at for at, value in thrown.items() if value] == [2, 3, 4, 5, 6, 7]
    # Each minute until the last 1 is ten minutes ago, and from the last 0 on each tenth.
    assert list(thrown) == [0, *range(2, 17), 26, 36]


@pytest.mark.parametrize("told", ["Rollback Failed", "Release Failed"])
def test_a_switch_that_could_not_be_written_is_read_at_once_too(edge_only: Rig, told: str) -> None:
    edge_only.minutes(2)
    edge_only.written(RELEASED, told=told)
    assert edge_only.read == [0, 2]


def test_a_switch_that_is_thrown_in_the_console_or_whose_event_is_lost_is_noticed_in_ten_minutes(
    edge_only: Rig,
) -> None:
    for at in range(10):
        edge_only.minutes(1)
        if at == 0:
            edge_only.written(THROWN)
    assert edge_only.published("SwitchThrown", "edge") == {0: 0}
    edge_only.minutes(3)
    assert edge_only.published("SwitchThrown", "edge") == {0: 0, 10: 1, 11: 1, 12: 1}
    edge_only.written(RELEASED)
    edge_only.minutes(1)
    assert edge_only.published("SwitchThrown", "edge")[13] == 0


def test_where_the_dns_door_is_thrown_the_edge_s_is_read_though_no_event_came(rig: Rig) -> None:
    rig.minutes(2)
    rig.written(THROWN)
    rig.minutes(2)
    assert rig.published("SwitchThrown", "edge") == {0: 0, 2: 1, 3: 1}


def test_doors_that_disagree_are_told_each_minute_whichever_is_thrown(rig: Rig) -> None:
    rig.minutes(2)
    rig.check.disabled = rig.check.inverted = True
    rig.minutes(3)
    assert rig.published("DoorsDisagree") == {0: 0, 2: 1, 3: 1, 4: 1}


def test_a_store_that_cannot_be_read_counts_as_thrown_and_is_asked_each_minute(
    edge_only: Rig,
) -> None:
    edge_only.minutes(10)
    for _ in range(3):
        edge_only.store.faults = always("AccessDenied", 403)
        with pytest.raises(observer.ObserverError, match="AccessDenied"):
            edge_only.minutes(1)
        edge_only.now += timedelta(minutes=1)
    assert edge_only.published("SwitchThrown", "edge") == {0: 0, 10: 1, 11: 1, 12: 1}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda: _raise("AccessDenied"), id="refuses"),
        pytest.param(lambda: _told("PartialData", [0.0]), id="tells a part"),
        pytest.param(lambda: _told("Complete", []), id="tells nothing"),
        pytest.param(lambda: _told("Complete", [0.0, 1.0, 0.0]), id="tells of a rollback"),
    ],
)
def test_where_cloudwatch_does_not_say_that_it_is_released_it_is_read(
    edge_only: Rig, answer: Callable[[], dict[str, Any]]
) -> None:
    class Silent:
        put_metric_data = edge_only.cloudwatch.put_metric_data

        def get_metric_data(self, **_asked: Any) -> dict[str, Any]:
            return answer()

    edge_only.cloudwatch = Silent()
    edge_only.minutes(3)
    assert edge_only.read == [0, 1, 2]


def test_a_clock_that_is_behind_or_ahead_hides_no_rollback(edge_only: Rig) -> None:
    thrown = own("SwitchThrown", "chatmrpt", "edge")
    edge_only.minutes(9)
    edge_only.written(THROWN, told="Rolled Back")
    for minutes in (-5, 0, 5):
        now = edge_only.now + timedelta(minutes=minutes)
        assert not edge_switch.is_known_as_released(edge_only.cloudwatch, thrown, now, 10)


def _raise(code: str) -> dict[str, Any]:
    raise refusal(code, 403)


def _told(status: str, values: list[float]) -> dict[str, Any]:
    return {"MetricDataResults": [{"Id": "thrown", "StatusCode": status, "Values": values}]}
