"""The access log that a local load balancer writes, as one writes it to S3.

Source: Elastic Load Balancing User Guide for Application Load Balancers, load-balancer-access-logs: names of
files and fields. A load balancer writes every five minutes; here a file comes each minute, so that nobody has
to wait. Processing times, bytes and the trace are not measured here: their fields hold what a load balancer
writes where it does not know, -1, 0 or `-`. Health checks of targets are in no log.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rehearsal.world.listener_rules import Asked, Rule
from rehearsal.world.minutes import minute_ended

_LOG = logging.getLogger("access-log")


@dataclass(frozen=True)
class Place:
    """Where a load balancer's log goes.

    Attributes
    ----------
    bucket, prefix : str
        As its attributes say; the prefix may be empty.
    account, region : str
    load_balancer : str
        Like app/name/id.
    """

    bucket: str
    prefix: str
    account: str
    region: str
    load_balancer: str

    def key(self, at: datetime) -> str:
        """Return the name of a file that ends at `at`."""
        root = f"{self.prefix}/AWSLogs".lstrip("/")
        stem = f"{self.account}_elasticloadbalancing_{self.region}_{self.load_balancer.replace('/', '.')}"
        return (
            f"{root}/{self.account}/elasticloadbalancing/{self.region}/{at:%Y/%m/%d}/"
            f"{stem}_{at:%Y%m%dT%H%MZ}_127.0.0.1_{secrets.token_hex(4)}.log.gz"
        )


class AccessLog:
    """Takes down what it is told, and puts a file into S3 each minute and at the end."""

    def __init__(self, s3: Any, place: Place) -> None:
        self._s3 = s3
        self._place = place
        self._lines: list[str] = []
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._write_each_minute())

    async def stop(self) -> None:
        """Write no more."""
        if self._task is not None:
            self._task.cancel()

    def note(self, asked: Asked, port: int, rule: Rule | None, status: int) -> None:
        """Take down one request: from the client's `port`, taken by `rule` (None: the default one)."""
        self._lines.append(line(self._place.load_balancer, asked, port, rule, status, _now()))

    async def write(self) -> None:
        """Put what was taken down into S3; nothing where there is nothing."""
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        await asyncio.to_thread(
            self._s3.put_object,
            Bucket=self._place.bucket,
            Key=self._place.key(_now()),
            Body=gzip.compress("".join(lines).encode(), mtime=0),
        )

    async def _write_each_minute(self) -> None:
        while True:
            await minute_ended()
            try:
                await self.write()
            except Exception as error:  # a minute without a file must not end it
                _LOG.warning("cannot write: %s", error)


def line(
    load_balancer: str, asked: Asked, port: int, rule: Rule | None, status: int, at: datetime
) -> str:
    """Return the line of one request."""
    does = "forward" if rule is None else rule.action["Type"]
    of_target = status if does == "forward" else "-"
    agent = next((value for name, value in asked.headers if name.lower() == "user-agent"), "-")
    query = f"?{asked.query}" if asked.query else ""
    url = f"{asked.scheme}://{asked.host}:{asked.port}{asked.path}{query}"
    when = f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
    return (
        f"{asked.scheme} {when} {load_balancer} {asked.source_ip}:{port} - -1 -1 -1 {status} {of_target} 0 0 "
        f'"{_quoted(asked.method)} {_quoted(url)} HTTP/1.1" "{_quoted(agent)}" - - - "-" "-" "-" '
        f'{0 if rule is None else rule.priority} {when} "{does}" "-" "-" "-" "-" "-" "-" -\n'
    )


def _quoted(text: str) -> str:
    return text.replace('"', r"\x22")


def _now() -> datetime:
    return datetime.now(UTC)
