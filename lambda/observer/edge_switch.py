"""When the edge's switch is read.

Each call of the KeyValueStore's API costs (docs/decisions/132-the-switch-is-read-when-it-may-have-moved.md),
and while nobody rolls back a call a minute says the same a month long. What was read stands in CloudWatch,
published by this function: that is all the memory there is, and each run of it has the same.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from shared.events import SOURCE
from shared.metrics import Metric

_MINUTE: Final = timedelta(minutes=1)

logger = logging.getLogger("observer")


def was_written(event: object) -> bool:
    """Return whether `event` is the rollback function's, which has written the switch or has tried to."""
    return isinstance(event, Mapping) and event.get("source") == SOURCE


def is_known_as_released(cloudwatch: Any, thrown: Metric, now: datetime, minutes: int) -> bool:
    """Return whether the switch was read in the last `minutes` minutes, that of `now` included, and was
    released each time, as `thrown` says. Where CloudWatch does not tell, it is not known.

    It is asked for as long a time ahead: what is newest counts too where our clock is behind.
    """
    this_minute = now.replace(second=0, microsecond=0)
    try:
        (result,) = cloudwatch.get_metric_data(
            MetricDataQueries=[thrown.query("thrown")],
            StartTime=this_minute - (minutes - 1) * _MINUTE,
            EndTime=this_minute + minutes * _MINUTE,
        )["MetricDataResults"]
    except (ClientError, BotoCoreError):
        logger.exception("what was published last cannot be read: the switch is read instead")
        return False
    whole = result.get("StatusCode", "Complete") == "Complete"
    return whole and bool(result["Values"]) and not any(result["Values"])
