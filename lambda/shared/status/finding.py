"""One sentence of the status, and how grave it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a sentence is."""

    DISAGREES = "disagrees"
    UNREAD = "cannot tell"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """A sentence and what it is."""

    kind: Kind
    says: str


def gravest(findings: Iterable[Finding]) -> Kind:
    """Return the gravest: a disagreement, something that cannot be told, or nothing but notes."""
    kinds = {finding.kind for finding in findings}
    return next((kind for kind in (Kind.DISAGREES, Kind.UNREAD) if kind in kinds), Kind.NOTE)
