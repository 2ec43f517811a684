"""Reads metrics from CloudWatch, all of them or none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.doors.patience import DoorError, patiently

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef


class ReadingError(Exception):
    """A metric could not be read; the message says which and why."""


def read(
    cloudwatch: Any, queries: Sequence[MetricDataQueryTypeDef], start: int, end: int
) -> dict[str, dict[int, float]]:
    """Return the values of each query by id and by the second at which their minute began.

    At most 500 queries (CloudWatch API Reference, GetMetricData); what is not a number is left out.

    Parameters
    ----------
    cloudwatch
        A client in the metrics' region.
    start, end : int
        Seconds since 1970, whole minutes; `end` is not included.

    Raises
    ------
    ReadingError
        When CloudWatch refuses, still throttles at the last attempt, or tells a metric in part.
    """
    series: dict[str, dict[int, float]] = {query["Id"]: {} for query in queries}
    states: dict[str, str] = {}
    page: dict[str, str] = {}
    while True:
        request = {
            "MetricDataQueries": list(queries),
            "StartTime": datetime.fromtimestamp(start, UTC),
            "EndTime": datetime.fromtimestamp(end, UTC),
            "ScanBy": "TimestampAscending",
            **page,
        }
        try:
            answer = patiently(partial(cloudwatch.get_metric_data, **request))
        except DoorError as error:
            raise ReadingError(f"CloudWatch does not answer for the metrics: {error}") from error
        for result in answer["MetricDataResults"]:
            states[result["Id"]] = result.get("StatusCode", "Complete")
            for at, value in zip(result["Timestamps"], result["Values"], strict=True):
                if math.isfinite(value):
                    series[result["Id"]][int(at.timestamp())] = value
        if not answer.get("NextToken"):
            break
        page = {"NextToken": answer["NextToken"]}
    partly = sorted(id_ for id_, state in states.items() if state != "Complete")
    if partly:
        raise ReadingError(
            f"CloudWatch answers only in part for {partly[0]}: {states[partly[0]]}"
            + (f", and {len(partly) - 1} more." if len(partly) > 1 else ".")
        )
    return series
