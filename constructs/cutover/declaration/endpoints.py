"""The endpoints, how their bodies are compared, and how Route 53 probes them."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from cutover.declaration.model import Model, Said

PATH: Final = r"^/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,254}$"
"""Path and query, as a URL holds them."""
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""XML 1.0, 2.2, which Route 53 is asked in (Route 53 API reference, CreateHealthCheck SearchString)."""

_JsonPath = Annotated[Said, Field(max_length=255)]


class Body(Model):
    """How the bodies of both sides are compared."""

    by: Literal["similarity", "text", "json", "pattern", "any"] = Field(
        default="similarity",
        description="how the bodies are compared: similarity (of words), text (exactly), json, "
        "pattern (both must match it) or any (not at all)",
    )
    ignore: tuple[_JsonPath, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="json only: paths to ignore, like meta.time, items.*.id or **.updated",
    )
    unordered: tuple[_JsonPath, ...] = Field(
        default=(),
        strict=False,
        max_length=50,
        description="json only: paths of lists whose order means nothing, like items or **.tags; "
        "`.` is the document itself, `**` every list",
    )
    pattern: str = Field(
        default="",
        max_length=255,
        description="pattern only: a regular expression, at most 255 characters",
    )
    at_least: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="similarity only: share of neighbouring word pairs in common, 0 to 1",
    )

    @model_validator(mode="after")
    def _keys_fit_the_measure(self) -> Self:
        if bool(self.pattern) is not (self.by == "pattern"):
            raise ValueError("has pattern without by: pattern, or the other way round")
        if self.ignore and self.by != "json":
            raise ValueError("has ignore, which goes with by: json only")
        if self.unordered and self.by != "json":
            raise ValueError("has unordered, which goes with by: json only")
        try:
            re.compile(self.pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"has a pattern that is not a regular expression: {error}") from error
        return self


class Endpoint(Model):
    """A path that must answer on both sides."""

    path: str = Field(
        pattern=PATH,
        description="path and query, starting with /, at most 255 characters, like /ping; "
        "percent-encode what a URL cannot hold",
    )
    status: int = Field(
        default=200,
        ge=200,
        le=399,
        description="status that it must answer with, 200 to 399 (what Route 53 counts as healthy)",
    )
    contains: str | None = Field(
        default=None,
        min_length=1,
        max_length=255,
        description="text that must stand in the first 5,120 bytes of the body, "
        "1 to 255 characters, case-sensitive; left out: any body is right",
    )
    body: Body = Field(default=Body(), description="how the bodies of both sides are compared")

    @field_validator("contains")
    @classmethod
    def _a_health_check_can_look_for_it(cls, text: str | None) -> str | None:
        if text is not None and _NOT_IN_XML.search(text) is not None:
            raise ValueError("holds a control character, which no health check can look for")
        return text


class HealthChecks(Model):
    """How Route 53 probes each endpoint of each side."""

    interval_seconds: Literal[10, 30] = Field(
        default=10,
        description="seconds between two probes of one checker, 10 or 30; "
        "a change replaces the health checks",
    )
    failure_threshold: int = Field(
        default=3,
        ge=1,
        le=10,
        description="probes in a row that must fail, or succeed, before the health check turns, 1 to 10",
    )
