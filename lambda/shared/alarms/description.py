"""Alarms as CloudWatch describes them, metric and composite.

With a narrower scope than `*` composite alarms are left out of the answers, and so they are where the
kinds are not named (CloudWatch API reference, DescribeAlarms).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_cloudwatch.literals import AlarmTypeType

BATCH: Final = 100
"""How many names DescribeAlarms takes, and how many alarms it answers (CloudWatch API reference)."""

KINDS: Final[Sequence[AlarmTypeType]] = ("MetricAlarm", "CompositeAlarm")


def described(client: CloudWatchClient, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Return the description of each of `names`, at most 100, that there is an alarm for.

    Raises
    ------
    ClientError, BotoCoreError
        When CloudWatch does not answer.
    """
    found: dict[str, Mapping[str, Any]] = {}
    page: dict[str, Any] = {}
    while True:
        answer = client.describe_alarms(
            AlarmNames=names, AlarmTypes=KINDS, MaxRecords=BATCH, **page
        )
        for alarm in (*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())):
            found[alarm["AlarmName"]] = alarm
        if not answer.get("NextToken"):
            return found
        page = {"NextToken": answer["NextToken"]}
