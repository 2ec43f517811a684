"""Whether a door that is not there is on its way, or is leaving: that is no reason to wake anybody.

The observer is in Safety and the doors are in Traffic, which is deployed after it and destroyed before it. So
between the two a door is missing, and nothing is wrong. It may be missing for an hour after a stack was last
touched, and no longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

GRACE: Final = timedelta(hours=1)
"""So long a deploy, or a destruction, may take: CloudFront is the slowest in both."""

_REVIEWED: Final = "REVIEW_IN_PROGRESS"
"""A change set was made and never carried out: nothing is there yet (CloudFormation User Guide,
view-stack-events, stack status codes)."""


@dataclass(frozen=True)
class Stack:
    """What CloudFormation says of a stack.

    Attributes
    ----------
    name : str
    status : str
        Empty where there is no such stack.
    touched : datetime or None
        When it was last created, updated or deleted: the start of it.
    """

    name: str
    status: str = ""
    touched: datetime | None = None

    @property
    def in_progress(self) -> bool:
        """Whether CloudFormation is working on it."""
        return self.status.endswith("_IN_PROGRESS")

    def __str__(self) -> str:
        """Say it as a message does."""
        if not self.status:
            return f"the stack {self.name} does not exist"
        return f"the stack {self.name} is {self.status}"


def stack(cloudformation: Any, name: str) -> Stack:
    """Return the stack `name` as it is now.

    Raises
    ------
    ClientError, BotoCoreError
        When CloudFormation does not say.
    """
    try:
        (found,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        # It has no error code of its own (CloudFormation API reference, DescribeStacks).
        if "does not exist" in str(error):
            return Stack(name)
        raise
    if found["StackStatus"] == _REVIEWED:
        return Stack(name)
    times = ("CreationTime", "LastUpdatedTime", "DeletionTime")
    touched = max(found[time] for time in times if found.get(time) is not None)
    return Stack(name, found["StackStatus"], touched)


def is_under_way(traffic: Stack, safety: Stack, now: datetime) -> bool:
    """Return whether what is missing of `traffic` is on its way or is leaving."""

    def recently(one: Stack) -> bool:
        return one.touched is not None and now - one.touched < GRACE

    if any(one.in_progress and recently(one) for one in (traffic, safety)):
        return True
    # Safety was touched and Traffic was not yet: its turn is next.
    behind = traffic.touched is None or (
        safety.touched is not None and traffic.touched < safety.touched
    )
    return behind and recently(safety)
