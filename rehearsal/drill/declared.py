"""What is declared in a drill: `cdk.json`'s service with both doors, and what the drill wants otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from rehearsal.cloud.process import EmbeddedCloud
from rehearsal.drill.drill import Drill
from rehearsal.drill.people import create_queue

AVERAGE_MS: Final = 400
"""Below what a new takes that becomes 400 ms slower, and far above the 80 ms that new takes on average."""
P95_MS: Final = 1000
"""With 250 ms, which is declared, a machine under load made a drill fail before its fault."""


def declared_for(drill: Drill, cloud: EmbeddedCloud, service: dict[str, Any]) -> dict[str, Any]:
    """Return what `drill` declares: rules that never stop it, and a queue that is told."""
    usual = {
        "notify": [create_queue(cloud)],
        "readiness": {"slowdown_percent": 300},
        "promotion": {"max_step_percent": 100, "bake_minutes": 0},
        "thresholds": {"latency_average_ms": AVERAGE_MS, "latency_p95_ms": P95_MS},
        "endpoints": [endpoint | {"contains": "chatmrpt"} for endpoint in service["endpoints"]],
    }
    return merged(merged(service, usual), drill.declared)


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `changes`, key by key all the way down."""
    result = dict(base)
    for key, value in changes.items():
        below = result.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            result[key] = merged(below, value)
        else:
            result[key] = value
    return result
