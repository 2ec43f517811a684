"""How an alarm takes traffic back: `rollback`."""

from __future__ import annotations

from pydantic import Field

from cutover.declaration.model import Day, Model, Said


class PointOfNoReturn(Model):
    """From here on a rollback is a person's decision."""

    reason: Said = Field(max_length=300, description="what cannot be undone, like data migrated")
    by: Said = Field(max_length=100, description="who declared it")
    on: Day = Field(description="the day from which it holds, like 2026-11-24")


class Rollback(Model):
    """How an alarm takes traffic back."""

    cool_down_seconds: int = Field(
        default=120,
        ge=0,
        le=180,
        description="after a release, how long an alarm waits: it rolls back unless it is OK "
        "at the end, 0 to 180 s",
    )
    point_of_no_return: PointOfNoReturn | None = Field(
        default=None,
        description="set it when going back would lose something: alarms then call a person "
        "and do not roll back",
    )
    old_targets: int | None = Field(
        default=None,
        ge=1,
        le=10_000,
        description="healthy targets with which old can carry everybody, 1 to 10000: with fewer for three "
        "minutes people are told. Left out: nobody is told when old is scaled in",
    )
