"""Whether an alarm fired while nobody looked.

IAM: cloudwatch:DescribeAlarmHistory on `*`, as for DescribeAlarms.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient


def fired_since(client: CloudWatchClient, name: str, since: datetime) -> datetime | None:
    """Return when the alarm `name` last went to ALARM at or after `since`, or None when it did not.

    Raises
    ------
    ClientError, BotoCoreError
        When the history cannot be read.
    """
    page: dict[str, Any] = {}
    while True:
        answer = client.describe_alarm_history(
            AlarmName=name,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            HistoryItemType="StateUpdate",
            StartDate=since,
            ScanBy="TimestampDescending",
            **page,
        )
        for item in answer["AlarmHistoryItems"]:
            if _went_to(item) == "ALARM":
                return item["Timestamp"]
        if not answer.get("NextToken"):
            return None
        page = {"NextToken": answer["NextToken"]}


def _went_to(item: Mapping[str, Any]) -> str:
    try:
        return str(json.loads(item["HistoryData"])["newState"]["stateValue"])
    except (KeyError, ValueError, TypeError):
        # "Alarm updated from OK to ALARM" (AWS CLI command reference, describe-alarm-history).
        return str(item.get("HistorySummary", "")).rpartition(" ")[2]
