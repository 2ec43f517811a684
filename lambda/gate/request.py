"""What CloudFormation asks the gate: the properties of its custom resource, read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gate.rules import Promotion
from shared.alarms.state import AlarmRef
from shared.decommission.rules import Rules
from shared.properties import listed
from shared.readiness.reading import SpecError, read
from shared.readiness.spec import Spec
from shared.shown import NAME, shown

DECOMMISSION: Final = "Decommission"
"""The property that is there while old is out of the doors."""


@dataclass(frozen=True)
class Override:
    """Who lets a weight rise without the rules and readiness, and why."""

    by: str
    reason: str


@dataclass(frozen=True)
class Request:
    """Everything that decides about a rise, except the weights themselves."""

    promotion: Promotion
    readiness: Spec
    alarms: tuple[AlarmRef, ...]
    override: Override | None
    decommission: Rules | None = None


def parse(properties: Mapping[str, Any]) -> Request:
    """Return what `properties` say.

    Raises
    ------
    SpecError, PropertyError
        When one is missing or cannot be read.
    """
    for name in ("Promotion", "Readiness", "Alarms"):
        if name not in properties:
            raise SpecError(f"{name} is missing: deploy with this version's templates")
    override, leaving = properties.get("Override"), properties.get(DECOMMISSION)
    return Request(
        promotion=read(Promotion, properties["Promotion"], "Promotion."),
        readiness=read(Spec, properties["Readiness"], "Readiness."),
        alarms=tuple(
            read(AlarmRef, alarm, f"Alarms[{place}].")
            for place, alarm in enumerate(listed(properties, "Alarms"))
        ),
        override=_shown(read(Override, override, "Override.")) if override else None,
        decommission=read(Rules, leaving, "Decommission.") if leaving else None,
    )


def _shown(override: Override) -> Override:
    return Override(shown(override.by, NAME), shown(override.reason))
