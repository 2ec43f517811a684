"""What CloudFront tells about the edge door: namespace AWS/CloudFront, us-east-1, once a minute.

Sources: CloudFront Developer Guide, viewing-cloudfront-metrics and monitoring-functions.
"""

from __future__ import annotations

from typing import Final

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


def error_rate_of_enough(distribution_id: str, minimum_requests: int) -> MetricMath:
    """Viewer requests answered 5xx, in percent; 0 in a minute with fewer than `minimum_requests`.

    Probes go past the edge: these are viewers' requests and nobody else's.
    """
    return MetricMath(
        expression=f"IF(requests >= {minimum_requests}, rate, 0)",
        using={
            "requests": requests(distribution_id),
            "rate": error_rate(distribution_id),
        },
        label="5xx %",
    )


_FUNCTION_ERRORS: Final = {
    "execution": "FunctionExecutionErrors",
    "validation": "FunctionValidationErrors",
    "throttled": "FunctionThrottles",
    "store": "KvsReadErrors",
}
_ALL_FUNCTION_ERRORS: Final = " + ".join(f"FILL({key}, 0)" for key in _FUNCTION_ERRORS)


def function_errors(function_name: str) -> MetricMath:
    """Requests a minute that the edge function could not handle, whatever the reason."""
    return MetricMath(
        expression=_ALL_FUNCTION_ERRORS,
        using=_function_errors(function_name),
        label="function errors",
    )


def function_error_rate(
    distribution_id: str, function_name: str, minimum_requests: int
) -> MetricMath:
    """Viewer requests that the edge function could not handle, in percent.

    In a minute with fewer than `minimum_requests` it is 0, or 100 where most of them failed: a single
    failure is noise, and a store that nobody can read is an outage however few ask.
    """
    errors = f"({_ALL_FUNCTION_ERRORS})"
    return MetricMath(
        expression=(
            f"IF(requests >= {minimum_requests}, 100 * {errors} / requests, "
            f"IF(2 * {errors} > requests, 100, 0))"
        ),
        using={"requests": requests(distribution_id)} | _function_errors(function_name),
        label="function errors %",
    )


def _function_errors(function_name: str) -> dict[str, Metric]:
    of = {"FunctionName": function_name}
    return {key: _metric(name, "Sum", of) for key, name in _FUNCTION_ERRORS.items()}
