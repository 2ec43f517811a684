"""A service as it was seen at one time, for tests: everything agrees, until a test says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from shared.doors.switch import SwitchState
from shared.probes import NO_PROBES
from shared.promotion.line import Line
from shared.status.standing import Deployed, Door, Judged, Requests, Standing, Unread

NOW = datetime(2026, 11, 24, 3, 12, 41, tzinfo=UTC)
RELEASED = SwitchState("released")
THROWN = SwitchState(
    "thrown", "alarm:chatmrpt-new-5xx-hard", "12.4 is above 5", "2026-11-24T02:00:00.000+00:00"
)
DENIED = Unread("An error occurred (AccessDenied): you may not")


def edge(
    weight: float | Unread = 25.0,
    switch: SwitchState | Unread = RELEASED,
    groups: tuple[str, ...] | Unread = (),
) -> Door:
    return Door("edge", {"the edge function": weight}, switch, groups=groups)


def dns(
    a: float | Unread = 25.0,
    aaaa: float | Unread = 25.0,
    switch: SwitchState | Unread = RELEASED,
    unguarded: tuple[str, ...] = (),
) -> Door:
    return Door("dns", {"the A record": a, "the AAAA record": aaaa}, switch, unguarded)


def deployed(weight: int = 25, status: str = "UPDATE_COMPLETE", ago: int = 7200) -> Deployed:
    return Deployed("chatmrpt-traffic", status, weight, NOW - timedelta(seconds=ago))


def requests(old: int = 9000, new: int = 3000) -> Requests:
    return Requests(old, new, NOW.replace(second=0) - timedelta(minutes=6), 5)


AGREEING = Standing(
    service="chatmrpt",
    at=NOW,
    declared=25,
    deployed=deployed(),
    doors=(edge(), dns()),
    mute=None,
    requests=requests(),
    judged=Judged("PASS", NOW),
    probes=NO_PROBES,
    line=Line(),
)


def standing(**changed: Any) -> Standing:
    return replace(AGREEING, **changed)
