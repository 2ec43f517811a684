"""What CloudWatch says of one alarm: now, and lately.

IAM: cloudwatch:DescribeAlarms and DescribeAlarmHistory on `*`: with a narrower scope composite alarms are
left out of the answers (CloudWatch API reference, DescribeAlarms).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.literals import AlarmTypeType

KINDS: Final[Sequence[AlarmTypeType]] = ("MetricAlarm", "CompositeAlarm")
_HISTORY: Final = 50


def described(client: CloudWatchClient, name: str) -> dict[str, Any]:
    """Return the alarm's description, or nothing where there is no alarm of this name.

    Raises
    ------
    ClientError, BotoCoreError
        When CloudWatch does not answer.
    """
    answer = client.describe_alarms(AlarmNames=[name], AlarmTypes=KINDS)
    found: list[Any] = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
    return dict(found[0]) if found else {}


def history(client: CloudWatchClient, name: str) -> list[dict[str, Any]]:
    """Return the alarm's latest changes of state, the newest first.

    Raises
    ------
    ClientError, BotoCoreError
        When CloudWatch does not answer.
    """
    answer = client.describe_alarm_history(
        AlarmName=name,
        AlarmTypes=KINDS,
        HistoryItemType="StateUpdate",
        MaxRecords=_HISTORY,
        ScanBy="TimestampDescending",
    )
    return [
        {"at": item.get("Timestamp"), "said": item.get("HistorySummary")}
        for item in answer["AlarmHistoryItems"]
    ]
