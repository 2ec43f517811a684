"""Teaches MiniStack alarms as CloudWatch evaluates them: by dimension, by period, M out of N, with
percentiles, metric math and TreatMissingData, on time's passing and not only when a metric arrives.

An alarm of a minute is looked at each second, unlike in CloudWatch, which looks about once a minute: so a
state follows its datapoint within a second. One of ten seconds is looked at every ten seconds, as there.
"""

from __future__ import annotations

import logging
import math
import random
import threading
import time
from collections.abc import Sequence
from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import cloudwatch, lambda_svc
from ministack.services.cloudformation import provisioners

from rehearsal.cloud.taught.alarm_clock import AlarmClock
from rehearsal.cloud.taught.alarm_math import Series, evaluate
from rehearsal.cloud.taught.alarm_state import EXTRA_PERIODS, State, state_of

_LOG = logging.getLogger("alarms")
_TICK_SECONDS = 1.0
_LATE_SECONDS = 0.5
_SET_STANDS_SECONDS = 5.0
"""How long a state that somebody set stands: the alarm "returns to its actual state quickly, often within
seconds" (CloudWatch API reference, SetAlarmState)."""
_left: dict[str, State] = {}
"""In which state the last look left each alarm, by ARN."""
_clock = AlarmClock(random.Random())


def teach() -> None:
    """Register the taught alarms and start looking at them."""
    plain = provisioners._cw_metric_alarm_record

    def record(name: str, props: dict[str, Any]) -> dict[str, Any]:
        metrics = props.get("Metrics")
        if not metrics:
            alarm: dict[str, Any] = plain(name, props)
        else:
            # MiniStack insists on a single metric; ours stand beside it.
            alarm = plain(
                name, {**props, "Metrics": None, "MetricName": "math", "Namespace": "math"}
            )
            alarm["Metrics"] = metrics
            alarm["Period"] = _period_of(metrics)
        alarm["EvaluateLowSampleCountPercentile"] = props.get("EvaluateLowSampleCountPercentile")
        return alarm

    provisioners._cw_metric_alarm_record = record
    # A metric's arrival is no reason to look: MiniStack would mix all dimensions of a metric's name.
    cloudwatch._evaluate_all_alarms = lambda: None
    plain_dispatch = cloudwatch._dispatch_alarm_actions

    def dispatch(alarm: dict[str, Any], old: str, new: str, reason: str) -> None:
        plain_dispatch(alarm, old, new, reason)
        _invoke_functions(alarm, old, new, reason)

    cloudwatch._dispatch_alarm_actions = dispatch
    threading.Thread(target=_watch, name="alarms", daemon=True).start()


def _watch() -> None:
    while True:
        time.sleep(_TICK_SECONDS)
        for (account, region, _), alarm in list(cloudwatch._alarms._data.items()):
            set_request_account_id(account)
            set_request_region(region)
            now = time.time()
            if not _clock.is_due(alarm["AlarmArn"], _period(alarm), now):
                continue
            try:
                _look(alarm, now)
            except Exception:  # one alarm must not end the watch over the others
                _LOG.exception("alarm %s cannot be evaluated", alarm.get("AlarmName"))


def _look(alarm: dict[str, Any], now: float) -> None:
    period = _period(alarm)
    wanted = int(alarm.get("EvaluationPeriods") or 1)
    # The newest period is judged when it is over.
    end = math.floor((now - _LATE_SECONDS) / period) * period
    starts = [end - period * back for back in range(wanted + EXTRA_PERIODS, 0, -1)]
    values = _values(alarm, starts, period)
    before: State = alarm["StateValue"]
    is_set = before != _left.setdefault(alarm["AlarmArn"], before)
    if is_set and now - alarm["StateUpdatedTimestamp"] < _SET_STANDS_SECONDS:
        return
    after = state_of(
        values,
        comparison=alarm["ComparisonOperator"],
        threshold=float(alarm["Threshold"]),
        datapoints=int(alarm.get("DatapointsToAlarm") or wanted),
        periods=wanted,
        silence=alarm.get("TreatMissingData") or "missing",
        before=before,
    )
    _left[alarm["AlarmArn"]] = after
    if after == before:
        return
    shown = [value for value in values if value is not None][-wanted:]
    reason = (
        f"Threshold Crossed: {shown} against {alarm['ComparisonOperator']} {alarm['Threshold']}"
        if shown
        else f"no datapoints in {wanted} periods, taken as {alarm.get('TreatMissingData')}"
    )
    alarm["StateValue"], alarm["StateReason"] = after, reason
    alarm["StateUpdatedTimestamp"] = int(now)
    cloudwatch._record_history(alarm["AlarmName"], before, after, reason)
    cloudwatch._dispatch_alarm_actions(alarm, before, after, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


def _period(alarm: dict[str, Any]) -> int:
    return int(alarm.get("Period") or 60)


def _values(alarm: dict[str, Any], starts: Sequence[float], period: int) -> Series:
    if not alarm.get("Metrics"):
        return _series(
            alarm["Namespace"],
            alarm["MetricName"],
            alarm.get("Dimensions") or [],
            alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average",
            starts,
            period,
            ignore_few=alarm.get("EvaluateLowSampleCountPercentile") == "ignore",
        )
    series: dict[str, Series] = {}
    result: Series = []
    for metric in sorted(alarm["Metrics"], key=lambda m: "Expression" in m):
        if "Expression" in metric:
            series[metric["Id"]] = evaluate(metric["Expression"], series)
        else:
            stat = metric["MetricStat"]
            series[metric["Id"]] = _series(
                stat["Metric"]["Namespace"],
                stat["Metric"]["MetricName"],
                stat["Metric"].get("Dimensions") or [],
                stat["Stat"],
                starts,
                period,
            )
        if str(metric.get("ReturnData", True)).lower() != "false":
            result = series[metric["Id"]]
    return result


def _series(
    namespace: str,
    name: str,
    dimensions: list[dict[str, str]],
    statistic: str,
    starts: Sequence[float],
    period: int,
    *,
    ignore_few: bool = False,
) -> Series:
    wanted = {d["Name"]: d["Value"] for d in dimensions}
    points = list(cloudwatch._metrics.get((namespace, name, cloudwatch._dims_key(wanted))) or [])
    series: Series = []
    for start in starts:
        inside = [p for p in points if start <= float(p["Timestamp"]) < start + period]
        if not inside or (ignore_few and _too_few(inside, statistic)):
            series.append(None)
            continue
        stats = cloudwatch._calc_stats(inside)
        value = cloudwatch._stat_value(stats, statistic, inside)
        series.append(None if value is None else float(value))
    return series


def _too_few(points: list[dict[str, Any]], statistic: str) -> bool:
    """A percentile needs 10/(1-p) samples (CloudWatch User Guide, percentiles-with-low-samples)."""
    if not statistic.startswith("p"):
        return False
    share = float(statistic[1:]) / 100
    return sum(float(p.get("Count", 1)) for p in points) < 10 / (1 - share)


def _period_of(metrics: list[dict[str, Any]]) -> int:
    return next(
        (int(m["MetricStat"]["Period"]) for m in metrics if "MetricStat" in m),
        60,
    )


def _invoke_functions(alarm: dict[str, Any], old: str, new: str, reason: str) -> None:
    """Call the functions among the alarm's actions, with the payload that alarms-and-actions-Lambda
    documents."""
    field = {"ALARM": "AlarmActions", "OK": "OKActions"}.get(new, "InsufficientDataActions")
    for arn in alarm.get(field) or []:
        if ":lambda:" not in arn or not alarm.get("ActionsEnabled", True):
            continue
        _, _, _, region, account, *_ = arn.split(":")
        at = cloudwatch._ts_iso(time.time())
        event = {
            "source": "aws.cloudwatch",
            "alarmArn": alarm["AlarmArn"],
            "accountId": account,
            "time": at,
            "region": region,
            "alarmData": {
                "alarmName": alarm["AlarmName"],
                "state": {"value": new, "reason": reason, "timestamp": at},
                "previousState": {"value": old},
                "configuration": {"metrics": alarm.get("Metrics") or []},
            },
        }
        function, _config, name = lambda_svc._get_func_record_for_ref(arn)
        if function is None:
            _LOG.error("alarm %s: there is no function %s", alarm["AlarmName"], name)
            continue
        lambda_svc.invoke_async_with_retry(function, event)
