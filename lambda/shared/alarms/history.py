"""How an alarm's state changed lately."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from shared.alarms.description import KINDS

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

PAGE: Final = 50
"""How many changes are asked for at once."""


def changes(
    client: CloudWatchClient, name: str, since: datetime | None = None
) -> Iterator[Mapping[str, Any]]:
    """Yield the changes of state of the alarm `name`, the newest first, as CloudWatch describes them.

    Raises
    ------
    ClientError, BotoCoreError
        When the history cannot be read.
    """
    page: dict[str, Any] = {} if since is None else {"StartDate": since}
    while True:
        answer = client.describe_alarm_history(
            AlarmName=name,
            AlarmTypes=KINDS,
            HistoryItemType="StateUpdate",
            MaxRecords=PAGE,
            ScanBy="TimestampDescending",
            **page,
        )
        yield from answer["AlarmHistoryItems"]
        if not answer.get("NextToken"):
            return
        page["NextToken"] = answer["NextToken"]


def fired_since(client: CloudWatchClient, name: str, since: datetime) -> datetime | None:
    """Return when the alarm `name` last went to ALARM at or after `since`, or None when it did not.

    Raises
    ------
    ClientError, BotoCoreError
        When the history cannot be read.
    """
    return next(iter(fired(client, name, since)), None)


def fired(client: CloudWatchClient, name: str, since: datetime) -> list[datetime]:
    """Return when the alarm `name` went to ALARM at or after `since`, the latest first.

    Raises
    ------
    ClientError, BotoCoreError
        When the history cannot be read.
    """
    return [item["Timestamp"] for item in changes(client, name, since) if _went_to(item) == "ALARM"]


def _went_to(item: Mapping[str, Any]) -> str:
    try:
        return str(json.loads(item["HistoryData"])["newState"]["stateValue"])
    except (KeyError, ValueError, TypeError):
        # "Alarm updated from OK to ALARM" (AWS CLI command reference, describe-alarm-history).
        return str(item.get("HistorySummary", "")).rpartition(" ")[2]
