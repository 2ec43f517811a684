"""How new is compared with old while both carry traffic: `judge`."""

from __future__ import annotations

from pydantic import Field

from cutover.declaration.model import Model


class Judge(Model):
    """How new is compared with old while both carry traffic."""

    minimum_requests: int = Field(
        default=50,
        ge=10,
        le=1_000_000,
        description="fewest requests on each side in the look-back; with fewer the verdict is "
        "INCONCLUSIVE, 10 to 1000000",
    )
    lookback_minutes: int = Field(
        default=10,
        ge=2,
        le=60,
        description="the look-back: minutes that are compared each minute, 2 to 60",
    )
    false_alarms_per_watch: float = Field(
        default=0.1,
        ge=0.001,
        le=0.5,
        description="in at most this share of the watches (24 hours after a weight change) errors fail new "
        "that has no more than it may, 0.001 to 0.5",
    )
    slowdown_percent: float = Field(
        default=25.0,
        ge=0,
        le=1000,
        description="how much slower than old new may be, 0 to 1000 %",
    )
    more_4xx_points: float = Field(
        default=2.0,
        ge=0,
        le=100,
        description="how far above old's share of 4xx answers new's may be, 0 to 100 percentage points; "
        "100: it is not looked at",
    )
    more_3xx_points: float = Field(
        default=5.0,
        ge=0,
        le=100,
        description="how far above old's share of 3xx answers, 304 among them, new's may be, 0 to 100 "
        "percentage points; 100: it is not looked at",
    )
    dry_run: bool = Field(
        default=False, description="true: it reports its verdict and rolls nothing back"
    )
