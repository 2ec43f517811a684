"""Alarms for an edge door that fails."""

from __future__ import annotations

from cutover.alarms import edge_metrics
from cutover.alarms.alarm import AT_LEAST, Watch
from cutover.declaration.thresholds import Thresholds


def edge_watches(distribution_id: str, function_name: str, thresholds: Thresholds) -> list[Watch]:
    """Return the watches over the edge door, for alarms in us-east-1."""
    return [
        Watch(
            what="edge-5xx-rate",
            means="Viewers get too many 5xx from the edge.",
            metric=edge_metrics.error_rate_of_enough(distribution_id, thresholds.minimum_requests),
            comparison=AT_LEAST,
            threshold=thresholds.edge_error_rate_percent,
        ),
        Watch(
            what="edge-function-errors",
            means="The function that picks the side fails for too many requests, or cannot read the "
            "switch, two minutes in a row.",
            metric=edge_metrics.function_error_rate(
                distribution_id, function_name, thresholds.minimum_requests
            ),
            comparison=AT_LEAST,
            threshold=thresholds.edge_error_rate_percent,
            datapoints=2,
            of=2,
        ),
    ]
