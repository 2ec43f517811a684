"""What is declared where known sides are played: the service of `cdk.json` with both doors, and room.

The checks of the gate and the alarms are the product's own and stay as they are. What they are told leaves
so much room that only what is played on purpose meets a limit, however slow the machine is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from rehearsal.pace import Pace

ZONE: Final = "rehearsal.test"
RECORD: Final = f"chatmrpt.{ZONE}"
LATENCY_MS: Final = {"old": 40.0, "new": 60.0}
"""What each side takes on average."""
AVERAGE_MS: Final = 500.0
"""What an answer may take on average: eight times what new takes, and a machine may add 440 ms to each."""
SLOWER_MS: Final = 600.0
"""What a new side that is slow takes longer: 160 ms above the limit, and what a machine adds comes on top.
In a minute of metrics the health checks outnumber what the gate asks, and keep the average below the limit:
the refusal is the gate's, and no alarm fires."""
_P95_MS: Final = 3000.0
_HARD_ERROR_RATE_PERCENT: Final = 10.0
_MINIMUM_REQUESTS: Final = 200
"""More than the gate asks of a side: without viewers no alarm counts what fails there on purpose."""
_SLOWDOWN_PERCENT: Final = 300.0
_TIMEOUT_SECONDS: Final = 4.0
_A_SECOND: Final = 8.0
"""What a side is loaded with: a load that nobody doubts, at which two answers may be late by a quarter of a
second."""


def readiness(pace: Pace) -> dict[str, Any]:
    """Return how known sides are compared: quickly, and with room."""
    now = datetime.now(UTC)
    rate = pace.fewer(_A_SECOND)
    return {
        # Of three endpoints: the fewest from which a 95th percentile has an upper bound.
        "samples": 25,
        "slowdown_percent": _SLOWDOWN_PERCENT,
        "rate": rate,
        "max_rate": rate,
        "loop_seconds": 0.5,
        "ramp_seconds": 0.5,
        "hold_seconds": 1.0,
        "timeout_seconds": pace.roomier(_TIMEOUT_SECONDS),
        "waivers": [
            {
                "finding": "load:beyond",
                "by": "the rehearsal",
                "reason": "both sides are played, and what they carry is known",
                "until": (now + timedelta(days=1)).date().isoformat(),
            }
        ],
    }


def with_both_doors(service: dict[str, Any], zone_id: str, pace: Pace) -> dict[str, Any]:
    """Return the declaration with the dns door added, for a play at any hour, by nobody in particular, and in
    minutes."""
    today = datetime.now(UTC).date().isoformat()
    attestations = [
        attested | {"by": "the rehearsal", "on": today}
        for attested in service["readiness"]["attestations"]
    ]
    promotion = {key: kept for key, kept in service["promotion"].items() if key != "window"}
    return service | {
        "readiness": service["readiness"] | readiness(pace) | {"attestations": attestations},
        "promotion": promotion | {"bake_minutes": 0},
        "dns": {
            "hosted_zone_id": zone_id,
            "zone_name": ZONE,
            "record_name": RECORD,
            "record": "alias",
            "ipv6": True,
        },
    }


def with_room(service: dict[str, Any], pace: Pace) -> dict[str, Any]:
    """Return the declaration with limits that are far from what both sides do at this pace."""
    limits = {
        "hard_error_rate_percent": _HARD_ERROR_RATE_PERCENT,
        "minimum_requests": _MINIMUM_REQUESTS,
        "latency_average_ms": round(pace.roomier(AVERAGE_MS)),
        "latency_p95_ms": round(pace.roomier(_P95_MS)),
    }
    return service | {
        "thresholds": service["thresholds"] | limits,
        "judge": service["judge"] | {"slowdown_percent": _SLOWDOWN_PERCENT},
    }
