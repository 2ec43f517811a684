"""What was read, in words: one line each, the same on a terminal and on the dashboard."""

from __future__ import annotations

from shared.answers import said_of
from shared.doors.mute import Mute
from shared.inference.share import served
from shared.probes import Probes
from shared.promotion.line import Line, said
from shared.status.standing import Deployed, Judged, Requests, Standing, Unread

UNKNOWN = "?"
"""Shown for what could not be read; the findings say why."""


def facts(standing: Standing) -> dict[str, str]:
    """Return a line for each thing that belongs to no door. They hold what people wrote: escape them."""
    return {
        "served by new": _share(standing.requests, standing.probes),
        **({"groups on new": ", ".join(standing.groups)} if standing.groups else {}),
        "mute": _mute(standing.mute),
        "line": _line(standing.line),
        "judge": _judge(standing.judged),
        "Traffic stack": _stack(standing.deployed),
    }


def percent(weight: float | Unread | None) -> str:
    """Return a weight like `25 %`, `?` for one that could not be read, and `-` for none."""
    if weight is None:
        return "-"
    return UNKNOWN if isinstance(weight, Unread) else f"{weight:.3g} %"


def _share(requests: Requests | Unread, probes: Probes) -> str:
    if isinstance(requests, Unread):
        return UNKNOWN
    minutes = requests.minutes
    share = served(requests.old, requests.new, minutes, probes)
    if share is None:
        return f"no requests of users in {minutes} minutes"
    users = probes.users(requests.old, minutes) + probes.users(requests.new, minutes)
    return (
        f"{share.estimate:.3g} % ({share.low:.3g} to {share.high:.3g}) of about {users:,.0f} requests of "
        f"users in {minutes} minutes from {requests.since:%H:%M} UTC; health checks are taken off"
    )


def _mute(mute: Mute | Unread | None) -> str:
    if mute is None:
        return "none: alarms roll back"
    if isinstance(mute, Unread):
        return UNKNOWN
    return f"until {mute.until:%Y-%m-%d %H:%M} UTC, by {mute.by}: {mute.reason}"


def _line(line: Line | Unread) -> str:
    if isinstance(line, Unread):
        return UNKNOWN
    return said(line) or "runs: a weight may rise"


def _judge(judged: Judged | Unread | None) -> str:
    if judged is None:
        return "no verdict: it judges while both sides carry traffic"
    if isinstance(judged, Unread):
        return UNKNOWN
    more = said_of(judged.more)
    said = f"{judged.verdict} at {judged.at:%H:%M} UTC{f': {more}' if more else ''}"
    return f"{said}; its reasons are in its log"


def _stack(deployed: Deployed | Unread) -> str:
    if isinstance(deployed, Unread):
        return UNKNOWN
    return f"{deployed.status}, deployed {deployed.changed:%Y-%m-%d %H:%M} UTC"
