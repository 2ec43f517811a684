"""The judge with the edge's log, on the real client: whole minutes are the log's, all others the load
balancers'."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from moto import mock_aws

from judge import handler as judge
from tests.unit.support.fake_doors import refusal

NOW = 1_900_000_037
UNTIL = NOW - 60 - 17
MINUTES = 20
BALANCERS = {
    side: {"LoadBalancer": f"app/{side}/0123", "TargetGroup": f"targetgroup/{side}/0123"}
    for side in ("old", "new")
}
ASKED = {"old": 540, "new": 60}
"""A minute, by viewers; 90 probes come on top in the load balancers' counts."""
FAILED = {"old": 11, "new": 5}
"""2 % and 8 %; of all requests 2 % and 3 %."""


class Metrics:
    """Publishes what the load balancers, the log's function and Lambda do, and may refuse a read."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.refused = ""

    def put(
        self, namespace: str, dimensions: dict[str, str], at: int, values: dict[str, float]
    ) -> None:
        of = [{"Name": name, "Value": value} for name, value in dimensions.items()]
        when = datetime.fromtimestamp(at, UTC)
        self.client.put_metric_data(
            Namespace=namespace,
            MetricData=[
                {"MetricName": name, "Dimensions": of, "Timestamp": when, "Value": value}
                for name, value in values.items()
            ],
        )

    def balancers(self) -> None:
        for side, back in ((s, b) for s in ASKED for b in range(1, MINUTES + 1)):
            counts = {
                "RequestCount": ASKED[side] + 90.0,
                "HTTPCode_Target_5XX_Count": float(FAILED[side]),
            }
            self.put("AWS/ApplicationELB", BALANCERS[side], UNTIL - 60 * back, counts)

    def log(self, minutes: int = MINUTES) -> None:
        """Publish the first and the last ten seconds of each of the newest minutes, half of it in each."""
        for back, part in ((b, p) for b in range(1, minutes + 1) for p in (0, 50)):
            at = UNTIL - 60 * back + part
            for side, asked in ASKED.items():
                counts = {
                    "EdgeRequests": asked / 2,
                    "EdgeErrors": FAILED[side] / 2,
                    "Edge4xx": 0.0,
                }
                self.put("Cutover", {"Service": "news", "Side": side}, at, counts)
            self.put("Cutover", {"Service": "news"}, at, {"LogRecords": 300.0, "LogUnread": 0.0})

    def get_metric_data(self, **request: Any) -> Any:
        asked = {
            query["MetricStat"]["Metric"]["MetricName"] for query in request["MetricDataQueries"]
        }
        if self.refused in asked:
            raise refusal("AccessDenied", 403)
        return self.client.get_metric_data(**request)

    def put_metric_data(self, **request: Any) -> Any:
        return self.client.put_metric_data(**request)


@pytest.fixture
def metrics(monkeypatch: pytest.MonkeyPatch) -> Iterator[Metrics]:
    for name, value in {
        "SERVICE": "news",
        "METRIC_NAMESPACE": "Cutover",
        "METRICS_REGION": "us-east-1",
        "OLD_LOAD_BALANCER": BALANCERS["old"]["LoadBalancer"],
        "OLD_TARGET_GROUP": BALANCERS["old"]["TargetGroup"],
        "NEW_LOAD_BALANCER": BALANCERS["new"]["LoadBalancer"],
        "NEW_TARGET_GROUP": BALANCERS["new"]["TargetGroup"],
        "PROBES_A_MINUTE": "90",
        "MOST_PROBES_A_MINUTE": "120",
        "DOORS": "edge",
        "LOOKBACK_MINUTES": "10",
        "MINIMUM_REQUESTS": "50",
        "FALSE_ALARMS_PER_WATCH": "0.1",
        "SLOWDOWN_PERCENT": "25",
        "MORE_4XX_POINTS": "2",
        "MORE_3XX_POINTS": "5",
        "DRY_RUN": "false",
        "FAST_LOG_FUNCTION": "news-fast-log",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(judge.time, "time", lambda: NOW)
    with mock_aws():
        made = Metrics(boto3.client("cloudwatch", region_name="us-east-1"))
        monkeypatch.setattr(judge, "_client", lambda *_: made)
        made.balancers()
        yield made


def said() -> Any:
    return judge.handler({"action": "verdict"}, None)


def test_new_whose_viewers_fail_among_probes_is_seen_by_the_log(metrics: Metrics) -> None:
    metrics.log()
    told = said()
    assert told["verdict"] == "FAIL"
    assert "New fails 8.33 % of its viewers' requests" in told["reasons"][0]


def test_without_a_declared_log_it_is_not_asked_for(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FAST_LOG_FUNCTION")
    metrics.log()
    metrics.refused = "EdgeRequests"
    assert "viewers" not in said()["reasons"][0]


@pytest.mark.parametrize("fault", ["silent", "an hour late", "its function fails", "unread"])
def test_where_the_log_fails_it_is_as_without_it(
    metrics: Metrics, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setenv("FAST_LOG_FUNCTION", "")
    without = said()
    monkeypatch.setenv("FAST_LOG_FUNCTION", "news-fast-log")
    if fault not in {"silent", "an hour late"}:
        metrics.log()
    for back in range(MINUTES + 1):
        at = UNTIL - 60 * back
        if fault == "an hour late":
            metrics.put("Cutover", {"Service": "news"}, at, {"LogLate": 600.0})
        elif fault == "unread":
            metrics.put("Cutover", {"Service": "news"}, at, {"LogUnread": 1.0})
        elif fault == "its function fails":
            metrics.put("AWS/Lambda", {"FunctionName": "news-fast-log"}, at, {"Errors": 1.0})
    assert said() == without
    assert without["verdict"] == "INCONCLUSIVE"


def test_minutes_before_the_log_was_turned_on_are_the_load_balancers_(metrics: Metrics) -> None:
    metrics.log(5)
    told = said()
    assert told["errors"]["new"]["requests"] == 10 * 60
    assert "users' requests" in told["reasons"][0]


def test_a_log_that_cannot_be_read_is_inconclusive_and_loud(metrics: Metrics) -> None:
    metrics.log()
    metrics.refused = "EdgeRequests"
    assert "AccessDenied" in said()["reasons"][0]
    with pytest.raises(judge.JudgeError, match="AccessDenied"):
        judge.handler({}, None)
