"""What CloudFront tells about the edge door: namespace AWS/CloudFront, us-east-1, once a minute.

Sources: CloudFront Developer Guide, viewing-cloudfront-metrics and monitoring-functions.
"""

from __future__ import annotations

from cutover.alarms.metric import Metric, MetricMath
from cutover.regions import EDGE_REGION


def _metric(name: str, statistic: str, dimensions: dict[str, str]) -> Metric:
    everywhere = dimensions | {"Region": "Global"}
    return Metric("AWS/CloudFront", name, everywhere, statistic, EDGE_REGION)


def requests(distribution_id: str) -> Metric:
    """Viewer requests a minute."""
    return _metric("Requests", "Sum", {"DistributionId": distribution_id})


def error_rate(distribution_id: str) -> Metric:
    """Viewer requests answered 5xx, in percent."""
    return _metric("5xxErrorRate", "Average", {"DistributionId": distribution_id})


def function_errors(function_name: str) -> MetricMath:
    """Requests a minute that the edge function could not handle, whatever the reason."""
    names = {
        "execution": "FunctionExecutionErrors",
        "validation": "FunctionValidationErrors",
        "throttled": "FunctionThrottles",
        "store": "KvsReadErrors",
    }
    return MetricMath(
        expression=" + ".join(f"FILL({key}, 0)" for key in names),
        using={
            key: _metric(name, "Sum", {"FunctionName": function_name})
            for key, name in names.items()
        },
        label="function errors",
    )
