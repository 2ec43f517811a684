"""Where a person sees more: what the outputs of a deploy point at.

lambda/shared/pointers.py says the same in announcements: that is the other side of CloudFormation, and no
code crosses it.
"""

from __future__ import annotations

from cutover.naming import Names
from cutover.regions import EDGE_REGION


def watch_with(names: Names) -> str:
    """Return the command that shows the cutover as it happens."""
    return f"cutover watch --service {names.service}"


def dashboard_of(names: Names) -> str:
    """Return the address of the service's dashboard."""
    return (
        f"https://{EDGE_REGION}.console.aws.amazon.com/cloudwatch/home?region={EDGE_REGION}"
        f"#dashboards:name={names.dashboard}"
    )
