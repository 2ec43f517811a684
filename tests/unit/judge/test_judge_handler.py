"""The judge reads all metrics or says so, publishes its verdict, and in a dry run rolls nothing back."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from judge import handler as judge
from judge import reading
from judge.latency import bounds
from judge.minutes import Minute
from judge.side import Side
from shared.doors import patience
from shared.metrics import SideMetrics
from tests.unit.support.fake_doors import always, no_sleep, refusal
from tests.unit.support.judged_minutes import minutes

NOW = 1_900_000_037
UNTIL = NOW - 60 - 17
SIDES = {
    "old": ("app/old/0123456789abcdef", "targetgroup/old/0123456789abcdef"),
    "new": ("app/new/0123456789abcdef", "targetgroup/new/0123456789abcdef"),
}


class FakeCloudWatch:
    """Answers GetMetricData for two sides and one door, in pages of so many results, and keeps what is
    published. `faults` are raised first, one a call; `bend` may change each value; of the metric `halved` the
    first page tells one half, and says so."""

    def __init__(self) -> None:
        self.sides: dict[str, list[Minute]] = {side: minutes(60, 500, 1) for side in SIDES}
        self.weight, self.thrown = 50.0, [0.0] * 60
        self.weights: list[float] = []
        self.page = 40
        self.halved = ""
        self.faults: list[ClientError] = []
        self.status: dict[str, str] = {}
        self.bend: Callable[[str, float], float | None] = lambda _id, value: value
        self.asked: list[dict[str, Any]] = []
        self.published: dict[str, float] = {}

    def get_metric_data(self, **request: Any) -> dict[str, Any]:
        if self.faults:
            raise self.faults.pop(0)
        self.asked.append(request)
        begin = int(request.get("NextToken", "0"))
        queries = request["MetricDataQueries"]
        results = [self._result(query, request) for query in queries[begin : begin + self.page]]
        last = begin + self.page >= len(queries)
        if last and self.halved:
            results += [
                _half(self._result(query, request), 1)
                for query in queries
                if query["Id"] == self.halved
            ]
        results = [
            _half(result, 0) if result["Id"] == self.halved and not last else result
            for result in results
        ]
        answer: dict[str, Any] = {"MetricDataResults": results}
        if not last:
            answer["NextToken"] = str(begin + self.page)
        return answer

    def _result(self, query: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        starts = range(
            int(request["StartTime"].timestamp()), int(request["EndTime"].timestamp()), 60
        )
        points = [
            (start, value)
            for start in starts
            if (back := (start - UNTIL) // 60) >= -60
            and (value := self._value(query, back)) is not None
        ]
        return {
            "Id": query["Id"],
            "StatusCode": self.status.get(query["Id"], "Complete"),
            "Timestamps": [datetime.fromtimestamp(start, UTC) for start, _ in points],
            "Values": [value for _, value in points],
        }

    def _value(self, query: dict[str, Any], back: int) -> float | None:
        stat = query["MetricStat"]
        name = stat["Metric"]["MetricName"]
        if name in {"DeclaredWeight", "SwitchThrown"}:
            if name == "SwitchThrown":
                return self.thrown[back]
            return self.weights[back] if self.weights else self.weight
        assert stat["Period"] == 60
        side = query["Id"].split("_")[0]
        dimensions = {d["Name"]: d["Value"] for d in stat["Metric"]["Dimensions"]}
        balancer, group = SIDES[side]
        expected = {"LoadBalancer": balancer}
        if name != "HTTPCode_ELB_5XX_Count":
            expected["TargetGroup"] = group
        assert dimensions == expected
        value = self._of(self.sides[side][back], name, stat["Stat"])
        return value if value is None else self.bend(query["Id"], value)

    @staticmethod
    def _of(minute: Minute, name: str, stat: str) -> float | None:
        if name == "RequestCount":
            return float(minute.requests) or None
        answers = {"2XX": minute.succeeded, "3XX": minute.redirected, "4XX": minute.refused}
        for kind, count in answers.items():
            if name == f"HTTPCode_Target_{kind}_Count":
                return float(count) or None
        if name == "HTTPCode_Target_5XX_Count":
            return float(minute.errors) or None
        if name == "TargetResponseTime" and minute.times:
            if stat == "SampleCount":
                return sum(minute.times)
            limit = float(stat.removeprefix("PR(:").removesuffix(")"))
            index = _class_below(limit)
            return 100 * sum(minute.times[: index + 1]) / sum(minute.times)
        return None

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803
        if self.faults:
            raise self.faults.pop(0)
        assert Namespace == "Cutover"
        for datum in MetricData:
            assert datum["Dimensions"] == [{"Name": "Service", "Value": "chatmrpt"}]
            self.published[datum["MetricName"]] = datum["Value"]


@cache
def _class_below(limit: float) -> int:
    """Return the class that ends at `limit`; old is asked for bounds that are divided by 1.25, and its
    classes are made for those."""
    ends = [(index, end) for index, bound in enumerate(bounds()) for end in (bound, bound / 1.25)]
    return min(ends, key=lambda known: abs(known[1] - limit))[0]


def _half(result: dict[str, Any], which: int) -> dict[str, Any]:
    """Return the first or the second half of what is told of a metric."""
    part = slice(30, None) if which else slice(30)
    return result | {
        "StatusCode": "Complete" if which else "PartialData",
        "Timestamps": result["Timestamps"][part],
        "Values": result["Values"][part],
    }


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> FakeCloudWatch:
    fake = FakeCloudWatch()
    monkeypatch.setattr(judge, "_client", lambda *_: fake)
    monkeypatch.setattr(judge.time, "time", lambda: NOW)
    monkeypatch.setattr(reading, "patiently", partial(patience.patiently, sleep=no_sleep))
    for name, value in {
        "SERVICE": "chatmrpt",
        "METRIC_NAMESPACE": "Cutover",
        "METRICS_REGION": "us-east-2",
        "OLD_LOAD_BALANCER": SIDES["old"][0],
        "OLD_TARGET_GROUP": SIDES["old"][1],
        "NEW_LOAD_BALANCER": SIDES["new"][0],
        "NEW_TARGET_GROUP": SIDES["new"][1],
        "PROBES_A_MINUTE": "0",
        "MOST_PROBES_A_MINUTE": "0",
        "DOORS": "edge",
        "LOOKBACK_MINUTES": "10",
        "MINIMUM_REQUESTS": "50",
        "FALSE_ALARMS_PER_WATCH": "0.1",
        "SLOWDOWN_PERCENT": "25",
        "MORE_4XX_POINTS": "2",
        "MORE_3XX_POINTS": "5",
        "DRY_RUN": "false",
    }.items():
        monkeypatch.setenv(name, value)
    return fake


def test_equal_sides_pass_and_are_published(cloudwatch: FakeCloudWatch) -> None:
    said = judge.handler({}, None)
    assert said["verdict"] == "PASS"
    assert said["share"] == {"seen": 50, "declared": {"edge": 50}, "off": False}
    assert said["latency"]["new"]["requests"] == 5000
    assert cloudwatch.published == {
        "JudgeVerdict": 0,
        "JudgeFail": 0,
        "JudgeWouldFail": 0,
        "JudgeInconclusive": 0,
        "JudgeShareOff": 0,
        "JudgeMore4xx": 0,
        "JudgeMore3xx": 0,
    }


def test_sides_in_two_regions_are_each_asked_there_and_the_share_is_published(
    cloudwatch: FakeCloudWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    places: dict[str | None, FakeCloudWatch] = {
        region: FakeCloudWatch() for region in (None, "us-east-2", "eu-west-1")
    }
    monkeypatch.setattr(judge, "_client", lambda _service, region=None: places[region])
    monkeypatch.setenv("NEW_REGION", "eu-west-1")
    said = judge.handler({}, None)
    assert (said["verdict"], said["share"]["seen"]) == ("PASS", 50)
    assert said["latency"]["new"]["requests"] == 5000
    asked = {
        region: {
            query["Id"].split("_")[0]
            for request in place.asked
            for query in request["MetricDataQueries"]
        }
        for region, place in places.items()
    }
    assert asked == {None: {"weight", "thrown"}, "us-east-2": {"old"}, "eu-west-1": {"new"}}
    assert places[None].published["JudgeShare"] == 50
    assert not places["eu-west-1"].published


def test_only_whole_minutes_that_are_settled_are_read_in_few_calls(
    cloudwatch: FakeCloudWatch,
) -> None:
    cloudwatch.page = 500
    said = judge.handler({}, None)
    asked = [
        (
            len(request["MetricDataQueries"]),
            (request["EndTime"] - request["StartTime"]).total_seconds() / 3600,
        )
        for request in cloudwatch.asked
    ]
    # The weights of a whole watch, the counts of six hours, the response times of one.
    assert asked == [(2, 24), (12, 6), (2 * (1 + len(bounds())), 1)]
    assert {request["EndTime"].timestamp() for request in cloudwatch.asked} == {UNTIL}
    assert NOW - UNTIL >= judge.SETTLED_SECONDS
    assert said["at"] == datetime.fromtimestamp(UNTIL, UTC).isoformat()


def test_a_worse_side_fails_and_the_alarm_hears_it(cloudwatch: FakeCloudWatch) -> None:
    cloudwatch.sides["new"] = minutes(57, 500, 1) + minutes(3, 500, 50)
    assert judge.handler({}, None)["verdict"] == "FAIL"
    assert cloudwatch.published["JudgeVerdict"] == 2
    assert cloudwatch.published["JudgeFail"] == 1
    assert cloudwatch.published["JudgeWouldFail"] == 0


def test_a_slower_side_fails(cloudwatch: FakeCloudWatch) -> None:
    cloudwatch.sides["new"] = minutes(50, 500, 1) + minutes(10, 500, 1, slower=2)
    said = judge.handler({}, None)
    assert said["verdict"] == "FAIL"
    assert "slower than it may be" in said["reasons"][2]


def test_new_that_refuses_every_write_fails_and_the_difference_is_published(
    cloudwatch: FakeCloudWatch,
) -> None:
    cloudwatch.sides = {
        "old": minutes(60, 500, refused=10),
        "new": minutes(50, 500, refused=10) + minutes(10, 500, refused=110),
    }
    said = judge.handler({}, None)
    assert said["verdict"] == "FAIL"
    assert "New answers 4xx to 22.00 % of its requests" in said["reasons"][1]
    assert said["classes"]["new"] == {
        "requests": 5000,
        "2xx": pytest.approx(78),
        "3xx": 0,
        "4xx": pytest.approx(22),
        "5xx": 0,
    }
    assert cloudwatch.published["JudgeFail"] == 1
    assert cloudwatch.published["JudgeMore4xx"] == pytest.approx(20)
    assert cloudwatch.published["JudgeMore3xx"] == 0


def test_no_difference_is_published_where_new_answered_nobody(cloudwatch: FakeCloudWatch) -> None:
    cloudwatch.sides["new"] = minutes(60, 0, times=False)
    judge.handler({}, None)
    assert "JudgeMore4xx" not in cloudwatch.published


def test_in_a_dry_run_the_alarm_stays_silent(
    cloudwatch: FakeCloudWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRY_RUN", "true")
    cloudwatch.sides["new"] = minutes(60, 500, 50)
    said = judge.handler({}, None)
    assert (said["verdict"], said["dry_run"]) == ("FAIL", True)
    assert cloudwatch.published["JudgeVerdict"] == 2
    assert cloudwatch.published["JudgeFail"] == 0
    assert cloudwatch.published["JudgeWouldFail"] == 1


def test_asked_for_the_verdict_it_publishes_nothing(cloudwatch: FakeCloudWatch) -> None:
    said = judge.handler({"action": "verdict"}, None)
    assert said["verdict"] == "PASS"
    assert not cloudwatch.published
    assert "error" in judge.handler({"action": "acquit"}, None)


def test_eventbridge_is_no_request(cloudwatch: FakeCloudWatch) -> None:
    judge.handler({"source": "aws.events", "detail-type": "Scheduled Event"}, None)
    assert cloudwatch.published


def test_a_throttle_is_waited_out(cloudwatch: FakeCloudWatch) -> None:
    cloudwatch.faults = [refusal("Throttling"), refusal("InternalServiceError", 500)]
    assert judge.handler({}, None)["verdict"] == "PASS"


@pytest.mark.parametrize("fault", ["throttled", "denied", "partial", "internal"])
def test_metrics_that_cannot_be_read_are_inconclusive_and_loud(
    cloudwatch: FakeCloudWatch, fault: str
) -> None:
    if fault == "throttled":
        cloudwatch.faults = always("Throttling")[: patience.ATTEMPTS]
    elif fault == "denied":
        cloudwatch.faults = [refusal("AccessDenied", 403)]
    else:
        status = {"partial": "PartialData", "internal": "InternalError"}[fault]
        cloudwatch.status = {"new_rank7": status, "new_timed": status}
    with pytest.raises(
        judge.JudgeError,
        match=r"CloudWatch (does not answer for the metrics|answers only in part for new_rank7)",
    ):
        judge.handler({}, None)
    assert cloudwatch.published["JudgeVerdict"] == 1
    assert cloudwatch.published["JudgeFail"] == 0


def test_asked_for_the_verdict_it_answers_why_it_cannot_tell(cloudwatch: FakeCloudWatch) -> None:
    cloudwatch.faults = [refusal("AccessDenied", 403)]
    said = judge.handler({"action": "verdict"}, None)
    assert said["verdict"] == "INCONCLUSIVE"
    assert "AccessDenied" in said["reasons"][0]


def test_a_metric_that_one_page_tells_in_part_is_completed_by_the_next(
    cloudwatch: FakeCloudWatch,
) -> None:
    cloudwatch.halved = "old_requests"
    said = judge.handler({}, None)
    assert said["verdict"] == "PASS"
    assert said["errors"]["old"]["requests"] == 5000


def test_values_that_are_no_numbers_are_taken_as_missing(cloudwatch: FakeCloudWatch) -> None:
    cloudwatch.bend = lambda id_, value: math.nan if id_ == "new_rank5" else value
    said = judge.handler({}, None)
    assert said["verdict"] == "INCONCLUSIVE"
    assert "New reported the time of no request" in said["reasons"][2]
    assert cloudwatch.published["JudgeInconclusive"] == 1


def test_no_traffic_on_new_leaves_nothing_to_compare(cloudwatch: FakeCloudWatch) -> None:
    cloudwatch.weight = 0
    cloudwatch.sides["new"] = minutes(60, 0, times=False)
    said = judge.handler({}, None)
    assert said["verdict"] == "INCONCLUSIVE"
    assert said["reasons"] == [
        "New answered no request in the last 10 minutes: there is nothing to compare.",
        "New answers 0 % of the requests; declared: 0 % at edge.",
    ]


def test_probes_of_three_endpoints_and_no_user_leave_nothing_to_compare(
    cloudwatch: FakeCloudWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloudwatch.sides = {side: minutes(60, 270) for side in SIDES}
    assert judge.handler({}, None)["verdict"] == "PASS"
    monkeypatch.setenv("PROBES_A_MINUTE", "270")
    monkeypatch.setenv("MOST_PROBES_A_MINUTE", "360")
    said = judge.handler({}, None)
    assert said["verdict"] == "INCONCLUSIVE"
    assert "0 are surely users'" in said["reasons"][0]
    assert said["share"] == {"seen": None, "declared": {"edge": 50}, "off": False}
    assert cloudwatch.published["JudgeVerdict"] == 1


@pytest.mark.parametrize("without_users", ["old", "new"])
def test_where_one_side_has_too_few_users_response_times_are_not_asked_for(
    cloudwatch: FakeCloudWatch, monkeypatch: pytest.MonkeyPatch, without_users: str
) -> None:
    """At 0 % new has none, at 100 % old: what is said is what is said with response times at hand."""
    monkeypatch.setenv("PROBES_A_MINUTE", "270")
    monkeypatch.setenv("MOST_PROBES_A_MINUTE", "360")
    cloudwatch.page = 500
    cloudwatch.sides[without_users] = minutes(60, 270)
    said = judge.handler({}, None)
    assert [len(request["MetricDataQueries"]) for request in cloudwatch.asked] == [2, 12]
    assert said["verdict"] == "INCONCLUSIVE"
    assert said["latency"][without_users] == {"requests": None, "median_ms": None}
    monkeypatch.setattr(judge, "too_few_now", lambda *_: "")
    assert judge.handler({}, None) == said
    assert len(cloudwatch.asked[-1]["MetricDataQueries"]) == 2 * (1 + len(bounds()))


def test_once_both_have_users_the_whole_hour_of_response_times_is_read(
    cloudwatch: FakeCloudWatch,
) -> None:
    cloudwatch.page = 500
    cloudwatch.sides["new"] = minutes(59, 4) + minutes(1, 40)
    judge.handler({}, None)
    times = cloudwatch.asked[-1]
    assert len(times["MetricDataQueries"]) == 2 * (1 + len(bounds()))
    assert (times["EndTime"] - times["StartTime"]).total_seconds() == 3600
    cloudwatch.sides["new"] = minutes(59, 4) + minutes(1, 10)
    judge.handler({}, None)
    assert len(cloudwatch.asked[-1]["MetricDataQueries"]) == 12


def test_what_was_before_the_switch_was_thrown_is_forgotten(cloudwatch: FakeCloudWatch) -> None:
    cloudwatch.sides["new"] = minutes(56, 500, 100) + minutes(4, 500, 1)
    assert judge.handler({}, None)["verdict"] == "FAIL"
    cloudwatch.thrown = [0.0] * 50 + [1.0] * 6 + [0.0] * 4
    assert judge.handler({}, None)["verdict"] == "PASS"


def test_what_was_before_the_weight_fell_is_forgotten_and_a_rise_forgets_nothing(
    cloudwatch: FakeCloudWatch,
) -> None:
    cloudwatch.sides["new"] = minutes(56, 500, 100) + minutes(4, 500, 1)
    cloudwatch.weights = [10.0] * 56 + [50.0] * 4
    assert judge.handler({}, None)["verdict"] == "FAIL"
    cloudwatch.weights = [50.0] * 56 + [10.0] * 4
    assert judge.handler({}, None)["verdict"] == "PASS"


def test_the_age_of_a_minute_is_told_from_the_last_change_of_any_weight_before_it() -> None:
    weights = {UNTIL: 10.0, UNTIL + 60: 10.0, UNTIL + 120: 50.0, UNTIL + 180: 50.0}
    changed = judge.changes(weights)
    assert changed == [UNTIL + 120]
    assert judge.ages([UNTIL + 60, UNTIL + 120, UNTIL + 180], changed) == [1440, 0, 1]


def test_a_weight_that_has_just_fallen_leaves_nothing_to_compare_yet(
    cloudwatch: FakeCloudWatch,
) -> None:
    cloudwatch.weights = [50.0] * 59 + [0.0]
    said = judge.handler({}, None)
    assert said["reasons"] == [
        "The weight of new has just fallen: there is nothing to compare yet."
    ]


def test_while_the_switch_is_thrown_there_is_nothing_to_compare(
    cloudwatch: FakeCloudWatch,
) -> None:
    cloudwatch.thrown = [0.0] * 59 + [1.0]
    said = judge.handler({}, None)
    assert said["reasons"] == [
        "The switch is thrown, or cannot be read: there is nothing to compare."
    ]
    assert cloudwatch.published["JudgeVerdict"] == 1


def test_errors_without_requests_count_as_requests_that_failed() -> None:
    # A load balancer without targets answers 503 itself, and counts no request.
    side = Side("new", SideMetrics(*SIDES["new"], "us-east-2"), bounds())
    series = {"new_balancer": {UNTIL: 30.0}, "new_targets": {UNTIL: 2.0}, "new_requests": {}}
    assert side.minutes(series, [UNTIL]) == [Minute(32, 32)]


def test_percentile_ranks_that_contradict_each_other_still_make_counts() -> None:
    side = Side("new", SideMetrics(*SIDES["new"], "us-east-2"), (0.1, 0.2, 0.3))
    series = {
        "new_timed": {UNTIL: 200.0},
        "new_rank0": {UNTIL: 40.0},
        "new_rank1": {UNTIL: 39.5},
        "new_rank2": {UNTIL: 100.2},
    }
    (minute,) = side.minutes(series, [UNTIL])
    assert minute.times == pytest.approx((80, 0, 120, 0))


def test_answers_that_come_in_the_minute_after_their_requests_are_no_more_than_these() -> None:
    side = Side("new", SideMetrics(*SIDES["new"], "us-east-2"), bounds())
    series = {
        "new_requests": {UNTIL: 3.0},
        "new_class2XX": {UNTIL: 2.0},
        "new_class4XX": {UNTIL: 4.0},
        "new_targets": {UNTIL: 1.0},
    }
    assert side.minutes(series, [UNTIL]) == [Minute(7, 1, (), 2, 0, 4)]


@pytest.fixture
def moto_cloudwatch() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("cloudwatch", region_name="us-east-1")


def test_the_real_client_takes_what_is_asked_and_published(
    cloudwatch: FakeCloudWatch, moto_cloudwatch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "_client", lambda *_: moto_cloudwatch)
    said = judge.handler({}, None)
    assert said["verdict"] == "INCONCLUSIVE"
    published = moto_cloudwatch.list_metrics(Namespace="Cutover")["Metrics"]
    assert {metric["MetricName"] for metric in published} == {
        "JudgeVerdict",
        "JudgeFail",
        "JudgeWouldFail",
        "JudgeInconclusive",
        "JudgeShareOff",
    }


def test_on_the_real_client_refused_writes_fail_new(
    cloudwatch: FakeCloudWatch, moto_cloudwatch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "_client", lambda *_: moto_cloudwatch)
    for side, refused in (("old", 10), ("new", 110)):
        dimensions = dict(zip(("LoadBalancer", "TargetGroup"), SIDES[side], strict=True))
        for back in range(1, 13):
            moto_cloudwatch.put_metric_data(
                Namespace="AWS/ApplicationELB",
                MetricData=[
                    {
                        "MetricName": name,
                        "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions.items()],
                        "Timestamp": datetime.fromtimestamp(UNTIL - 60 * back, UTC),
                        "Value": value,
                    }
                    for name, value in {
                        "RequestCount": 500,
                        "HTTPCode_Target_2XX_Count": 500 - refused,
                        "HTTPCode_Target_4XX_Count": refused,
                    }.items()
                ],
            )
    said = judge.handler({"action": "verdict"}, None)
    assert said["verdict"] == "FAIL"
    assert said["classes"]["4xx"]["points"] > 2
