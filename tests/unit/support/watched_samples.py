"""A cutover that is watched at 10 of 25 %, for tests: half-way through its bake, and everything is well."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from commands.watching.state import Alarm, Deploy, Minute, Watched
from shared.alarms.state import AlarmState
from tests.unit.support.statuses import AGREEING, NOW

DEPLOY = Deploy(
    status="UPDATE_IN_PROGRESS",
    began=NOW - timedelta(minutes=4),
    changed=NOW - timedelta(minutes=4),
    step="bake",
    step_began=NOW - timedelta(minutes=2),
    weight=25,
    bake_minutes=5,
)
ALARMS = (
    Alarm("chatmrpt-new-5xx-rate", AlarmState("OK"), rolls_back=True),
    Alarm("chatmrpt-new-latency-p95", AlarmState("INSUFFICIENT_DATA"), rolls_back=True),
    Alarm("chatmrpt-old-5xx-rate", AlarmState("OK"), rolls_back=False),
)
WATCHED = Watched(
    service="chatmrpt",
    declared=25,
    bake_minutes=5,
    deploy=DEPLOY,
    standing=AGREEING,
    alarms=ALARMS,
    sides={
        "old": Minute(NOW, 1800.0, 0.1, 123.0),
        "new": Minute(NOW, 600.0, None, None),
    },
)


def watched(**changed: Any) -> Watched:
    return replace(WATCHED, **changed)


def deploy(**changed: Any) -> Deploy:
    return replace(DEPLOY, **changed)
