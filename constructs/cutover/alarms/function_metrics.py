"""What Lambda and SQS tell of the functions, and of the calls they gave up, in us-east-1."""

from __future__ import annotations

from cutover.alarms.metric import Metric
from cutover.regions import EDGE_REGION


def errors(function_name: str) -> Metric:
    """Calls a minute that ended in an error."""
    return Metric("AWS/Lambda", "Errors", {"FunctionName": function_name}, "Sum", EDGE_REGION)


def throttles(function_name: str) -> Metric:
    """Calls a minute that Lambda did not start."""
    return Metric("AWS/Lambda", "Throttles", {"FunctionName": function_name}, "Sum", EDGE_REGION)


def messages_waiting(queue_name: str) -> Metric:
    """Most messages in the queue within the minute."""
    name = "ApproximateNumberOfMessagesVisible"
    return Metric("AWS/SQS", name, {"QueueName": queue_name}, "Maximum", EDGE_REGION)
