"""What the cutover itself costs: of what its stacks hold, by one table, which the documents go by too."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from commands.leftovers.own_cost import (
    RUNS,
    SENTINEL_SECONDS,
    SHORT_SECONDS,
    by_usage,
    metrics_of_a_look,
    metrics_of_times,
    parts_of,
    usd_of_run,
)
from commands.leftovers.own_stacks import own_cost
from commands.leftovers.prices import prices
from cutover.declaration.reading.context import Cutover, read_context
from cutover.paths import CDK_JSON, ROOT
from tests.unit.support.fake_doors import refusal

SNAPSHOTS = ROOT / "tests/template/__snapshots__/test_snapshots"
PRICES = prices()


def template(stack: str) -> dict[str, Any]:
    file = SNAPSHOTS / f"test_the_stack_is_as_it_was_reviewed[{stack}].json"
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return held


CHATMRPT = {
    f"chatmrpt-{one}": template(f"chatmrpt-{one}")
    for one in ("safety", "environment", "traffic", "observability")
}


def costs(*resources: Mapping[str, Any], own_metrics: int = 0) -> dict[str, float]:
    held = {f"R{at}": one for at, one in enumerate(resources)}
    return {
        part.what: round(part.usd_a_month, 4)
        for part in parts_of([{"Resources": held}], own_metrics, PRICES)
    }


def alarm(*periods: int) -> dict[str, Any]:
    if len(periods) == 1:
        return {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Period": periods[0]}}
    metrics = [{"MetricStat": {"Period": one}} for one in periods]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {"Metrics": [{"Expression": "m0 / m1"}, *metrics]},
    }


def check(kind: str, interval: int = 30) -> dict[str, Any]:
    config = {"Type": kind, "RequestInterval": interval}
    return {"Type": "AWS::Route53::HealthCheck", "Properties": {"HealthCheckConfig": config}}


def test_an_alarm_costs_by_its_metrics_and_more_where_it_looks_each_ten_seconds() -> None:
    assert costs(alarm(60), alarm(60, 60), alarm(10)) == {
        "3 metrics of alarms of a minute or more": 0.30,
        "1 metric of alarms of ten seconds": 0.30,
    }


def test_a_health_check_costs_more_for_each_of_its_options() -> None:
    assert costs(check("HTTP"), check("HTTPS_STR_MATCH", 10), check("CALCULATED")) == {
        "2 health checks": 1.00,
        "3 options of health checks (https, text, each 10 s)": 3.00,
        "1 calculated health check": 0.50,
    }


def test_any_function_that_is_called_each_minute_is_in_the_list() -> None:
    function = {
        "Type": "AWS::Lambda::Function",
        "Properties": {"FunctionName": "chatmrpt-broom", "MemorySize": 128},
    }
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {"Name": "chatmrpt-broom", "ScheduleExpression": "rate(1 minute)"},
    }
    assert costs(function) == {}
    assert costs(function, rule) == {"the function broom, called each minute": 0.1}


def test_what_costs_nothing_by_itself_is_not_in_the_list() -> None:
    assert costs({"Type": "AWS::SNS::Topic"}, {"Type": "AWS::IAM::Role", "Properties": {}}) == {}


def test_a_declared_capacity_costs_its_look_and_by_the_hour_what_is_reserved() -> None:
    properties = {"FunctionName": "news-capacity", "MemorySize": 256}
    function = {"Type": "AWS::Lambda::Function", "Properties": properties}
    schedule = {"Name": "news-capacity", "ScheduleExpression": "rate(1 minute)"}
    found = costs(function, {"Type": "AWS::Events::Rule", "Properties": schedule})
    assert found == {"the look whether reserved capacity can go": pytest.approx(0.19, abs=0.01)}
    template = {"Resources": {"Release": {"Type": "Custom::CapacityRelease"}}}
    assert by_usage([template]) == (
        "load balancer capacity as long as it is reserved (cutover status)",
    )


def test_of_chatmrpt_what_runs_each_minute_is_counted_by_what_it_asks() -> None:
    parts = parts_of(CHATMRPT.values(), 12, PRICES)
    of = {part.what: round(part.usd_a_month, 2) for part in parts}
    assert of["the judge: 14 metrics of GetMetricData a minute"] == 6.76
    times = "the judge's response times, while both sides have users: 14 metrics more"
    assert of[times] == 6.13
    assert of["the observer's look at the KeyValueStore, one call in 10 minutes"] == 4.38
    assert of["the observer"] == 1.07
    assert {"6 health checks", "2 secrets", "1 dashboard", "12 metrics of its own"} <= {
        part.what for part in parts
    }
    assert list(by_usage(CHATMRPT.values())) == [
        "CloudFront's requests and traffic",
        "calls of the edge function and its reads of the KeyValueStore",
        "calls of the KeyValueStore's API by a rollback, the gate, the bake, the dashboard and `cutover "
        "watch` (docs/watching.md)",
        "logs",
    ]


def test_an_observer_that_was_deployed_before_still_costs_a_call_a_minute() -> None:
    observer = {"FunctionName": "news-observer", "MemorySize": 256}
    found = costs(
        {"Type": "AWS::Lambda::Function", "Properties": observer},
        {"Type": "AWS::CloudFront::KeyValueStore"},
    )
    assert found["the observer's look at the KeyValueStore, one call a minute"] == 43.80


def test_up_to_five_statistics_of_one_metric_in_a_call_are_paid_as_one() -> None:
    # Two sides, six metrics each; of the response time 32 bounds and the number, which make seven.
    assert metrics_of_a_look(0) == 2 * 6
    assert metrics_of_times() == 2 * 7


@pytest.mark.parametrize(("groups", "more"), [({}, 11), ({"GROUPS_FROM_WEIGHT": "5"}, 12)])
def test_the_edge_s_log_makes_a_look_of_the_judge_s_dearer(
    groups: dict[str, str], more: int
) -> None:
    told = {"FAST_LOG_FUNCTION": "news-fast-log", **groups}
    judge = {"FunctionName": "news-judge", "Environment": {"Variables": told}}
    asked = metrics_of_a_look(0) + more
    found = costs({"Type": "AWS::Lambda::Function", "Properties": judge})
    assert f"the judge: {asked} metrics of GetMetricData a minute" in found


def rows(document: str) -> dict[str, list[str]]:
    """Return the cells of each row of a document's tables by what its first cell begins with."""
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    cells = [line.strip("| ").split(" | ") for line in lines]
    return {re.split(r"[:;,]", first.strip("*"))[0]: rest for first, *rest in cells}


OF_CHATMRPT = 12
"""Metrics of its own: three of the observer, seven of the judge, one each of the sentinel and the gate."""


def test_the_table_of_the_document_is_what_chatmrpt_costs() -> None:
    parts = {
        part.what: part.usd_a_month for part in parts_of(CHATMRPT.values(), OF_CHATMRPT, PRICES)
    }
    found = {
        what.strip("[]").partition("]")[0]: rest for what, rest in rows("decommission.md").items()
    }
    said = {
        what: [float(cell.strip("* ")) for cell in cells]
        for what, cells in found.items()
        if what.startswith(("the observer's", "the judge", "the sentinel", "health", "in all"))
    }
    named = [
        _beginning(parts, what)
        for what in ("the judge:", "the judge's", "the sentinel", "the observer's")
    ]
    others = sum(parts.values()) - sum(named)
    look, times, sentinel, switch = named
    assert list(said.values()) == [
        pytest.approx([look, look, look], abs=0.005),
        pytest.approx([times, 0, 0], abs=0.005),
        pytest.approx([sentinel, sentinel, RESTING], abs=0.005),
        pytest.approx([switch, switch, switch], abs=0.005),
        pytest.approx([others, others, others], abs=0.005),
        pytest.approx(
            [
                round(sum(parts.values())),
                round(sum(parts.values()) - times),
                round(sum(parts.values()) - times - sentinel + RESTING),
            ]
        ),
    ]


RESTING = usd_of_run(PRICES, seconds=SHORT_SECONDS, megabytes=128) + PRICES.used(
    "1,000 calls of PutMetricData", RUNS
)
"""The sentinel at weight 0, by the table of seconds.md."""


def _beginning(parts: Mapping[str, float], what: str) -> float:
    (found,) = (usd for name, usd in parts.items() if name.startswith(what))
    return found


def test_what_the_sentinel_costs_is_said_as_it_is_reckoned() -> None:
    said = {
        what: [float(one.strip("* ")) for one in cells]
        for what, cells in rows("seconds.md").items()
        if len(cells) == 2 and all(re.fullmatch(r"[* ]*[\d.]+[* ]*", one) for one in cells)
    }
    working, resting = (
        usd_of_run(PRICES, seconds=seconds, megabytes=128)
        for seconds in (SENTINEL_SECONDS, SHORT_SECONDS)
    )
    put = PRICES.used("1,000 calls of PutMetricData", RUNS)
    secret = PRICES.used("10,000 calls of Secrets Manager", RUNS)
    metric, alarms = PRICES.of("custom metric"), 0.30 + 2 * 0.10
    assert metric is not None
    assert said["Lambda"] == pytest.approx([working, resting], abs=0.005)
    assert said["PutMetricData"] == pytest.approx([put, put], abs=0.005)
    assert said["the metric SentinelWatches"] == [metric, metric]
    assert said["the alarm of ten seconds"] == pytest.approx([alarms, alarms])
    assert said["Secrets Manager"] == pytest.approx([secret, 0], abs=0.005)
    logs = said["logs"]
    assert said["in all"] == pytest.approx(
        [
            working + put + metric + alarms + secret + logs[0],
            resting + put + metric + alarms + logs[1],
        ],
        abs=0.05,
    )


def test_what_stands_of_the_fast_log_is_said_as_it_is_reckoned() -> None:
    said = {
        what: float(cells[0])
        for what, cells in rows("fast-log.md").items()
        if len(cells) == 4 and re.fullmatch(r"[\d.]+", cells[0])
    }
    of_log = {
        name: one for name, one in template("news-traffic")["Resources"].items() if "Log" in name
    }
    found = costs(*of_log.values(), own_metrics=14)
    alarms = [one for one in of_log.values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    assert found["2 shards of the fast log's stream"] == 2 * said["shards"]
    assert found["1 key of the fast log's stream"] == said["the key"]
    assert found["14 metrics of its own"] == said["14 metrics"]
    assert sum(costs(*alarms).values()) == pytest.approx(said["3 alarms of 4 metrics in seconds"])


class Clouds:
    """CloudFormation and CloudWatch of both regions; what is not in `stacks` does not stand."""

    def __init__(self, stacks: Mapping[str, Any]) -> None:
        self.stacks = stacks
        self.listed = 0

    def __call__(self, _service: str, _region: str) -> Clouds:
        return self

    def get_template(self, **asked: str) -> dict[str, Any]:
        assert asked["TemplateStage"] == "Processed"
        if asked["StackName"] not in self.stacks:
            raise refusal("ValidationError")
        return {"TemplateBody": self.stacks[asked["StackName"]]}

    def describe_stacks(self, **asked: str) -> dict[str, Any]:
        day = 3 if asked["StackName"].endswith("safety") else 9
        return {"Stacks": [{"CreationTime": datetime(2026, 11, day, tzinfo=UTC)}]}

    def list_metrics(self, **asked: Any) -> dict[str, Any]:
        assert asked["Dimensions"] == [{"Name": "Service", "Value": "chatmrpt"}]
        self.listed += 1
        more = {} if "NextToken" in asked else {"NextToken": "more"}
        return {"Metrics": [{}, {}, {}], **more}


def chatmrpt() -> Cutover:
    (found,) = read_context(json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"])
    return found


def test_each_stack_is_read_where_it_stands_and_the_first_deploy_is_the_oldest() -> None:
    clouds = Clouds(CHATMRPT)
    found = own_cost(clouds, chatmrpt(), PRICES)
    assert found.unread == ()
    assert found.since == datetime(2026, 11, 3, tzinfo=UTC)
    # Two pages of each of two regions.
    assert found.parts == parts_of(CHATMRPT.values(), 12, PRICES)
    month_later = datetime(2026, 12, 3, 10, tzinfo=UTC)
    assert found.usd_until(month_later) == pytest.approx(found.usd_a_month)


def test_a_stack_that_is_not_there_or_no_json_is_told_and_hides_no_other() -> None:
    clouds = Clouds(
        {"chatmrpt-traffic": "Resources: {}", "chatmrpt-safety": CHATMRPT["chatmrpt-safety"]}
    )
    found = own_cost(clouds, chatmrpt(), PRICES)
    assert [line.split(":")[0] for line in found.unread] == [
        "the stack chatmrpt-environment",
        "the stack chatmrpt-traffic",
        "the stack chatmrpt-observability",
    ]
    assert "no JSON" in found.unread[1]
    assert "2 secrets" in {part.what for part in found.parts}


def test_without_a_stack_nothing_is_said_to_cost_nothing() -> None:
    found = own_cost(Clouds({}), chatmrpt(), PRICES)
    assert found.since is None
    assert found.usd_until(datetime.now(UTC)) == 0.0
