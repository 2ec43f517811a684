"""Where a person sees more: what an announcement, a comment and a command point at.

constructs/cutover/pointers.py says the same in a deploy's outputs: that is the other side of CloudFormation,
and no code crosses it.
"""

from __future__ import annotations


def watch_with(service: str) -> str:
    """Return the command that shows the cutover as it happens."""
    return f"cutover watch --service {service}"


def dashboard_of(service: str) -> str:
    """Return the address of the service's dashboard."""
    return (
        "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"
        f"#dashboards:name={service}-cutover"
    )
