"""The report of the watch: what it counts, what it cannot know, and how it ends."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from commands import watch as command
from commands.declared import UsageError
from commands.papers.as_markdown import as_markdown
from commands.papers.watch_report import watch_report
from commands.watch import remarks
from commands.watched_days import Day, Watched, day_of, read_days
from cutover.declaration.reading.context import Cutover, read_context
from shared.alarms.history import fired
from shared.status.standing import Unread
from shared.watch.hours import HOUR, Watch
from tests.unit.support.fake_doors import refusal

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
UNTIL = NOW.replace(minute=0)
WATCH = Watch(26, 24, UNTIL - 26 * HOUR)
DAY = Day(
    since=UNTIL - 24 * HOUR,
    side="new",
    requests=123456.0,
    classes={"3xx": 10.0, "4xx": 20.0, "5xx of targets": 3.0, "5xx of the load balancer": 4.0},
    average_ms=123.4,
    worst_p95_ms=456.0,
    unread=0,
)
SEEN = Watched(WATCH, (DAY,), ())


@pytest.fixture
def cutover(context: dict[str, Any]) -> Cutover:
    (cutover,) = read_context(context)
    return cutover


def text(cutover: Cutover, feedback: tuple[str, ...] = (), **changed: Any) -> str:
    return as_markdown(watch_report(cutover, replace(SEEN, **changed), feedback, NOW))


def test_it_says_how_the_watch_went_beside_each_day(cutover: Cutover) -> None:
    said = text(cutover, ("ada: fine",))
    assert "The watch is over: everybody has been on new for 26 whole hours" in said
    assert "No: since 2026-11-23 01:00 UTC nothing was rolled back" in said
    assert "None, as far as CloudWatch keeps an alarm" in said
    assert "ada: fine" in said
    row = next(line for line in said.splitlines() if "123,456" in line)
    for held in (
        "2026-11-23 03:00",
        "new",
        "| 10 |",
        "| 20 |",
        "| 3 |",
        "| 4 |",
        "123 ms",
        "456 ms",
    ):
        assert held in row


def test_a_day_before_the_watch_has_no_star_and_missing_hours_have_a_mark(cutover: Cutover) -> None:
    earlier = replace(DAY, since=WATCH.began - HOUR, unread=2, average_ms=None)
    rows = [line for line in text(cutover, days=(earlier,)).splitlines() if "123,456" in line]
    assert "123,456?" in rows[0]
    assert "none" in rows[0]
    assert "00:00*" not in rows[0]


def test_what_broke_it_and_what_fired_is_told(cutover: Cutover) -> None:
    broken = replace(WATCH, hours=2, broken="in the hour from x the switch was thrown")
    said = text(cutover, watch=broken, fired=((NOW, "chatmrpt-new-5xx-rate"),))
    assert "Yes: in the hour from x the switch was thrown. Its hours count anew" in said
    assert "2026-11-24 03:12 UTC" in said
    assert "chatmrpt-new-5xx-rate" in said


@pytest.mark.parametrize("part", ["watch", "days", "fired"])
def test_what_cannot_be_read_is_told_and_the_rest_is_there(cutover: Cutover, part: str) -> None:
    assert "Not known: no right" in text(cutover, **{part: Unread("no right")})


def test_a_day_takes_the_health_checkers_off_and_weighs_latency_by_requests() -> None:
    hours = [UNTIL - HOUR * back for back in range(24, 0, -1)]
    by_hour: dict[str, Any] = {
        "requests": dict.fromkeys(hours[1:], 100.0) | {hours[1]: 400.0},
        "average": {hours[1]: 0.1, hours[2]: 0.5},
        "p95": {hours[1]: 0.3, hours[2]: 0.9},
        "redirects": {},
        "refused": {hours[3]: 2.0},
        "errors": {hours[3]: 5.0, UNTIL: 99.0},
        "own_errors": {},
    }
    day = day_of("new", hours[0], by_hour, 90.0)
    assert day.requests == 310 + 22 * 10
    assert day.unread == 1
    assert day.average_ms == pytest.approx(1000 * (0.1 * 400 + 0.5 * 100) / 500)
    assert day.worst_p95_ms == 900
    assert list(day.classes.values()) == [0, 2, 5, 0]


class FakeCloudWatch:
    """Everybody is on new, nobody asks anything, and one alarm fired twice."""

    def __init__(self) -> None:
        self.refused = False

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        hours = []
        at = asked["StartTime"]
        while at < asked["EndTime"]:
            hours.append(at)
            at += HOUR
        values = {"weight": 100.0, "thrown": 0.0}
        return {
            "MetricDataResults": [
                {
                    "Id": query["Id"],
                    "Timestamps": hours,
                    "Values": [values.get(query["Id"].partition("_")[0], 0.0)] * len(hours),
                }
                for query in asked["MetricDataQueries"]
            ]
        }

    def describe_alarms(self, **_: Any) -> dict[str, Any]:
        topic = "arn:aws:sns:us-east-1:123456789012:chatmrpt-alarms"
        return {
            "MetricAlarms": [
                {"AlarmName": "chatmrpt-judge", "StateValue": "OK", "AlarmActions": [topic]}
            ]
        }

    def describe_alarm_history(self, **_: Any) -> dict[str, Any]:
        if self.refused:
            raise refusal("AccessDenied", 403)
        return {
            "AlarmHistoryItems": [
                {"Timestamp": NOW, "HistorySummary": "Alarm updated from ALARM to OK"},
                {"Timestamp": NOW, "HistorySummary": "Alarm updated from OK to ALARM"},
                {
                    "Timestamp": NOW - timedelta(hours=1),
                    "HistorySummary": "Alarm updated from OK to ALARM",
                },
            ]
        }


def test_every_time_that_an_alarm_fired_is_told() -> None:
    client: Any = FakeCloudWatch()
    assert fired(client, "x", NOW) == [NOW, NOW - timedelta(hours=1)]


def test_it_reads_both_sides_the_doors_and_the_history(cutover: Cutover) -> None:
    seen = read_days(cutover, lambda _service, _region: FakeCloudWatch(), NOW)
    assert isinstance(seen.watch, Watch)
    assert (seen.watch.hours, seen.watch.over) == (192, True)
    assert not isinstance(seen.days, Unread)
    assert [day.side for day in seen.days] == ["old", "new"] * 8
    assert not isinstance(seen.fired, Unread)
    assert {name for _, name in seen.fired} == {"chatmrpt-judge"}


@pytest.mark.parametrize(("refused", "code"), [(False, 0), (True, 2)])
def test_the_exit_code_says_whether_it_is_over_and_known(
    cutover: Cutover,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    refused: bool,
    code: int,
) -> None:
    fake = FakeCloudWatch()
    fake.refused = refused
    monkeypatch.setattr(command, "_client", lambda _service, _region: fake)
    monkeypatch.setattr(command, "_now", lambda: NOW)
    assert command._report(copy.copy(cutover), None, tmp_path) == code
    assert (tmp_path / "watch-report.md").exists()
    assert "<html" in (tmp_path / "watch-report.html").read_text(encoding="utf-8")


def test_a_watch_that_is_not_over_is_1(
    cutover: Cutover, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    unfinished = replace(SEEN, watch=replace(WATCH, hours=3))
    monkeypatch.setattr(command, "read_days", lambda *_: unfinished)
    assert command._report(cutover, None, tmp_path) == 1


def test_what_people_said_is_a_line_each_and_shown(tmp_path: Path) -> None:
    file = tmp_path / "feedback.txt"
    file.write_text("ada: fine\n\n  bob: \x1b[31mslow  \n" + "x\n" * 300, encoding="utf-8")
    said = remarks(file)
    assert said[:2] == ["ada: fine", "bob: \\x1b[31mslow"]
    assert len(said) == 200


@pytest.mark.parametrize("held", [None, b"\xff\xfe\x00"])
def test_feedback_that_cannot_be_read_is_told(tmp_path: Path, held: bytes | None) -> None:
    file = tmp_path / "feedback.txt"
    if held is not None:
        file.write_bytes(held)
    with pytest.raises(UsageError, match="cannot be read"):
        remarks(file)
