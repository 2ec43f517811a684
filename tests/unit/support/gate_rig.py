"""The gate with all that it asks, as fakes, and CloudFormation's address for its answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gate import handler as gate
from shared.doors import patience
from shared.doors.dns import DnsDoor
from shared.doors.edge import EdgeDoor
from shared.inference.verdict import Verdict
from shared.readiness.finding import Check, Finding, Report
from tests.unit.support.fake_doors import FakeEvents, FakeLine, FakeRoute53, FakeStore, no_sleep

THROWN = json.dumps({"state": "thrown", "by": "alarm:x", "at": "2026-11-24T03:00:00+00:00"})


class Answers:
    """A presigned address that remembers what CloudFormation was told."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []
        answers = self

        class Receiver(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                length = int(self.headers["content-length"])
                answers.given.append(json.loads(self.rfile.read(length)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Receiver)
        self.url = f"http://127.0.0.1:{self.server.server_port}/answer"


class FakeStack:
    def __init__(self) -> None:
        self.status = "UPDATE_IN_PROGRESS"

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        return {"Stacks": [{"StackStatus": self.status}]}


class FakeAlarms:
    """DescribeAlarms of one alarm, which may be missing or refuse to be read."""

    def __init__(self) -> None:
        self.name = "chatmrpt-new-5xx-hard"
        self.state: str | None = "OK"
        self.fault: ClientError | None = None

    def describe_alarms(self, **_: object) -> dict[str, Any]:
        if self.fault is not None:
            raise self.fault
        alarm = {"AlarmName": self.name, "StateReason": "6 % of 100"}
        return {"MetricAlarms": [alarm | {"StateValue": self.state}] if self.state else []}


class FakeSns:
    def __init__(self) -> None:
        self.published: list[dict[str, str]] = []

    def publish(self, **message: str) -> None:
        self.published.append(message)


class FakeMetrics:
    """PutMetricData, which may refuse."""

    def __init__(self) -> None:
        self.put: list[dict[str, Any]] = []
        self.fault: ClientError | None = None

    def put_metric_data(self, **said: Any) -> None:
        if self.fault is not None:
            raise self.fault
        self.put.append(said)


class Clock:
    """What Lambda says of a function's time."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


SIDE = {"Url": "http://name-1.us-east-2.elb.amazonaws.com:80"}
PROPERTIES = {
    "Promotion": {"MaxStepPercent": "50", "TimeZone": "UTC", "Window": "", "Freezes": []},
    "Alarms": [{"Region": "us-east-2", "Name": "chatmrpt-new-5xx-hard"}],
    "Readiness": {
        "Service": "chatmrpt",
        "Region": "us-east-2",
        "Old": SIDE,
        "New": SIDE,
        "Endpoints": [{"Path": "/ping", "Status": "200"}],
        "Latency": {
            "Samples": "100",
            "AverageMs": "250",
            "P95Ms": "250",
            "SlowdownPercent": "25.5",
        },
        "Load": {
            "AtOnce": "10",
            "LoopSeconds": "1",
            "Rate": "20",
            "MaxRate": "200",
            "RampSeconds": "1",
            "HoldSeconds": "1",
        },
        "TimeoutSeconds": "3",
        "CertificateDays": "21",
    },
}


class Rig:
    def __init__(self, answers: Answers) -> None:
        self.alarms = FakeAlarms()
        self.sns = FakeSns()
        self.metrics = FakeMetrics()
        self.events = FakeEvents()
        self.findings = [Finding("parity:/ping", Verdict.PASS, "/ping: the same on both sides")]
        self.runs = 0
        self.answers = answers
        self.store = FakeStore({"switch": '{"state":"released"}'})
        self.route53 = FakeRoute53()
        self.stack = FakeStack()
        self.line = FakeLine()

    async def run(self, spec: Any, **_: object) -> Report:
        self.runs += 1
        assert spec.latency.slowdown_percent == 25.5
        checks = (Check("parity", tuple(self.findings)),)
        return Report("chatmrpt", "old", "new", "2026-11-24T03:00:00+00:00", 1.0, checks)

    def ask(
        self,
        before: int | None,
        after: object,
        *,
        was: dict[str, Any] | None = None,
        had: list[dict[str, Any]] | None = None,
        **changes: Any,
    ) -> tuple[str, str]:
        """Return status and reason of the answer; `was` is the earlier Decommission, if there was
        one, and `had` the earlier groups."""
        event = {
            "RequestType": "Create" if before is None else "Update",
            "ResponseURL": self.answers.url,
            "StackId": "arn:aws:cloudformation:us-east-1:1:stack/chatmrpt-traffic/1",
            "RequestId": "r",
            "LogicalResourceId": "Gate",
            "ResourceProperties": {"NewWeight": str(after), **PROPERTIES, **changes},
        }
        if before is not None:
            event["OldResourceProperties"] = {"NewWeight": str(before)}
            if was is not None:
                event["OldResourceProperties"]["Decommission"] = was
            if had:
                event["OldResourceProperties"]["Groups"] = had
            event["PhysicalResourceId"] = "Gate"
        return self.hand_over(event)

    def hand_over(self, event: dict[str, Any]) -> tuple[str, str]:
        """Return status and reason of the answer to a whole event of CloudFormation's."""
        gate.handler(event, Clock())
        (answer,) = self.answers.given
        self.answers.given.clear()
        assert answer["PhysicalResourceId"] == "Gate"
        return answer["Status"], answer["Reason"]


@pytest.fixture(name="rig")
def gate_rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    rig = Rig(Answers())
    clients = {
        "cloudfront-keyvaluestore": rig.store,
        "route53": rig.route53,
        "cloudformation": rig.stack,
        "sns": rig.sns,
        "cloudwatch": rig.metrics,
        "events": rig.events,
        "ssm": rig.line,
    }
    monkeypatch.setattr(gate, "_cloudwatch", lambda _region: rig.alarms)
    monkeypatch.setattr(gate, "run", rig.run)
    monkeypatch.setenv("ANNOUNCEMENTS_TOPIC_ARN", "arn:topic")
    monkeypatch.setattr(gate, "_client", clients.__getitem__)
    monkeypatch.setattr(patience.time, "sleep", no_sleep)
    for door in (EdgeDoor, DnsDoor):
        monkeypatch.setattr(door.__init__, "__defaults__", (no_sleep,))
    monkeypatch.setenv("SERVICE", "chatmrpt")
    monkeypatch.setenv("METRIC_NAMESPACE", "Cutover")
    monkeypatch.setenv("KVS_ARN", "arn")
    monkeypatch.setenv("LINE_PARAMETER", "/cutover/line")
    monkeypatch.setenv("SWITCH_HEALTH_CHECK_ID", "check")
    # It looks so often whether it is to end.
    serving = threading.Thread(target=rig.answers.server.serve_forever, args=(0.01,))
    serving.start()
    yield rig
    rig.answers.server.shutdown()
    serving.join()
    rig.answers.server.server_close()
