"""The local edge's real-time log: the deployed fields of each request, into the deployed stream, a bit late.

"Within seconds" (CloudFront Developer Guide, real-time-logs): each line comes 1 to 4 s after its request, for
itself. What cannot be delivered is lost, as where Kinesis throttles CloudFront (the same, troubleshooting).
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rehearsal.world.minutes import minute_ended

_LOG = logging.getLogger("edge log")
_EACH_SECONDS: Final = 0.25
LATE_SECONDS: Final = (1.0, 4.0)
_A_CALL: Final = 500
"""Records that PutRecords takes (Kinesis API reference)."""
_NOTHING: Final = "-"


@dataclass(frozen=True)
class LogConfig:
    """What of a request is written, in its order, and into which stream."""

    fields: tuple[str, ...]
    stream: str


def log_config(cloudfront: Any, arn: str) -> LogConfig:
    """Return the log's configuration as it is deployed.

    "In an API response, the fields are provided in the same order in which they are sent to the Amazon
    Kinesis data stream" (CloudFront API reference, RealtimeLogConfig).

    Raises
    ------
    LookupError
        When there is none with that ARN.
    """
    listed = cloudfront.list_realtime_log_configs()["RealtimeLogConfigs"]
    for config in listed.get("Items") or []:
        if config["ARN"] == arn:
            stream = config["EndPoints"][0]["KinesisStreamConfig"]["StreamARN"]
            return LogConfig(tuple(config["Fields"]), stream.split("/")[-1])
    raise LookupError(f"there is no real-time log configuration {arn}")


@dataclass
class Told:
    """What is known of one request when it has been answered.

    Attributes
    ----------
    config : LogConfig or None
        Where it is to be written; None: nowhere.
    began, first_byte : float or None
        Unix seconds.
    status : int
        0 where the viewer left before there was an answer.
    asked : list of (str, int)
        The host of each origin that was asked, and what it answered.
    """

    config: LogConfig | None = None
    began: float = field(default_factory=time.time)
    first_byte: float | None = None
    status: int = 0
    pattern: str = "*"
    said: str = _NOTHING
    from_cache: bool = False
    asked: list[tuple[str, int]] = field(default_factory=list)

    def line(self, now: float, stamped: float) -> str:
        """Return its line, written at `now` (Unix seconds) and stamped with another time."""
        assert self.config is not None
        told = {**self._told(now), "timestamp": f"{stamped:.3f}"}
        return "\t".join(told.get(name, _NOTHING) for name in self.config.fields) + "\n"

    def _told(self, now: float) -> Mapping[str, str]:
        first = self.first_byte if self.first_byte is not None else now
        # The origin that answered last, and what made the edge ask it (docs/unverified.md: not documented).
        host = self.asked[-1][0] if self.asked else _NOTHING
        reason = f"Failover:{self.asked[-2][1]}" if len(self.asked) > 1 else _NOTHING
        result = "Hit" if self.from_cache else "Error" if self.status >= 400 else "Miss"
        return {
            "time-to-first-byte": f"{first - self.began:.3f}",
            "sc-status": f"{self.status:03d}",
            "x-edge-request-id": uuid.uuid4().hex,
            "x-edge-result-type": result,
            "cache-behavior-path-pattern": self.pattern,
            "r-host": host,
            "sr-reason": reason,
            "viewer-request-log-data": self.said,
        }


class EdgeLog:
    """What delivers the lines.

    Attributes
    ----------
    silent : bool
        Whether none is delivered.
    behind_seconds : float
        How much older than its time each line says that it is: the stream is so late.
    """

    def __init__(self, kinesis: Any, cloudwatch: Any) -> None:
        self._kinesis = kinesis
        self._cloudwatch = cloudwatch
        self._waiting: list[tuple[float, str, str]] = []
        self._throttled: dict[str, int] = {}
        self.silent = False
        self.behind_seconds = 0.0

    def write(self, told: Told) -> None:
        """Take what is known of a request that has ended now."""
        if told.config is None or self.silent:
            return
        now = time.time()
        line = told.line(now, now - self.behind_seconds)
        self._waiting.append((now + random.uniform(*LATE_SECONDS), told.config.stream, line))

    async def deliver(self) -> None:
        """Deliver each line when it is due, until cancelled."""
        while True:
            await asyncio.sleep(_EACH_SECONDS)
            await self.deliver_due()

    async def deliver_due(self) -> None:
        """Deliver the lines that are due."""
        now = time.time()
        due = [(stream, line) for at, stream, line in self._waiting if at <= now]
        self._waiting = [one for one in self._waiting if one[0] > now]
        for stream in dict.fromkeys(stream for stream, _ in due):
            lines = [line for of, line in due if of == stream]
            for start in range(0, len(lines), _A_CALL):
                await self._put(stream, lines[start : start + _A_CALL])

    async def _put(self, stream: str, lines: Sequence[str]) -> None:
        try:
            answer = await asyncio.to_thread(
                self._kinesis.put_records,
                StreamName=stream,
                Records=[
                    {"Data": line.encode(), "PartitionKey": uuid.uuid4().hex} for line in lines
                ],
            )
            lost = answer["FailedRecordCount"]
        except Exception as error:  # lost, and the next ones are delivered
            _LOG.warning("%s lines are lost: %s", len(lines), error)
            lost = len(lines)
        self._throttled[stream] = self._throttled.get(stream, 0) + lost

    async def tell_each_minute(self) -> None:
        """Tell what Kinesis tells of what it refused, until cancelled (Kinesis Developer Guide,
        monitoring-with-cloudwatch)."""
        while True:
            at = await minute_ended()
            throttled, self._throttled = self._throttled, {}
            for stream, count in throttled.items():
                try:
                    await asyncio.to_thread(
                        self._cloudwatch.put_metric_data,
                        Namespace="AWS/Kinesis",
                        MetricData=[
                            {
                                "MetricName": "WriteProvisionedThroughputExceeded",
                                "Dimensions": [{"Name": "StreamName", "Value": stream}],
                                "Timestamp": at,
                                "Value": float(count),
                            }
                        ],
                    )
                except Exception as error:  # a minute without metrics must not end it
                    _LOG.warning("cannot publish: %s", error)
