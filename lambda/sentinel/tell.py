"""What the sentinel publishes, and when: trouble at once, and once a run that it watches.

A call of PutMetricData costs: one for each round would be two thirds of everything (docs/seconds.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sentinel.usual import Side

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import DimensionTypeDef, MetricDatumTypeDef

REPEAT_SECONDS: Final = 10.0
"""So often it is said that a side is still down: once in each of the alarm's periods."""
_PERIOD: Final = timedelta(seconds=10)
_HIGH_RESOLUTION: Final = 1

logger = logging.getLogger("sentinel")


class Teller:
    """Publishes metrics; `wall` tells the time.

    Attributes
    ----------
    is_heard : bool
        Whether CloudWatch took the last of what was said once a run.
    """

    def __init__(
        self,
        client: CloudWatchClient,
        namespace: str,
        service: str,
        wall: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._namespace = namespace
        self._service: DimensionTypeDef = {"Name": "Service", "Value": service}
        self._wall = wall
        self._said: dict[Side, float] = {}
        self.is_heard = True

    def down(self, sides: Sequence[Side], now: float) -> None:
        """Publish ProbeDown of each of `sides`, when that is new or was last said REPEAT_SECONDS ago.

        It is stamped now and, when it is new, into the period before as well: an alarm may judge a period
        only when it is over. It also goes without a stamp, so that CloudWatch's own clock counts where this
        one is wrong (CloudWatch User Guide, publishingMetrics).
        """
        data: list[MetricDatumTypeDef] = []
        due = [s for s in sides if now - self._said.get(s, -REPEAT_SECONDS) >= REPEAT_SECONDS]
        at = self._wall()
        for side in due:
            stamps = [at] if side in self._said else [at, at - _PERIOD]
            down: MetricDatumTypeDef = {
                "MetricName": "ProbeDown",
                "Dimensions": [self._service, {"Name": "Side", "Value": side}],
                "Value": 1.0,
                "StorageResolution": _HIGH_RESOLUTION,
            }
            data.append(down)
            for stamp in stamps:
                data.append({**down, "Timestamp": stamp})
        if data and self._put(data):
            self._said |= dict.fromkeys(due, now)
        for side in [side for side in self._said if side not in sides]:
            del self._said[side]

    def watches(self, sees: bool) -> None:
        """Publish whether it watches."""
        self.is_heard = self._put(
            [
                {
                    "MetricName": "SentinelWatches",
                    "Dimensions": [self._service],
                    "Value": float(sees),
                }
            ]
        )

    def _put(self, data: list[MetricDatumTypeDef]) -> bool:
        """Return whether CloudWatch took it; what it did not take is said again."""
        try:
            self._client.put_metric_data(Namespace=self._namespace, MetricData=data)
        except (ClientError, BotoCoreError):
            logger.exception("not published")
            return False
        return True
