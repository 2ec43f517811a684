"""The function that counts the edge's log: what it publishes, and what repeats and faults do to it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cutover.doors.edge_log import FIELDS
from fast_log import handler as fast_log
from fast_log.published import Published
from shared.properties import PropertyError
from tests.unit.support.edge_log_lines import NEW, NOW, OLD, line


class FakeCloudWatch:
    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.fault: ClientError | None = None

    def put_metric_data(self, **call: Any) -> None:
        if self.fault is not None:
            raise self.fault
        self.calls.append(call)

    def total(self, name: str, side: str | None = None) -> float:
        """Return what CloudWatch adds up of one metric."""
        of = [{"Name": "Service", "Value": "news"}]
        of += [] if side is None else [{"Name": "Side", "Value": side}]
        return sum(
            datum["Value"]
            for call in self.calls
            for datum in call["MetricData"]
            if (datum["MetricName"], datum["Dimensions"]) == (name, of)
        )


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCloudWatch]:
    for name, value in {
        "SERVICE": "news",
        "METRIC_NAMESPACE": "Cutover",
        "LOG_FIELDS": ",".join(FIELDS),
        "OLD_ORIGIN": OLD,
        "NEW_ORIGIN": NEW,
        "SLOW_MS": "1000",
        "STATIC_PATHS": "/static/*",
    }.items():
        monkeypatch.setenv(name, value)
    fake = FakeCloudWatch()
    monkeypatch.setattr(fast_log, "_client", lambda _service: fake)
    monkeypatch.setattr(fast_log, "_published", Published())
    monkeypatch.setattr(fast_log.time, "time", lambda: NOW)
    return fake


def event(lines: Sequence[str], *, first: int = 0, shard: str = "shardId-000000000000") -> Any:
    """Return what Lambda hands over (Lambda Developer Guide, with-kinesis)."""
    return {
        "Records": [
            {
                "eventID": f"{shard}:{first + number}",
                "kinesis": {"data": base64.b64encode(text.encode()).decode()},
            }
            for number, text in enumerate(lines)
        ]
    }


def test_each_sum_is_stamped_with_its_own_ten_seconds_and_kept_by_the_second(
    cloudwatch: FakeCloudWatch,
) -> None:
    answer = fast_log.handler(event([line("a"), line("b", sc_status="500")]), None)
    assert answer == {"counted": 2, "unread": 0, "late": 0, "repeated": 0}
    (call,) = cloudwatch.calls
    assert call["Namespace"] == "Cutover"
    (errors,) = [
        datum
        for datum in call["MetricData"]
        if datum["MetricName"] == "EdgeErrors" and datum["Dimensions"][1]["Value"] == "new"
    ]
    assert (errors["Value"], errors["StorageResolution"]) == (1.0, 1)
    assert errors["Timestamp"].timestamp() == 1_795_000_000
    assert cloudwatch.total("LogRecords") == 2
    assert cloudwatch.total("LogAge") == 2


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        "x",
        {},
        {"eventID": None, "kinesis": None},
        {"eventID": "shardId-000000000000:x", "kinesis": {"data": "?"}},
        {"eventID": "shardId-000000000000:9" + "9" * 5000, "kinesis": {"data": None}},
        {"eventID": "shardId-000000000000:7", "kinesis": {"data": "YQ"}},
        {"eventID": "shardId-000000000000:7", "kinesis": {"data": base64.b64encode(b"\xff\x00")}},
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_damaged_record_is_counted_and_loses_no_other(
    cloudwatch: FakeCloudWatch, damaged: Any, place: int
) -> None:
    batch = event([line("a"), line("b")])
    batch["Records"].insert(place, damaged)
    answer = fast_log.handler(batch, None)
    assert (answer["counted"], answer["unread"]) == (2, 1)
    assert cloudwatch.total("EdgeRequests", "new") == 2
    assert cloudwatch.total("LogUnread") == 1


@pytest.mark.parametrize("ahead", [61, 10**5, 10**12, 10**300])
def test_a_line_from_the_future_is_not_read_and_loses_no_other(
    cloudwatch: FakeCloudWatch, ahead: int
) -> None:
    """CloudWatch refuses a call of which one time is too far ahead."""
    lines = [line("a"), line("b", timestamp=f"{NOW + ahead:.3f}"), line("c")]
    answer = fast_log.handler(event(lines), None)
    assert (answer["counted"], answer["unread"]) == (2, 1)


@pytest.mark.parametrize("wrong", [None, [], {}, {"Records": None}, {"Records": "x"}])
def test_what_is_no_batch_gets_a_sentence(cloudwatch: FakeCloudWatch, wrong: Any) -> None:
    with pytest.raises(PropertyError, match="Records is"):
        fast_log.handler(wrong, None)
    assert cloudwatch.calls == []


def test_a_full_batch_fits_one_call(cloudwatch: FakeCloudWatch) -> None:
    """CloudWatch takes 1,000 metrics a call (CloudWatch API reference, PutMetricData)."""
    lines = [line(f"r{n}", timestamp=f"{NOW - n % 60:.3f}") for n in range(1000)]
    fast_log.handler(event(lines), None)
    (call,) = cloudwatch.calls
    assert len(call["MetricData"]) < 100


def test_a_batch_that_lambda_hands_over_again_is_seen_and_counts_once(
    cloudwatch: FakeCloudWatch,
) -> None:
    batch = event([line("a", sc_status="500"), line("b")])
    fast_log.handler(batch, None)
    answer = fast_log.handler(batch, None)
    assert answer["repeated"] == 2
    assert cloudwatch.total("EdgeErrors", "new") == 1
    assert cloudwatch.total("EdgeRequests", "new") == 2
    assert cloudwatch.total("LogRepeated") == 2


def test_the_next_batch_of_the_shard_and_the_other_shard_s_are_no_repeats(
    cloudwatch: FakeCloudWatch,
) -> None:
    fast_log.handler(event([line("a")]), None)
    fast_log.handler(event([line("b")], first=1), None)
    fast_log.handler(event([line("c")], shard="shardId-000000000001"), None)
    assert cloudwatch.total("EdgeRequests", "new") == 3


def test_a_batch_that_could_not_be_published_is_counted_when_it_comes_again(
    cloudwatch: FakeCloudWatch,
) -> None:
    batch = event([line("a"), line("b")])
    cloudwatch.fault = ClientError({"Error": {"Code": "Throttling", "Message": ""}}, "Put")
    with pytest.raises(ClientError):
        fast_log.handler(batch, None)
    cloudwatch.fault = None
    # Lambda halves it.
    fast_log.handler(event([line("a")]), None)
    fast_log.handler(event([line("b")], first=1), None)
    assert cloudwatch.total("EdgeRequests", "new") == 2
    assert cloudwatch.total("LogRepeated") == 0


def test_a_record_that_cannot_be_read_is_told_and_holds_up_nothing(
    cloudwatch: FakeCloudWatch, caplog: pytest.LogCaptureFixture
) -> None:
    batch = event([line("a"), "something else"])
    batch["Records"].append(
        {"eventID": "shardId-0:9", "kinesis": {"data": base64.b64encode(b"\xff\xfe").decode()}}
    )
    answer = fast_log.handler(batch, None)
    assert (answer["counted"], answer["unread"]) == (1, 2)
    assert cloudwatch.total("LogUnread") == 2
    assert caplog.records[-1].message == "unread"


def test_several_lines_in_one_record_are_each_counted(cloudwatch: FakeCloudWatch) -> None:
    assert fast_log.handler(event([line("a") + line("b")]), None)["counted"] == 2
