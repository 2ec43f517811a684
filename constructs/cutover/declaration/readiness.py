"""What the declaration says of readiness: how both sides are compared and measured before a weight rises."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from cutover.declaration.endpoints import PATH
from cutover.declaration.journeys import HEADER, Journey, Secret, Session, check_together
from cutover.declaration.model import Day, Model, Said
from cutover.declaration.shown import shown

_EXCLUDED: Final = re.compile(r"[/*][!-~]{0,254}")


class Waiver(Model):
    """A difference that a person accepts until a day."""

    finding: Said = Field(
        max_length=300,
        description="id of the finding, as the report shows it, like parity:/ping:header:vary",
    )
    by: Said = Field(max_length=100, description="who accepts it")
    reason: Said = Field(max_length=300, description="why the difference is harmless")
    until: Day = Field(description="last day on which the waiver holds, like 2026-11-30")


class Attestation(Model):
    """Something that only people know, and who vouches for it."""

    what: Said = Field(max_length=100, description="what is vouched for, like backups verified")
    by: Said | Literal[""] = Field(
        default="", description="who vouches; left out: nobody yet, and readiness says not ready"
    )
    on: Day | Literal[""] = Field(default="", description="on which day, like 2026-11-24")
    valid_days: int = Field(
        default=14, ge=1, le=365, description="days until it must be vouched for again, 1 to 365"
    )

    @model_validator(mode="after")
    def _a_name_has_a_day(self) -> Self:
        if bool(self.by) is not bool(self.on):
            raise ValueError(
                "has only one of by and on: give both, or neither while nobody vouches yet"
            )
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
        description="how much slower than old new may be on average, 0 to 1000 %",
    )
    at_once: int = Field(
        default=10, ge=1, le=500, description="requests sent at once to each side, 1 to 500"
    )
    loop_seconds: float = Field(
        default=5.0,
        ge=0.5,
        le=600,
        description="how long `at_once` requests are kept under way, 0.5 to 600 s",
    )
    rate: float = Field(
        default=20.0,
        gt=0,
        le=1000,
        description="requests a second that each side must carry, above 0 to 1000; "
        "if old carries more now, that rate",
    )
    max_rate: float = Field(
        default=200.0,
        gt=0,
        le=1000,
        description="highest request rate that readiness asks one side to carry, "
        "in requests a second, above 0 to 1000",
    )
    ramp_seconds: float = Field(
        default=5.0,
        ge=0.5,
        le=600,
        description="how long the rate takes to grow from zero, 0.5 to 600 s",
    )
    hold_seconds: float = Field(
        default=10.0,
        ge=0.5,
        le=600,
        description="how long the rate is held, 0.5 to 600 s",
    )
    timeout_seconds: float = Field(
        default=10.0,
        ge=0.5,
        le=60,
        description="how long one request may take, 0.5 to 60 s",
    )
    certificate_days: int = Field(
        default=21,
        ge=0,
        le=365,
        description="days that a certificate must still be valid, 0 to 365; https only",
    )
    headers: tuple[Annotated[str, Field(pattern=f"^{HEADER}$")], ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="names of more response headers that must be the same on both sides, like x-version, "
        "at most 50",
    )
    discover: tuple[Annotated[str, Field(pattern=PATH)], ...] = Field(
        default=(),
        strict=False,
        max_length=5,
        description="paths on old of a sitemap or an OpenAPI document (JSON), each starting with /, at "
        "most 5; readiness compares the endpoints that they name too",
    )
    exclude: tuple[str, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="patterns of paths that are not taken from those documents, like /admin/* or */export; "
        "* is any number of characters, ? exactly one; at most 50",
    )
    journeys: tuple[Journey, ...] = Field(
        default=(),
        strict=False,
        max_length=10,
        description="what people do, at most 10: small sequences of requests that are made on both sides, "
        "old first, and compared; the gate makes them too",
    )
    session: Session | None = Field(
        default=None,
        description="how readiness tries whether each side knows a viewer who logged in on the other",
    )
    secrets: tuple[Secret, ...] = Field(
        default=(),
        strict=False,
        max_length=10,
        description="passwords of test users and the like, which steps name as {name}; their values are "
        "never here and never shown",
    )
    waivers: tuple[Waiver, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="differences that a named person accepts until a day",
    )
    attestations: tuple[Attestation, ...] = Field(
        default=(),
        strict=False,
        max_length=20,
        description="what only people know, and who vouches for it",
    )

    @model_validator(mode="after")
    def _rates_and_names_fit(self) -> Self:
        if self.rate > self.max_rate:
            raise ValueError(f"has rate {self.rate:g} above max_rate {self.max_rate:g}")
        for pattern in self.exclude:
            if _EXCLUDED.fullmatch(pattern) is None:
                raise ValueError(
                    f"has {shown(pattern)} in exclude, which covers no path: it must start with / or *, and "
                    "hold at most 255 printable characters without a blank"
                )
        for what, names in (
            ("waivers", [waiver.finding for waiver in self.waivers]),
            ("attestations", [one.what for one in self.attestations]),
        ):
            if len(set(names)) != len(names):
                raise ValueError(f"names one thing twice in {what}")
        check_together(self.journeys, self.secrets, self.session)
        return self
