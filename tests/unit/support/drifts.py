"""What DetectStackResourceDrift answers about a record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

_STACK = "arn:aws:cloudformation:us-east-1:123456789012:stack/chatmrpt-traffic/1"


def drifted(logical_id: str, status: str, **changed: tuple[str, str]) -> dict[str, Any]:
    """Return the answer; `changed` has what the template says of a property, and what is."""
    return {
        "StackId": _STACK,
        "LogicalResourceId": logical_id,
        "ResourceType": "AWS::Route53::RecordSet",
        "StackResourceDriftStatus": status,
        "Timestamp": datetime(2026, 11, 24, tzinfo=UTC),
        "PropertyDifferences": [
            {
                "PropertyPath": f"/{name}",
                "ExpectedValue": expected,
                "ActualValue": actual,
                "DifferenceType": "NOT_EQUAL",
            }
            for name, (expected, actual) in changed.items()
        ],
    }
