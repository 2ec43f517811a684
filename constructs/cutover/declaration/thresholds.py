"""What counts as misbehaving: `thresholds`."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from cutover.declaration.model import Model


class Thresholds(Model):
    """What counts as misbehaving; each becomes an alarm."""

    error_rate_percent: float = Field(
        default=1.0,
        gt=0,
        le=100,
        description="5xx share of a side's requests in each of two minutes in a row, above 0 to 100 %",
    )
    hard_error_rate_percent: float = Field(
        default=5.0,
        gt=0,
        le=100,
        description="5xx share of a side's requests in any one minute, above 0 to 100 %",
    )
    edge_error_rate_percent: float = Field(
        default=5.0,
        gt=0,
        le=100,
        description="5xx share of what viewers get from the edge in any one minute, and share of their "
        "requests that the edge function cannot handle in each of two minutes in a row, above 0 to 100 %",
    )
    fast_error_rate_percent: float = Field(
        default=1.5,
        gt=0,
        le=50,
        description="only with edge.fast_log: share of a side's requests that fail within ten seconds, as "
        "the edge sees it, above 0 to 50 %. Take three times the usual share, at least: below that it rolls "
        "back for nothing",
    )
    fast_slow_ms: int = Field(
        default=1000,
        ge=1,
        le=60_000,
        description="only with edge.fast_log: from when on the first byte of an answer is slow, as the edge "
        "sees it, 1 to 60000 ms; shown, and no reason to roll back",
    )
    minimum_requests: int = Field(
        default=20,
        ge=1,
        le=100_000,
        description="fewest requests of users in a minute, health checks not counted, for which an error "
        "rate counts, 1 to 100000",
    )
    latency_average_ms: int = Field(
        default=250, ge=1, le=60_000, description="average response time, 1 to 60000 ms"
    )
    latency_p95_ms: int = Field(
        default=250,
        ge=1,
        le=60_000,
        description="95th percentile of the response time, 1 to 60000 ms",
    )
    connection_errors: int = Field(
        default=5,
        ge=1,
        le=100_000,
        description="failed connections from the load balancer to its targets in a minute, 1 to 100000",
    )
    healthy_targets_percent: float = Field(
        default=50.0,
        gt=0,
        le=100,
        description="least share of a side's targets that must be healthy to carry its load, in each of two "
        "minutes in a row, above 0 to 100 %. A rolling deploy goes below 100, and must not go below this",
    )

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        if self.hard_error_rate_percent < self.error_rate_percent:
            raise ValueError(
                f"has hard_error_rate_percent {self.hard_error_rate_percent:g} below "
                f"error_rate_percent {self.error_rate_percent:g}: one bad minute must be worse than two"
            )
        if self.latency_p95_ms < self.latency_average_ms:
            raise ValueError(
                f"has latency_p95_ms {self.latency_p95_ms} below latency_average_ms "
                f"{self.latency_average_ms}: hardly any side could keep the one and break the other"
            )
        return self
