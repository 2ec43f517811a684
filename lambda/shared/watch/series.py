"""Metrics of CloudWatch over time, read to the end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from shared.doors.patience import patiently


def read_series(
    client: Any, queries: Sequence[Any], since: datetime, until: datetime
) -> dict[str, dict[datetime, float]]:
    """Return each query's values by their time in UTC, by the query's id, from all pages of the answer.

    Raises
    ------
    DoorError
        When CloudWatch does not answer.
    """
    found: dict[str, dict[datetime, float]] = {query["Id"]: {} for query in queries}
    page: dict[str, str] = {}
    while True:
        asked = partial(
            client.get_metric_data,
            MetricDataQueries=queries,
            StartTime=since,
            EndTime=until,
            **page,
        )
        answer = patiently(asked)
        for result in answer["MetricDataResults"]:
            for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                when = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
                found[result["Id"]][when] = value
        if not answer.get("NextToken"):
            return found
        page = {"NextToken": answer["NextToken"]}
