"""What the declaration says of readiness: how both sides are compared and measured before a weight rises."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from cutover.declaration.model import Day, Model


class Waiver(Model):
    """A difference that somebody answers for, until a day."""

    finding: str = Field(
        min_length=1,
        description="id of the finding, as the report shows it, like parity:/ping:header:vary",
    )
    by: str = Field(min_length=1, description="who answers for it")
    reason: str = Field(min_length=1, description="why the difference does no harm")
    until: Day = Field(description="last day on which it holds, like 2026-11-30")


class Attestation(Model):
    """Something no machine can know, and who vouches for it."""

    what: str = Field(
        min_length=1, max_length=100, description="what is vouched for, like backups verified"
    )
    by: str = Field(default="", description="who vouches; left out: nobody yet, so not ready")
    on: Day | Literal[""] = Field(default="", description="on which day, like 2026-11-24")
    valid_days: int = Field(
        default=14, ge=1, le=365, description="days until it goes stale, 1 to 365"
    )

    @model_validator(mode="after")
    def _a_name_has_a_day(self) -> Self:
        if bool(self.by) is not bool(self.on):
            raise ValueError("has one of by and on: somebody vouches on a day, or nobody does yet")
        return self


class Readiness(Model):
    """How both sides are compared and measured."""

    samples: int = Field(
        default=100,
        ge=20,
        le=5000,
        description="timed requests to each endpoint on each side, 20 to 5000",
    )
    slowdown_percent: float = Field(
        default=25.0,
        ge=0,
        le=1000,
        strict=False,
        description="how much slower than old new may be on average, 0 to 1000 %",
    )
    at_once: int = Field(
        default=10, ge=1, le=500, description="requests sent at once to each side, 1 to 500"
    )
    loop_seconds: float = Field(
        default=5.0,
        ge=0.5,
        le=600,
        strict=False,
        description="time for which `at_once` requests are kept under way, 0.5 to 600 s",
    )
    rate: float = Field(
        default=20.0,
        gt=0,
        le=1000,
        strict=False,
        description="requests a second that each side must carry, above 0 to 1000; what old carries "
        "now, where that is more",
    )
    max_rate: float = Field(
        default=200.0,
        gt=0,
        le=1000,
        strict=False,
        description="requests a second that a side is never asked to carry more than, above 0 to 1000",
    )
    ramp_seconds: float = Field(
        default=5.0,
        ge=0.5,
        le=600,
        strict=False,
        description="time in which the rate grows from nothing, 0.5 to 600 s",
    )
    hold_seconds: float = Field(
        default=10.0,
        ge=0.5,
        le=600,
        strict=False,
        description="time for which the rate is held, 0.5 to 600 s",
    )
    timeout_seconds: float = Field(
        default=10.0,
        ge=0.5,
        le=60,
        strict=False,
        description="time that one request may take, 0.5 to 60 s",
    )
    certificate_days: int = Field(
        default=21,
        ge=0,
        le=365,
        description="days that a certificate must still be good for, 0 to 365; https only",
    )
    headers: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="response headers that must be the same, beyond the usual ones",
    )
    discover: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=5,
        description="paths on old of a sitemap or an OpenAPI document (JSON) that names more endpoints",
    )
    waivers: tuple[Waiver, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="differences that a named person answers for until a day",
    )
    attestations: tuple[Attestation, ...] = Field(
        default=(),
        strict=False,
        max_length=20,
        description="what no machine can know, and who vouches for it",
    )

    @model_validator(mode="after")
    def _rates_and_names_fit(self) -> Self:
        if self.rate > self.max_rate:
            raise ValueError(f"has rate {self.rate:g} above max_rate {self.max_rate:g}")
        for path in self.discover:
            if not path.startswith("/"):
                raise ValueError(f"has {path!r} in discover, which does not start with /")
        for what, names in (
            ("waivers", [waiver.finding for waiver in self.waivers]),
            ("attestations", [one.what for one in self.attestations]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(f"names one thing twice in {what}")
        return self
