"""What CloudFront tells about the edge door: namespace AWS/CloudFront, us-east-1, once a minute.

Sources: CloudFront Developer Guide, viewing-cloudfront-metrics and monitoring-functions.
"""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from cutover.regions import EDGE_REGION

_PERIOD = Duration.minutes(1)


def _metric(name: str, statistic: str, dimensions: dict[str, str]) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/CloudFront",
        metric_name=name,
        dimensions_map=dimensions | {"Region": "Global"},
        statistic=statistic,
        period=_PERIOD,
        region=EDGE_REGION,
    )


def requests(distribution_id: str) -> cloudwatch.Metric:
    """Viewer requests a minute."""
    return _metric("Requests", "Sum", {"DistributionId": distribution_id})


def error_rate(distribution_id: str) -> cloudwatch.Metric:
    """Viewer requests answered 5xx, in percent."""
    return _metric("5xxErrorRate", "Average", {"DistributionId": distribution_id})


def function_errors(function_name: str) -> cloudwatch.MathExpression:
    """Requests a minute that the edge function could not handle, whatever the reason."""
    names = {
        "execution": "FunctionExecutionErrors",
        "validation": "FunctionValidationErrors",
        "throttled": "FunctionThrottles",
        "store": "KvsReadErrors",
    }
    return cloudwatch.MathExpression(
        expression=" + ".join(f"FILL({key}, 0)" for key in names),
        using_metrics={
            key: _metric(name, "Sum", {"FunctionName": function_name})
            for key, name in names.items()
        },
        period=_PERIOD,
        label="function errors",
    )
