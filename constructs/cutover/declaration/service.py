"""The declaration of one service: everything that its cutover needs to know, and nothing by default
that moves traffic.

Each field's description says what is right there. The same words are in the table of docs/declaration.md
and in every complaint about a wrong value.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from cutover.declaration.doors import Dns, Edge
from cutover.declaration.endpoints import Endpoint, HealthChecks
from cutover.declaration.judge import Judge
from cutover.declaration.load_balancer_zones import APPLICATION_LOAD_BALANCER_ZONES
from cutover.declaration.model import Model
from cutover.declaration.notify import protocol_of
from cutover.declaration.promotion import Promotion
from cutover.declaration.readiness import Readiness
from cutover.declaration.rollback import Rollback
from cutover.declaration.side import Side, Which
from cutover.declaration.thresholds import Thresholds

Weight = Annotated[int, Field(ge=0, le=100)]


class Service(Model):
    """One service and its cutover."""

    region: str = Field(description="region of both load balancers, like us-east-2")
    new_weight: Weight = Field(
        description="share of traffic for new in percent, a whole number from 0 to 100"
    )
    old: Side = Field(description="the side that serves today")
    new: Side = Field(description="the side to move to")
    endpoints: tuple[Endpoint, ...] = Field(
        strict=False,
        min_length=1,
        max_length=20,
        description="paths that must answer on both sides, 1 to 20; the first one is the health path",
    )
    edge: Edge | Literal[False] = Field(
        default=Edge(), description="the edge door; false: no edge door, and dns must be given"
    )
    dns: Dns | None = Field(default=None, description="the dns door; left out: no dns door")
    thresholds: Thresholds = Field(
        default=Thresholds(), description="limits that a side must keep; each becomes an alarm"
    )
    health_checks: HealthChecks = Field(
        default=HealthChecks(), description="how Route 53 probes the endpoints"
    )
    readiness: Readiness = Field(
        default=Readiness(), description="how both sides are compared before a weight rises"
    )
    promotion: Promotion = Field(
        default=Promotion(), description="when and how far a weight may rise, and how long it bakes"
    )
    judge: Judge = Field(
        default=Judge(), description="how new is compared with old while both carry traffic"
    )
    rollback: Rollback = Field(default=Rollback(), description="how an alarm takes traffic back")
    notify: tuple[str, ...] = Field(
        default=(),
        strict=False,
        description="who is told of alarms and rollbacks: e-mail addresses, https:// URLs, "
        "+15551234567 numbers, or ARNs of SQS queues and Lambda functions",
    )

    @property
    def sides(self) -> dict[Which, Side]:
        """Both sides, old first."""
        return {"old": self.old, "new": self.new}

    @field_validator("region")
    @classmethod
    def _is_a_known_region(cls, region: str) -> str:
        if region not in APPLICATION_LOAD_BALANCER_ZONES:
            raise ValueError("is not a region that this project knows")
        return region

    @field_validator("notify")
    @classmethod
    def _can_be_told(cls, subscribers: tuple[str, ...]) -> tuple[str, ...]:
        for subscriber in subscribers:
            protocol_of(subscriber)
        if len(set(subscribers)) != len(subscribers):
            raise ValueError("names a subscriber twice")
        return subscribers

    @model_validator(mode="after")
    def _sides_and_doors_fit(self) -> Self:
        for which, side in self.sides.items():
            if side.region != self.region:
                raise ValueError(
                    f"has its {which} load balancer in {side.region}, "
                    f"but region is {self.region}: both must be the same"
                )
        for what in ("load_balancer_dns_name", "load_balancer", "target_group"):
            if getattr(self.old, what) == getattr(self.new, what):
                raise ValueError(
                    f"names {getattr(self.old, what)} as {what} of both old and new: "
                    "they must be two different sides"
                )
        if self.edge is False and self.dns is None:
            raise ValueError(
                "has no door: edge is false and dns is missing. "
                "Leave edge out to get the edge door, or give dns a hosted zone"
            )
        paths = [endpoint.path for endpoint in self.endpoints]
        if len(set(paths)) != len(paths):
            raise ValueError("names an endpoint's path twice")
        return self
