"""The rollback function with fakes behind it and a clock that does not make one wait."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from cutover.paths import ROOT
from rollback import clock, handler, settings
from rollback.call import ALIASES
from shared.doors import patience
from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from shared.doors.switch import parse
from tests.unit.support.fake_doors import (
    FakeEvents,
    FakeRoute53,
    FakeSns,
    FakeStore,
    no_sleep,
    refusal,
)

ARN = "arn:aws:lambda:us-east-1:123456789012:function:chatmrpt-rollback"
REQUEST = "5f2b6f1e-0000-4000-8000-8f2a1d3c4b5a"
EVENTS = ROOT / "tests" / "events"
ALARM: dict[str, Any] = json.loads((EVENTS / "alarm_action.json").read_text(encoding="utf-8"))
SNS_ALARM: dict[str, Any] = json.loads((EVENTS / "sns_alarm.json").read_text(encoding="utf-8"))
BY_HAND = {"action": "roll_back", "by": "ada", "reason": "checkout is broken"}
RELEASE = {"action": "release", "by": "grace", "reason": "fixed in build 512"}
MUTE = {"action": "mute", "minutes": 30, "by": "ada", "reason": "load test"}
UNMUTE = {"action": "unmute", "by": "ada", "reason": "load test is over"}
POINT = '{"reason": "orders are written to the new schema", "by": "ada", "on": "2026-11-24"}'
STARTED = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def alarm(value: str, at: datetime | None = None) -> dict[str, Any]:
    """Return the direct alarm action with another state, since `at`."""
    state = {"value": value} | ({} if at is None else {"timestamp": at.isoformat()})
    return {**ALARM, "alarmData": {**ALARM["alarmData"], "state": state}}


def called_by(alias: str | None) -> SimpleNamespace:
    """Return what Lambda says of a call by `alias`."""
    qualifier = f":{alias}" if alias else ""
    return SimpleNamespace(invoked_function_arn=f"{ARN}{qualifier}", aws_request_id=REQUEST)


class FakeCloudWatch:
    """Metrics by id, newest last, one a minute up to now; and one alarm's state.

    `faults` by operation are raised for good; `before` runs ahead of each answer.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self.values: dict[str, list[float]] = {}
        self.alarm = "ALARM"
        self.period = 60
        self.faults: dict[str, str] = {}
        self.before: Callable[[], object] = lambda: None
        self.looks = 0

    def _fault(self, operation: str) -> None:
        self.before()
        if operation in self.faults:
            raise refusal(self.faults[operation])

    def get_metric_data(self, **query: Any) -> dict[str, Any]:
        self._fault("GetMetricData")
        self.looks += 1
        minute = self._now().replace(second=0, microsecond=0)
        results = []
        for asked in query["MetricDataQueries"]:
            values = self.values.get(asked["Id"], [])
            ago = range(len(values), 0, -1)
            results.append(
                {
                    "Id": asked["Id"],
                    "Timestamps": [minute - timedelta(minutes=back) for back in ago],
                    "Values": values,
                }
            )
        return {"MetricDataResults": results}

    def describe_alarms(self, **query: Any) -> dict[str, Any]:
        self._fault("DescribeAlarms")
        (name,) = query["AlarmNames"]
        alarm = {"AlarmName": name, "StateValue": self.alarm, "Period": self.period}
        found = [alarm] if self.alarm else []
        return {"MetricAlarms": found, "CompositeAlarms": []}

    def describe_alarm_history(self, **_query: Any) -> dict[str, Any]:
        self._fault("DescribeAlarmHistory")
        item = {"Timestamp": self._now(), "HistorySummary": "Alarm updated from OK to ALARM"}
        return {"AlarmHistoryItems": [item]}


class FakeS3:
    """Remembers what was put, or refuses."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.refuses = False

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803
        if self.refuses:
            raise refusal("AccessDenied", 403)
        self.objects[f"s3://{Bucket}/{Key}"] = json.loads(Body)


class FakeWeights:
    """The deployed weight, and the calls by which somebody other than CloudFormation could move it."""

    def __init__(self) -> None:
        self.value = 0

    def change_resource_record_sets(self, **_request: Any) -> None:
        self.value = -1

    update_function = publish_function = update_distribution = change_resource_record_sets


class Rig:
    """The function, with fakes behind it: whatever else it calls is an error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = STARTED
        self.during_sleep: Callable[[], object] = lambda: None
        self.slept = 0.0
        self.store = FakeStore({"switch": '{"state":"released"}'})
        self.route53 = FakeRoute53()
        self.sns = FakeSns()
        self.events = FakeEvents()
        self.s3 = FakeS3()
        self.cloudwatch = FakeCloudWatch(lambda: self.now)
        self.weights = FakeWeights()
        self.route53.change_resource_record_sets = (  # type: ignore[attr-defined]
            self.weights.change_resource_record_sets
        )
        self.patch = monkeypatch
        clients = {
            "cloudfront-keyvaluestore": self.store,
            "route53": self.route53,
            "sns": self.sns,
            "events": self.events,
            "s3": self.s3,
            "cloudwatch": self.cloudwatch,
            "cloudfront": self.weights,
        }
        for name, value in {
            "SERVICE": "chatmrpt",
            "KVS_ARN": "arn:aws:cloudfront::1:key-value-store/chatmrpt-switch",
            "ANNOUNCEMENTS_TOPIC_ARN": "arn:aws:sns:us-east-1:1:announcements",
            "SWITCH_HEALTH_CHECK_ID": "check",
            "SERVICE_REGION": "us-east-2",
            "OLD_LOAD_BALANCER": "app/old/1",
            "OLD_TARGET_GROUP": "targetgroup/old/1",
            "NEW_LOAD_BALANCER": "app/new/1",
            "NEW_TARGET_GROUP": "targetgroup/new/1",
            "OLD_ENTRY_HEALTH_CHECK_ID": "old-entry",
            "COOL_DOWN_SECONDS": "120",
            "EVIDENCE_BUCKET": "evidence",
        }.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(settings, "client", lambda service, _region=None: clients[service])
        monkeypatch.setattr(patience.time, "sleep", no_sleep)
        for door in (EdgeDoor, DnsDoor):
            monkeypatch.setattr(door.__init__, "__defaults__", (no_sleep,))
        monkeypatch.setattr(clock, "now", lambda: self.now)
        monkeypatch.setattr(clock, "sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += timedelta(seconds=seconds)
        self.slept += seconds
        self.during_sleep()

    def call(self, event: object, alias: str | None = None) -> dict[str, Any]:
        """Call the function by `alias`; None: as an alarm does, or a person, by the action's."""
        if alias is None and isinstance(event, dict):
            asked = event.get("action")
            alias = "mute" if asked == "unmute" else asked if asked in ALIASES else None
        answer = handler.handler(event, called_by(alias))
        json.dumps(answer)  # Lambda answers in JSON
        return answer

    def old_is(self, *, healthy: float, requests: float = 300, errors: float = 0) -> None:
        """Set what old's load balancer reports for the last three minutes."""
        self.cloudwatch.values |= {
            "old_healthy": [healthy] * 3,
            "old_requests": [requests] * 3,
            "old_target_errors": [errors] * 3 if errors else [],
        }

    @property
    def edge(self) -> str:
        return parse(self.store.items["switch"]).state

    @property
    def dns(self) -> str:
        flags = (self.route53.disabled, self.route53.inverted)
        return {(True, True): "thrown", (False, False): "released"}.get(flags, "half-way")

    @property
    def both(self) -> tuple[str, str]:
        return self.edge, self.dns

    @property
    def subjects(self) -> list[str]:
        return [told["Subject"] for told in self.sns.published]
