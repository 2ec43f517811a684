"""The evidence: what was known when traffic was moved, or was not, kept for the morning after."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from rollback.metrics import Series

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NAME_LENGTH: Final = 80


@dataclass(frozen=True)
class Place:
    """Where a bundle lies."""

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
    return json.dumps(
        bundle,
        indent=1,
        ensure_ascii=False,
        default=lambda value: value.isoformat() if isinstance(value, datetime) else str(value),
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
