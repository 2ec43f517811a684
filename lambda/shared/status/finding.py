"""One sentence of the status, and how grave it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.shown import shown


class Kind(StrEnum):
    """What a sentence is."""

    DISAGREES = "disagrees"
    UNREAD = "cannot tell"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """A sentence of one printable line, and what it is."""

    kind: Kind
    says: str

    def __post_init__(self) -> None:
        # It holds what people typed and what AWS answered.
        object.__setattr__(self, "says", shown(self.says))


def gravest(findings: Iterable[Finding]) -> Kind:
    """Return the gravest: a disagreement, something that cannot be told, or nothing but notes."""
    kinds = {finding.kind for finding in findings}
    return next((kind for kind in (Kind.DISAGREES, Kind.UNREAD) if kind in kinds), Kind.NOTE)


def by_gravity(findings: Iterable[Finding]) -> list[Finding]:
    """Return them with the gravest first."""
    order = list(Kind)
    return sorted(findings, key=lambda finding: order.index(finding.kind))
