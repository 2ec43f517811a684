"""The status, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from shared.doors.mute import Mute
from shared.doors.switch import SwitchState
from shared.inference.share import served
from shared.status.compare import headline
from shared.status.finding import Finding, Kind, gravest
from shared.status.standing import Standing, Unread


def as_json(standing: Standing, findings: Sequence[Finding]) -> dict[str, Any]:
    """Return everything as JSON holds it: weights and shares in percent, times in ISO 8601, and
    `{"unread": why}` for what could not be read."""
    deployed, requests, judged, mute = (
        standing.deployed,
        standing.requests,
        standing.judged,
        standing.mute,
    )
    share = (
        None
        if isinstance(requests, Unread)
        else served(requests.old, requests.new, requests.minutes, standing.probes)
    )
    return {
        "service": standing.service,
        "at": standing.at.isoformat(timespec="seconds"),
        "says": headline(standing, findings),
        "agrees": {Kind.NOTE: True, Kind.DISAGREES: False, Kind.UNREAD: None}[gravest(findings)],
        "declared": standing.declared,
        "deployed": _or_unread(
            deployed,
            lambda it: {
                "stack": it.stack,
                "status": it.status,
                "weight": it.weight,
                "changed": it.changed.isoformat(timespec="seconds"),
            },
        ),
        "doors": [
            {
                "door": door.name,
                "weights": {
                    holder: _or_unread(weight, lambda it: it)
                    for holder, weight in door.weights.items()
                },
                "switch": _or_unread(door.switch, SwitchState.to_dict),
                "unguarded": list(door.unguarded),
                "groups": _or_unread(door.groups, list),
            }
            for door in standing.doors
        ],
        "mute": _or_unread(mute, Mute.to_dict),
        "line": _or_unread(standing.line, asdict),
        "requests": _or_unread(
            requests,
            lambda it: {
                "old": it.old,
                "new": it.new,
                "since": it.since.isoformat(),
                "minutes": it.minutes,
                "probes": standing.probes.about * it.minutes,
            },
        ),
        "share": None if share is None else [share.estimate, share.low, share.high],
        "judge": _or_unread(
            judged,
            lambda it: {
                "verdict": it.verdict,
                "at": it.at.isoformat(timespec="seconds"),
                "more_points": dict(it.more),
            },
        ),
        "findings": [{"kind": finding.kind.value, "says": finding.says} for finding in findings],
    }


def _or_unread(seen: Any, shows: Callable[[Any], Any]) -> Any:
    if isinstance(seen, Unread):
        return {"unread": seen.why}
    return None if seen is None else shows(seen)
