"""What the cutover's own stacks cost a month, by what their templates hold and by what runs each minute.

What depends on requests is named, and not guessed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from commands.leftovers.prices import Prices
from commands.report.wording import count
from judge.edge_log import EdgeLog
from judge.latency import bounds
from judge.side import Side
from shared.metrics import SideMetrics

HOURS: Final = 730
"""Of a month."""
RUNS: Final = 60 * HOURS
"""In a month, of what is called each minute."""
SENTINEL_SECONDS: Final = 70.0
"""How long a run of the sentinel takes while new has a weight."""
SHORT_SECONDS: Final = 1.0
"""How long any other run of a minute takes: assumed."""
STATISTICS_OF_A_METRIC: Final = 5
"""So many of one metric in one call of GetMetricData cost as one metric; more cost as another one (CloudWatch
pricing, as pull request 482 of prometheus/cloudwatch_exporter quotes it)."""
_EACH_MINUTE: Final = "rate(1 minute)"
_COUNTED_APART: Final = frozenset({"sentinel", "judge", "observer", "capacity"})
_SIDE: Final = Side("old", SideMetrics("", "", ""), bounds())
"""Either of them, for what the judge asks of it."""
_GET_METRIC_DATA: Final = "1,000 metrics of GetMetricData"
_DEFAULT_MEMORY: Final = 128
"""Of a Lambda function, in MB (CloudFormation, AWS::Lambda::Function)."""
_FAST_SECONDS: Final = 10
"""RequestInterval of a health check that costs an option (Route 53 pricing: fast interval)."""
_QUICK_SECONDS: Final = 60
"""An alarm of a shorter period is a high-resolution alarm (CloudWatch User Guide, alarm-evaluation)."""

Template = Mapping[str, Any]
"""What CloudFormation holds of a stack."""


@dataclass(frozen=True)
class Part:
    """Something that costs `usd_a_month`, whoever asks how much."""

    what: str
    usd_a_month: float


@dataclass(frozen=True)
class OwnCost:
    """What the stacks of one cutover cost.

    Attributes
    ----------
    parts : tuple of Part
        The dearest first.
    by_usage : tuple of str
        What costs by the request, and is in no figure.
    since : datetime or None
        When the first stack was made; None where none stands.
    unread : tuple of str
        What could not be read, and is in no figure either.
    """

    parts: tuple[Part, ...]
    by_usage: tuple[str, ...]
    since: datetime | None
    unread: tuple[str, ...] = ()

    @property
    def usd_a_month(self) -> float:
        """All parts together."""
        return sum(part.usd_a_month for part in self.parts)

    def usd_until(self, now: datetime) -> float:
        """Return what the parts cost from the first deploy until `now`, as if all had been there since."""
        if self.since is None:
            return 0.0
        return self.usd_a_month * ((now - self.since) / timedelta(hours=HOURS))


def parts_of(templates: Iterable[Template], own_metrics: int, prices: Prices) -> tuple[Part, ...]:
    """Return what the stacks of these templates cost, with so many metrics of our own, the dearest first."""
    resources = [one for template in templates for one in template["Resources"].values()]
    found = [
        *_standing(resources, prices),
        *_each_minute(resources, prices),
        _counted("custom metric", own_metrics, prices),
    ]
    return tuple(
        sorted((one for one in found if one.usd_a_month), key=lambda one: -one.usd_a_month)
    )


def by_usage(templates: Iterable[Template]) -> tuple[str, ...]:
    """Return what of these templates costs by the request."""
    kinds = {one["Type"] for template in templates for one in template["Resources"].values()}
    of = {
        "AWS::CloudFront::Distribution": "CloudFront's requests and traffic",
        "AWS::CloudFront::Function": "calls of the edge function and its reads of the KeyValueStore",
        "AWS::CloudFront::KeyValueStore": "calls of the KeyValueStore's API by a rollback, the gate, the "
        "bake, the dashboard and `cutover watch` (docs/watching.md)",
        "AWS::Kinesis::Stream": "records of the fast log, its function and PutMetricData of each batch "
        "(docs/fast-log.md)",
        "AWS::Logs::LogGroup": "logs",
        "Custom::CapacityRelease": "load balancer capacity as long as it is reserved (cutover status)",
    }
    return tuple(words for kind, words in of.items() if kind in kinds)


def usd_of_run(prices: Prices, *, seconds: float, megabytes: int) -> float:
    """Return what a month of calls of a function costs, one a minute, of so many seconds each."""
    return prices.used("1,000,000 calls of a function", RUNS) + prices.used(
        "GB-second of a function", RUNS * seconds * megabytes / 1024
    )


def metrics_of_a_look(doors: int, told: Mapping[str, Any] | None = None) -> int:
    """Return how many metrics the judge asks for each minute in any case: of both sides, two of each door,
    and of the edge's log where `told`, the function's environment, names one."""
    asked = 2 * _paid(_SIDE.counts()) + 2 * doors
    if not told or "FAST_LOG_FUNCTION" not in told:
        return asked
    log = EdgeLog("", "", "", with_groups="GROUPS_FROM_WEIGHT" in told)
    return asked + _paid(log.queries())


def metrics_of_times() -> int:
    """Return as how many metrics both sides' response times are paid, which the judge asks for where both
    have users."""
    return 2 * _paid(_SIDE.times())


def _paid(queries: Iterable[Mapping[str, Any]]) -> int:
    """Return as how many metrics the statistics of one call are paid."""
    of = Counter(json.dumps(query["MetricStat"]["Metric"], sort_keys=True) for query in queries)
    return sum(-(-statistics // STATISTICS_OF_A_METRIC) for statistics in of.values())


def _standing(resources: Iterable[Mapping[str, Any]], prices: Prices) -> Iterator[Part]:
    counted: Counter[str] = Counter()
    for one in resources:
        held = one.get("Properties", {})
        match one["Type"]:
            case "AWS::CloudWatch::Alarm":
                periods = _periods(held)
                counted[
                    "quick alarm"
                    if min(periods, default=_QUICK_SECONDS) < _QUICK_SECONDS
                    else "alarm"
                ] += len(periods)
            case "AWS::Route53::HealthCheck":
                counted.update(_check(held["HealthCheckConfig"]))
            case "AWS::Kinesis::Stream":
                counted["shard"] += held.get("ShardCount", 0)
            case kind if kind in _PRICED:
                counted[_PRICED[kind]] += 1
    for what, number in counted.items():
        yield _counted(what, number, prices)


_PRICED: Final = {
    "AWS::CloudWatch::Dashboard": "dashboard",
    "AWS::SecretsManager::Secret": "secret",
    "AWS::KMS::Key": "key",
}
_SAID: Final = {
    "alarm": ("metric", " of alarms of a minute or more"),
    "quick alarm": ("metric", " of alarms of ten seconds"),
    "custom metric": ("metric", " of its own"),
    "option of a health check": ("option", " of health checks (https, text, each 10 s)"),
    "key": ("key", " of the fast log's stream"),
    "shard": ("shard", " of the fast log's stream"),
}


def _counted(what: str, number: int, prices: Prices) -> Part:
    one, of = _SAID.get(what, (what, ""))
    return Part(f"{count(number, one)}{of}", prices.of(what, number) or 0.0)


def _periods(alarm: Mapping[str, Any]) -> list[int]:
    """Return the period of each metric of an alarm, in seconds."""
    metrics = alarm.get("Metrics")
    if metrics is None:
        return [int(alarm["Period"])]
    return [int(one["MetricStat"]["Period"]) for one in metrics if "MetricStat" in one]


def _check(config: Mapping[str, Any]) -> Counter[str]:
    if config["Type"] == "CALCULATED":
        return Counter({"calculated health check": 1})
    options = (
        config["Type"].startswith("HTTPS"),
        config["Type"].endswith("STR_MATCH"),
        config.get("RequestInterval") == _FAST_SECONDS,
    )
    return Counter({"health check": 1, "option of a health check": sum(options)})


def _each_minute(resources: Iterable[Mapping[str, Any]], prices: Prices) -> Iterator[Part]:
    """Yield what the functions cost that are called each minute, each with what it asks of AWS."""
    doors = _doors(resources)
    named = {
        str(held["FunctionName"]).rpartition("-")[2]: held
        for one in resources
        if one["Type"] == "AWS::Lambda::Function" and "FunctionName" in (held := one["Properties"])
    }
    functions = {name: int(held.get("MemorySize", _DEFAULT_MEMORY)) for name, held in named.items()}
    put = prices.used("1,000 calls of PutMetricData", RUNS)
    if "sentinel" in functions:
        secret = prices.used("10,000 calls of Secrets Manager", RUNS)
        run = usd_of_run(prices, seconds=SENTINEL_SECONDS, megabytes=functions["sentinel"])
        yield Part("the sentinel, while new has a weight", run + put + secret)
    if "judge" in functions:
        asked, more = metrics_of_a_look(doors, _told(named["judge"])), metrics_of_times()
        run = usd_of_run(prices, seconds=SHORT_SECONDS, megabytes=functions["judge"])
        look, times = (prices.used(_GET_METRIC_DATA, RUNS * number) for number in (asked, more))
        yield Part(f"the judge: {asked} metrics of GetMetricData a minute", run + put + look)
        yield Part(
            f"the judge's response times, while both sides have users: {more} metrics more", times
        )
    if "observer" in functions:
        # A deployed observer of an earlier version reads each minute, and nothing before.
        each = int(_told(named["observer"]).get("SWITCH_EVERY_MINUTES", 1))
        run = usd_of_run(prices, seconds=SHORT_SECONDS, megabytes=functions["observer"])
        last = prices.used(_GET_METRIC_DATA, RUNS) if each > 1 else 0.0
        yield Part("the observer", run + put + last)
        if any(one["Type"] == "AWS::CloudFront::KeyValueStore" for one in resources):
            read = prices.used("1,000 calls of the KeyValueStore", RUNS / each)
            often = "a minute" if each == 1 else f"in {each} minutes"
            yield Part(f"the observer's look at the KeyValueStore, one call {often}", read)
    called = {
        str(held["Name"]).rpartition("-")[2]
        for one in resources
        if one["Type"] == "AWS::Events::Rule"
        and (held := one["Properties"]).get("ScheduleExpression") == _EACH_MINUTE
    }
    for name in sorted((called & functions.keys()) - _COUNTED_APART):
        run = usd_of_run(prices, seconds=SHORT_SECONDS, megabytes=functions[name])
        yield Part(f"the function {name}, called each minute", run)
    if "capacity" in functions:
        run = usd_of_run(prices, seconds=SHORT_SECONDS, megabytes=functions["capacity"])
        yield Part("the look whether reserved capacity can go", run)


def _told(function: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the environment of a function."""
    told: Mapping[str, Any] = function.get("Environment", {}).get("Variables", {})
    return told


def _doors(resources: Iterable[Mapping[str, Any]]) -> int:
    kinds = {one["Type"] for one in resources}
    return len(kinds & {"AWS::CloudFront::Distribution", "AWS::Route53::RecordSet"})
