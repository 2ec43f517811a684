"""Compares new with old each minute and publishes JudgeVerdict, JudgeFail and what belongs to them.

Asked with {"action": "verdict"} it answers only.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from judge.compare import compare
from judge.edge_log import EdgeLog
from judge.enough import too_few_now
from judge.judgement import Judgement, inconclusive
from judge.latency import bounds, slowed
from judge.minutes import RECENT
from judge.reading import ReadingError, read
from judge.rules import Rules
from judge.settings import Settings
from judge.side import Series, Side
from judge.viewers import Viewers
from shared.answers import CLASSES
from shared.aws import DOORS, clients
from shared.doors.patience import patiently
from shared.inference.verdict import AS_METRIC, Verdict
from shared.inference.watch import WATCH_MINUTES
from shared.metrics import MINUTE, by_region, own
from shared.settings import read as read_settings

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

SETTLED_SECONDS: Final = 60
"""How long after its end a minute is trusted: a load balancer sends its metrics in intervals of 60 seconds
(ELB User Guide, load-balancer-cloudwatch-metrics), so that before then a part of them may be missing."""

MEMORY_MINUTES: Final = 6 * 60
"""How many minutes of counts are read, for errors too rare to be seen sooner. GetMetricData costs by metric
requested (CloudWatch User Guide, cloudwatch_billing) and not by datapoint, and answers at most 100,800
datapoints a call (API Reference)."""


_client = clients(DOORS)

logger = logging.getLogger("judge")
logger.setLevel(logging.INFO)


class JudgeError(Exception):
    """The metrics could not be read; INCONCLUSIVE was published."""


def handler(event: object, _context: object) -> dict[str, Any]:
    """Judge the newest minutes and return the verdict; publish it too, unless a person only asks for it.

    Returns
    -------
    dict
        `verdict` PASS, FAIL or INCONCLUSIVE; `reasons`, a sentence each; `errors`, `classes` and
        `latency`, the figures of `old` and `new` and the evidence; `share`, `seen` in percent and
        `declared` by door; `at`, until when the minutes go; `dry_run`.

    Raises
    ------
    JudgeError
        When the metrics could not be read, after INCONCLUSIVE was published; not if only asked.
    """
    action = event.get("action") if isinstance(event, Mapping) else None
    if action not in {None, "verdict"}:
        return {"error": f"the judge has no action {action!r}: the only one is verdict"}
    settings = read_settings(Settings, os.environ)
    until = int(time.time() - SETTLED_SECONDS) // MINUTE * MINUTE
    fault: ReadingError | None = None
    try:
        judgement = _judge(settings, until)
    except ReadingError as error:
        fault, judgement = error, inconclusive(str(error))
    verdict = asdict(judgement) | {
        "at": datetime.fromtimestamp(until, UTC).isoformat(),
        "dry_run": settings.dry_run,
    }
    logger.info("verdict", extra={"judgement": verdict})
    if action is None:
        _publish(settings, judgement)
        if fault is not None:
            raise JudgeError(str(fault)) from fault
    return verdict


def _judge(settings: Settings, until: int) -> Judgement:
    """Judge the minutes that end at `until`, since a switch was last thrown or the weight last fell.

    Response times, five sixths of the statistics, are not asked for where the counts say already that
    nothing can be concluded from them: at 0 % and 100 %, where one side has no users.

    Raises
    ------
    ReadingError
        When a metric could not be read.
    """
    start = until - MEMORY_MINUTES * MINUTE
    rules = Rules(
        lookback_minutes=settings.lookback_minutes,
        minimum_requests=settings.minimum_requests,
        false_alarms=settings.false_alarms_per_watch,
        slowdown_percent=settings.slowdown_percent,
        more_4xx_points=settings.more_4xx_points,
        more_3xx_points=settings.more_3xx_points,
        probes=settings.probes,
        groups_from_weight=settings.groups_from_weight,
    )
    sides = settings.sides(settings.metrics_region)
    old = Side("old", sides["old"], slowed(rules.slowdown_percent))
    new = Side("new", sides["new"], bounds())
    doors = settings.doors
    ours = read(
        _client("cloudwatch"),
        [
            own(name, settings.service, door, namespace=settings.metric_namespace).query(
                f"{what}_{door}"
            )
            for door in doors
            for what, name in (("weight", "DeclaredWeight"), ("thrown", "SwitchThrown"))
        ],
        until - WATCH_MINUTES * MINUTE,
        until,
    )
    weights = [ours[f"weight_{door}"] for door in doors]
    # What new did before its traffic was taken away must not count once it is back.
    thrown = [at for door in doors for at, value in ours[f"thrown_{door}"].items() if value]
    fell = [at for of_door in weights for at in falls(of_door)]
    starts = range(max([start, *(at + MINUTE for at in (*thrown, *fell))]), until, MINUTE)
    if not starts and thrown:
        return inconclusive("The switch is thrown, or cannot be read: there is nothing to compare.")
    if not starts:
        return inconclusive("The weight of new has just fallen: there is nothing to compare yet.")
    timed_since = max(starts[0], until - RECENT * MINUTE)
    where = {
        region: [side for side in (old, new) if side.name in here]
        for region, here in by_region(sides).items()
    }
    series: dict[str, dict[int, float]] = {}
    for region, asked in where.items():
        counts = [query for side in asked for query in side.counts()]
        series |= read(_client("cloudwatch", region), counts, starts[0], until)
    if not too_few_now(old.minutes(series, starts), new.minutes(series, starts), rules):
        for region, asked in where.items():
            times = [query for side in asked for query in side.times()]
            series |= read(_client("cloudwatch", region), times, timed_since, until)
    return compare(
        old.minutes(series, starts),
        new.minutes(series, starts),
        ages(starts, [at for of_door in weights for at in changes(of_door)]),
        {door: _newest(ours[f"weight_{door}"]) for door in doors if ours[f"weight_{door}"]},
        rules,
        _viewers(settings, starts),
    )


def _viewers(settings: Settings, starts: range) -> Viewers | None:
    """Return what the edge's log tells of the minutes that begin at `starts`; None where there is no log.

    Raises
    ------
    ReadingError
        When its metrics could not be read: that is no silence of the log's.
    """
    if not settings.fast_log_function:
        return None
    log = EdgeLog(
        settings.service,
        settings.metric_namespace,
        settings.fast_log_function,
        with_groups=settings.groups_from_weight > 0,
    )
    series = read(_client("cloudwatch"), log.queries(), starts[0], starts[-1] + 2 * MINUTE)
    return log.viewers(series, starts, everybody=settings.doors == ("edge",))


def falls(weights: Series) -> list[int]:
    """Return the minutes in which the weight was lower than in the one before."""
    minutes = sorted(weights)
    return [at for before, at in pairwise(minutes) if weights[at] < weights[before]]


def changes(weights: Series) -> list[int]:
    """Return the minutes in which the weight was another than in the one before."""
    minutes = sorted(weights)
    return [at for before, at in pairwise(minutes) if weights[at] != weights[before]]


def ages(starts: Sequence[int], changed: Sequence[int]) -> list[int]:
    """Return for each minute that begins at `starts` how many minutes before it the weight was last
    `changed`; a whole watch where that is not known."""
    last = [max((at for at in changed if at <= start), default=None) for start in starts]
    return [
        WATCH_MINUTES if at is None else (start - at) // MINUTE
        for start, at in zip(starts, last, strict=True)
    ]


def _newest(series: Series) -> float:
    return series[max(series)]


def _publish(settings: Settings, judgement: Judgement) -> None:
    dry_run = settings.dry_run
    failed = judgement.verdict is Verdict.FAIL
    values = {
        "JudgeVerdict": AS_METRIC[judgement.verdict],
        "JudgeFail": float(failed and not dry_run),
        "JudgeWouldFail": float(failed and dry_run),
        "JudgeInconclusive": float(judgement.verdict is Verdict.INCONCLUSIVE),
        "JudgeShareOff": float(judgement.share["off"]),
        **{
            f"JudgeMore{name}": more
            for name in CLASSES
            if (more := judgement.more_points(name)) is not None
        },
    }
    # Of two regions no graph tells the share.
    apart = len(by_region(settings.sides(settings.metrics_region))) > 1
    if apart and judgement.share["seen"] is not None:
        values["JudgeShare"] = judgement.share["seen"]
    data: list[MetricDatumTypeDef] = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": "Service", "Value": settings.service}],
            "Value": value,
        }
        for name, value in values.items()
    ]
    patiently(
        lambda: _client("cloudwatch").put_metric_data(
            Namespace=settings.metric_namespace, MetricData=data
        )
    )
