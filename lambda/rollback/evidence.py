"""The evidence: what was known when traffic was moved, or was not, kept for the morning after.

It is gathered and kept within a few seconds, or not at all.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from rollback import settings as rollback_settings
from rollback.call import Call
from rollback.health import Health
from rollback.metrics import Series
from rollback.readings import Readings
from rollback.request import Alarm, Release, RollBack
from rollback.settings import Settings
from rollback.together import together
from shared.alarms.description import described
from shared.alarms.history import changes
from shared.shown import shown, shown_json

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_s3 import S3Client

_NAME_LENGTH: Final = 80
_CHANGES: Final = 50
GATHER_SECONDS: Final = 4.0
STORE_SECONDS: Final = 5.0
_REQUEST_LENGTH: Final = 20_000
_WHO: Final = (
    "AWS does not tell the function. CloudTrail's data event with this requestID says who it was."
)


logger = logging.getLogger("rollback")


@dataclass(frozen=True)
class Place:
    """Where a bundle is stored."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        """The address for `aws s3 cp`."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def console(self) -> str:
        """The address for a browser; its form is the console's own and not documented."""
        return (
            f"https://s3.console.aws.amazon.com/s3/object/{self.bucket}"
            f"?region=us-east-1&prefix={quote(self.key, safe='/')}"
        )


def key(service: str, by: str, now: datetime) -> str:
    """Return the object's key: evidence/SERVICE/2026-11-24T03-12-40Z-WHO.json."""
    who = re.sub(r"[^A-Za-z0-9._-]+", "-", by.removeprefix("alarm:"))[:_NAME_LENGTH].strip("-")
    return f"evidence/{service}/{now:%Y-%m-%dT%H-%M-%SZ}-{who or 'unknown'}.json"


def as_json(bundle: Mapping[str, Any]) -> str:
    """Return `bundle` as text; times as ISO 8601, anything else unforeseen as its own words."""
    return shown_json(
        json.dumps(
            bundle,
            indent=1,
            ensure_ascii=False,
            default=lambda value: value.isoformat() if isinstance(value, datetime) else str(value),
        )
    )


def points(series: Series) -> dict[str, list[list[object]]]:
    """Return `series` as the bundle holds it: pairs of time and value."""
    return {id_: [[at, value] for at, value in of] for id_, of in series.items()}


def store(client: S3Client, place: Place, bundle: Mapping[str, Any]) -> None:
    """Write `bundle` at `place`.

    Raises
    ------
    ClientError, BotoCoreError
        When S3 does not take it.
    """
    client.put_object(
        Bucket=place.bucket,
        Key=place.key,
        Body=as_json(bundle).encode(),
        ContentType="application/json",
    )


def keep(
    settings: Settings,
    request: Alarm | RollBack | Release,
    call: Call,
    seen: Readings,
    health: Health,
    did: Mapping[str, Any],
    now: datetime,
) -> Place | None:
    """Store what is known about this decision and return where. If that fails, log a line and return None.

    It raises nothing: traffic has moved already, and this must not delay anything.
    """
    try:
        if not settings.evidence_bucket:
            return None
        place = Place(settings.evidence_bucket, key(settings.service, request.by, now))
        bundle = {
            "service": settings.service,
            "at": now,
            "by": request.by,
            "reason": request.reason,
            **did,
            "who_called": call.to_dict() | {"identity": _WHO},
            "request": _as_asked(call.event),
            "switch_before": seen.shown(),
            "old": health.to_dict(),
            **_gathered(settings, request, seen, now),
        }
        client = rollback_settings.client("s3")
        stored = together({"store": partial(store, client, place, bundle)}, seconds=STORE_SECONDS)
        error = stored["store"]
        if isinstance(error, BaseException):
            logger.error("no evidence was kept", extra={"error": str(error)})
            return None
    except Exception:
        logger.exception("no evidence was kept")
        return None
    return place


def _as_asked(event: object) -> object:
    """Return the request as it came, or its beginning: it must not keep the bundle from being stored."""
    try:
        text = json.dumps(event, ensure_ascii=False, default=str)
    except (ValueError, RecursionError) as error:
        return f"it cannot be written down: {error}"
    return event if len(text) <= _REQUEST_LENGTH else shown(text, _REQUEST_LENGTH)


def _gathered(
    settings: Settings, request: Alarm | RollBack | Release, seen: Readings, now: datetime
) -> dict[str, Any]:
    """Return the metrics, the deployed weights and the alarm; what failed says why in its place."""
    calls: dict[str, Callable[[], Any]] = {}
    if isinstance(request, Alarm) and request.region:
        cloudwatch = rollback_settings.client("cloudwatch", request.region)
        calls["alarm"] = partial(_alarm, cloudwatch, request.name)
        calls["alarm_history"] = partial(_alarm_history, cloudwatch, request.name)
    again = {what: call for what, call in settings.metrics(now).items() if what in seen.unread}
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


def _alarm(client: CloudWatchClient, name: str) -> Mapping[str, Any]:
    return described(client, [name]).get(name, {})


def _alarm_history(client: CloudWatchClient, name: str) -> list[dict[str, Any]]:
    return [
        {"at": item.get("Timestamp"), "said": item.get("HistorySummary")}
        for item in islice(changes(client, name), _CHANGES)
    ]
