"""Load balancer capacity that is reserved on new ahead of a rise: `promotion.capacity`."""

from __future__ import annotations

from pydantic import Field

from cutover.declaration.model import Model


class Capacity(Model):
    """How much is reserved, and how long a rise waits for it."""

    headroom_percent: int = Field(
        default=25,
        ge=0,
        le=400,
        description="how much more than the highest load's share is reserved, in percent of it, 0 to 400",
    )
    lookback_days: int = Field(
        default=14,
        ge=1,
        le=14,
        description="of how many days before the rise the highest load of both load balancers counts, "
        "1 to 14",
    )
    wait_seconds: int = Field(
        default=240,
        ge=1,
        le=600,
        description="how long a rise waits until AWS has provisioned it in every zone, 1 to 600 s; after "
        "that the rise is refused, and the next deploy goes on from there",
    )
