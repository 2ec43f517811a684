"""When old may leave the doors: `decommission`."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from cutover.declaration.model import Model
from cutover.declaration.readiness import Attestation


class Decommission(Model):
    """What must be shown before old leaves the doors."""

    quiet_days: int = Field(
        default=7,
        ge=1,
        le=30,
        description="days in which nearly nobody may have asked old and nothing was rolled back, 1 to 30",
    )
    residual_requests_a_day: int = Field(
        default=500,
        ge=0,
        le=1_000_000,
        description="requests a day that old may still get, probes taken off, 0 to 1000000: "
        "scanners never stop",
    )
    monthly_savings_usd: int | None = Field(
        default=None,
        ge=0,
        le=10_000_000,
        description="what the service is to cost less a month without old, in USD, 0 to 10000000; cutover "
        "decommission shows it beside the list prices of what can go; left out: not said",
    )
    attestations: tuple[Attestation, ...] = Field(
        default=(Attestation(what="backups of old verified"),),
        strict=False,
        min_length=1,
        max_length=20,
        description="what a person must vouch for before old goes; backups at least",
    )

    @model_validator(mode="after")
    def _each_is_named_once(self) -> Self:
        names = [one.what for one in self.attestations]
        if len(set(names)) != len(names):
            raise ValueError("names one thing twice in attestations")
        return self
