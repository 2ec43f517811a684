"""The files of an access log: in a folder, or where a load balancer puts them in S3."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any, Final

_LONGEST_LINE: Final = 1 << 17
"""Bytes; URL and User-Agent have 8 KB each at most. What is longer is no line of this log."""


class LogError(Exception):
    """The log cannot be read; the message says why."""


def lines_in(place: Path) -> Iterator[str]:
    """Yield the lines of a file, or of every .log and .log.gz below a folder.

    Raises
    ------
    LogError
        When there is none, or one cannot be read.
    """
    found = [place] if place.is_file() else sorted(place.rglob("*.log*"))
    if not found:
        raise LogError(f"{place} is no file and holds no *.log or *.log.gz")
    for file in found:
        try:
            with file.open("rb") as opened:
                yield from _unpacked(opened, str(file))
        except OSError as error:
            raise LogError(f"{file} cannot be read: {error.strerror or error}") from error


def lines_in_bucket(
    s3: Any, place: str, *, load_balancer: str, region: str, days: Sequence[date]
) -> Iterator[str]:
    """Yield the lines that `load_balancer` (app/name/id) wrote on `days` below `place`, s3://bucket/prefix.

    Raises
    ------
    LogError
        When it wrote none.
    """
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    root = f"{prefix.rstrip('/')}/AWSLogs/".lstrip("/")
    accounts = s3.list_objects_v2(Bucket=bucket, Prefix=root, Delimiter="/")
    wanted = f"_{load_balancer.replace('/', '.')}_"
    files = 0
    for account in accounts.get("CommonPrefixes", []):
        for day in days:
            below = f"{account['Prefix']}elasticloadbalancing/{region}/{day:%Y/%m/%d}/"
            for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=below):
                for one in page.get("Contents", []):
                    if wanted in one["Key"] and one["Key"].endswith(".gz"):
                        files += 1
                        body = s3.get_object(Bucket=bucket, Key=one["Key"])["Body"]
                        yield from _unpacked(body, one["Key"])
    if not files:
        raise LogError(
            f"{place} holds no log of {load_balancer} from {days[0]} to {days[-1]}: is the access log of the "
            "load balancer on, and is this its bucket and prefix?"
        )


def last_days(count: int, today: date) -> list[date]:
    """Return the last `count` days and today, oldest first."""
    return [today - timedelta(days=back) for back in range(count, -1, -1)]


def _unpacked(file: IO[bytes], name: str) -> Iterator[str]:
    try:
        stream = gzip.GzipFile(fileobj=file) if name.endswith(".gz") else file
        while line := stream.readline(_LONGEST_LINE):
            yield line.decode("utf-8", errors="replace")
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise LogError(f"{name} is no whole gzip file: {error}") from error
