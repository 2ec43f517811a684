"""Teaches MiniStack to report once a minute how many messages are in each queue.

Source: SQS Developer Guide, sqs-available-cloudwatch-metrics.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from ministack.core.responses import set_request_account_id, set_request_region
from ministack.services import cloudwatch, sqs

_LOG = logging.getLogger("queues")


def teach() -> None:
    """Start to tell."""
    threading.Thread(target=_tell_each_minute, name="queues", daemon=True).start()


def _tell_each_minute() -> None:
    while True:
        time.sleep(60 - time.time() % 60)
        # The minute that is over.
        at = time.time() - 1
        for (account, region, _), queue in list(sqs._queues._data.items()):
            set_request_account_id(account)
            set_request_region(region)
            try:
                _tell(queue, at)
            except Exception:  # one queue must not silence the others
                _LOG.exception("cannot count the messages of %s", queue.get("name"))


def _tell(queue: dict[str, Any], at: float) -> None:
    name = queue["name"]
    visible = sum(float(message.get("visible_at") or 0) <= at for message in queue["messages"])
    bucket = cloudwatch._metric_bucket(
        (
            "AWS/SQS",
            "ApproximateNumberOfMessagesVisible",
            cloudwatch._dims_key({"QueueName": name}),
        )
    )
    bucket.append(
        {
            "Timestamp": at,
            "Value": float(visible),
            "Unit": "Count",
            "Dimensions": {"QueueName": name},
        }
    )
