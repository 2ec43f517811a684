"""Gathers the evidence and keeps it, within a few seconds or not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from rollback import alarm_look, configured
from rollback.evidence import Place, key, points, store
from rollback.health import Health
from rollback.look import Seen
from rollback.metrics import Series
from rollback.requests import Alarm, Release, RollBack
from rollback.together import together

GATHER_SECONDS: Final = 4.0
STORE_SECONDS: Final = 5.0

logger = logging.getLogger("rollback")


def keep(
    service: str,
    request: Alarm | RollBack | Release,
    event: object,
    seen: Seen,
    health: Health,
    did: Mapping[str, Any],
    now: datetime,
) -> Place | None:
    """Store what is known about this decision and return where; None, and a line in the log, where
    that fails. It raises nothing: traffic has moved, or must not be held up by this."""
    try:
        bucket = configured.evidence_bucket()
        if not bucket:
            return None
        place = Place(bucket, key(service, request.by, now))
        bundle = {
            "service": service,
            "at": now,
            "by": request.by,
            "reason": request.reason,
            **did,
            "request": event,
            "switch_before": seen.shown(),
            "old": health.to_dict(),
            **_gathered(service, request, seen, now),
        }
        client = configured.client("s3")
        stored = together({"store": partial(store, client, place, bundle)}, seconds=STORE_SECONDS)
        error = stored["store"]
        if isinstance(error, BaseException):
            logger.error("no evidence was kept", extra={"error": str(error)})
            return None
    except Exception:
        logger.exception("no evidence was kept")
        return None
    return place


def _gathered(
    service: str, request: Alarm | RollBack | Release, seen: Seen, now: datetime
) -> dict[str, Any]:
    """Return the metrics, the deployed weights and the alarm; what failed says why in its place."""
    calls: dict[str, Callable[[], Any]] = {}
    if isinstance(request, Alarm) and request.region:
        cloudwatch = configured.cloudwatch(request.region)
        calls["alarm"] = partial(alarm_look.described, cloudwatch, request.name)
        calls["alarm_history"] = partial(alarm_look.history, cloudwatch, request.name)
    again = {
        what: call for what, call in configured.metrics(service, now).items() if what in seen.unread
    }
    came = together({**calls, **again}, seconds=GATHER_SECONDS)
    series: Series = seen.series
    for what in again:
        fetched = came[what]
        if not isinstance(fetched, BaseException):
            series = {**series, **fetched}
    return {
        "deployed_weight": {
            id_.removeprefix("weight_"): at[-1][1]
            for id_, at in series.items()
            if id_.startswith("weight_") and at
        },
        "metrics": points(series),
        **{
            what: f"not known: {came[what]}"
            if isinstance(came[what], BaseException)
            else came[what]
            for what in calls
        },
        "not_read_in_time": dict(seen.unread),
    }
