"""What the alarm that called says by now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_MINUTE_SECONDS: Final = 60


@dataclass(frozen=True)
class AlarmNow:
    """What an alarm says.

    Attributes
    ----------
    state : str
        ALARM, OK or INSUFFICIENT_DATA; empty where it is not known.
    is_fast : bool
        Whether its period is shorter than a minute: what it says is about seconds.
    """

    state: str = ""
    is_fast: bool = False


NOT_KNOWN: Final = AlarmNow()


def alarm_now(described: Mapping[str, Any]) -> AlarmNow:
    """Return what an alarm says that CloudWatch describes so; an alarm on metric math has its period in each
    metric (CloudWatch API reference, MetricAlarm and MetricStat)."""
    periods = [
        described.get("Period"),
        *(metric.get("MetricStat", {}).get("Period") for metric in described.get("Metrics", ())),
    ]
    stated = [int(period) for period in periods if period]
    is_fast = bool(stated) and min(stated) < _MINUTE_SECONDS
    return AlarmNow(str(described.get("StateValue", "")), is_fast)
