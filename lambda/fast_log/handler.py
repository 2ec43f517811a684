"""Counts the records of the edge's real-time log by side and publishes the sums, each with the ten seconds
that it belongs to."""

from __future__ import annotations

import base64
import logging
import os
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from fast_log.count import Batch, count
from fast_log.published import Published
from fast_log.settings import Settings
from shared.aws import GLANCE, clients
from shared.properties import listed
from shared.settings import read

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

_SECOND: Final = 1
"""StorageResolution of what is kept by the second (CloudWatch API reference, MetricDatum)."""
_MINUTE: Final = 60
_client = clients(GLANCE)
_published = Published()

logger = logging.getLogger("fast_log")
logger.setLevel(logging.INFO)


def handler(event: Mapping[str, Any], _context: object) -> dict[str, int]:
    """Count the batch in `event` and publish; return how many records were counted, and how many not.

    An error of CloudWatch's is raised: Lambda then hands the batch over again, twice at most. A record that
    cannot be read never stops the others.

    Raises
    ------
    PropertyError
        When there is no list of records.
    """
    settings = read(Settings, os.environ)
    handed_over = listed(event, "Records")
    records = _published.new(handed_over)
    repeated = len(handed_over) - len(records)
    texts = [_text(record) for record in records]
    damaged = texts.count(None)
    batch = count(
        (line for text in texts if text is not None for line in text.splitlines()),
        settings.form,
        now=time.time(),
        slow_seconds=settings.slow_ms / 1000,
        with_groups=settings.with_groups,
    )
    batch.repeated += repeated
    if damaged:
        batch.unread += damaged
        batch.unread_why = batch.unread_why or "a record holds no data in base64"
    if batch.unread:
        logger.warning("unread", extra={"records": batch.unread, "why": batch.unread_why})
    _client("cloudwatch").put_metric_data(
        Namespace=settings.metric_namespace, MetricData=list(_data(settings.service, batch))
    )
    _published.add(records)
    return {
        "counted": sum(batch.records.values()),
        "unread": batch.unread,
        "late": batch.late,
        "repeated": batch.repeated,
    }


def _text(record: Any) -> str | None:
    """Return what the record holds; None where it holds nothing that can be read."""
    try:
        return base64.b64decode(record["kinesis"]["data"], validate=True).decode("utf-8", "replace")
    except (TypeError, KeyError, ValueError):
        return None


def _data(service: str, batch: Batch) -> Iterator[MetricDatumTypeDef]:
    of_service = {"Name": "Service", "Value": service}
    for (name, side, period), total in sorted(batch.sums.items()):
        yield {
            "MetricName": name,
            "Dimensions": [of_service, {"Name": "Side", "Value": side}],  # type: ignore[list-item]
            "Timestamp": datetime.fromtimestamp(period, UTC),
            "Value": float(total),
            "StorageResolution": _SECOND,
        }
    for period, total in sorted(batch.records.items()):
        yield _of_the_log(service, "LogRecords", total, datetime.fromtimestamp(period, UTC))
    now = datetime.now(UTC)
    for name, total in (
        ("LogUnread", batch.unread),
        ("LogSideless", batch.sideless),
        ("LogLate", batch.late),
        ("LogRepeated", batch.repeated),
    ):
        yield _of_the_log(service, name, total, now)
    if batch.age is not None:
        yield _of_the_log(service, "LogAge", batch.age, now)


def _of_the_log(service: str, name: str, value: float, at: datetime) -> MetricDatumTypeDef:
    return {
        "MetricName": name,
        "Dimensions": [{"Name": "Service", "Value": service}],
        "Timestamp": at,
        "Value": float(value),
        "StorageResolution": _MINUTE,
    }
