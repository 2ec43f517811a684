"""The person who is told: a queue that the announcements reach as a mail would, emptied each second."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any, Final

from rehearsal.drill.recording import Event

if TYPE_CHECKING:
    from rehearsal.cloud.process import EmbeddedCloud

_LOG = logging.getLogger("people")
QUEUE: Final = "somebody"


def create_queue(cloud: EmbeddedCloud) -> str:
    """Create the queue and return its ARN; topics of this account may write to it."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
    arn: str = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
            }
        ],
    }
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return arn


class Somebody:
    """Reads the queue until `stop`.

    Attributes
    ----------
    got : list of Event
        One a message, with its subject and the time at which it came.
    """

    def __init__(self, cloud: EmbeddedCloud) -> None:
        self._sqs = cloud.client("sqs")
        self._url = self._sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        self._reading: asyncio.Task[None] | None = None
        self.got: list[Event] = []

    async def start(self) -> None:
        """Begin to read; what came before counts as read."""
        await self.read()
        self.got.clear()
        self._reading = asyncio.create_task(self._read_each_second())

    async def stop(self) -> None:
        """Read no more."""
        if self._reading is not None:
            self._reading.cancel()

    async def read(self) -> None:
        """Take what has come."""
        while True:
            answer = await asyncio.to_thread(
                self._sqs.receive_message,
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                AttributeNames=["SentTimestamp"],
            )
            messages = answer.get("Messages") or []
            for message in messages:
                self.got.append(_event(message))
                await asyncio.to_thread(
                    self._sqs.delete_message,
                    QueueUrl=self._url,
                    ReceiptHandle=message["ReceiptHandle"],
                )
            if not messages:
                return

    async def _read_each_second(self) -> None:
        while True:
            await asyncio.sleep(1)
            try:
                await self.read()
            except Exception as error:  # the cloud may be what is broken
                _LOG.info("cannot read the queue: %s", error)


def _event(message: dict[str, Any]) -> Event:
    at = int(message["Attributes"]["SentTimestamp"]) / 1000
    return Event(at, "told", str(json.loads(message["Body"]).get("Subject") or "(no subject)"))
