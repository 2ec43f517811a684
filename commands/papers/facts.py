"""What the documents are made from: the declaration, the last readiness report, and what is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from commands.capacity import Need
from commands.files import json_in
from commands.leftovers.own_cost import OwnCost
from commands.watching.state import Watched
from cutover.declaration.readiness import Attestation
from cutover.declaration.reading.context import Cutover
from shared.status.standing import Unread

REPORT_COUNTS_FOR: Final = timedelta(hours=24)
"""An older readiness report is told as old."""


@dataclass(frozen=True)
class Facts:
    """Everything that a document may say.

    Attributes
    ----------
    report : mapping or None
        The last readiness report (docs/readiness-report.schema.json) of this service.
    no_report : str
        Why there is none.
    live : Watched or None
        What is deployed and live.
    no_live : str
        Why that is not known.
    cost : OwnCost or None
        What the deployed stacks cost; None where nothing is known of what is live.
    redirected_since : datetime or None
        When the rules that send people from old to the front door were deployed; None: they are not, or that
        is not known.
    capacity : Need, Unread or None
        What each step needs of new's load balancer; None where nothing is reserved, and where nobody looked.
    """

    cutover: Cutover
    at: datetime
    report: Mapping[str, Any] | None = None
    no_report: str = ""
    live: Watched | None = None
    no_live: str = ""
    cost: OwnCost | None = None
    redirected_since: datetime | None = None
    capacity: Need | Unread | None = None

    @property
    def made(self) -> str:
        """From what the document is made."""
        parts = [f"the declaration in {self.cutover.source}"]
        if self.report is not None:
            parts.append(f"the readiness report of {self.report['started']}")
        if self.live is not None:
            parts.append("what is live")
        return f"Made on {self.at:%Y-%m-%d %H:%M} UTC from {', '.join(parts)}."

    @property
    def report_age(self) -> timedelta | None:
        """How old the readiness report is."""
        if self.report is None:
            return None
        try:
            return self.at - datetime.fromisoformat(str(self.report["started"]))
        except (ValueError, TypeError):
            return None

    def check(self, name: str) -> Mapping[str, Any]:
        """Return a check of the report; empty where it was not made."""
        checks = [] if self.report is None else self.report.get("checks", [])
        return next((one for one in checks if one.get("name") == name), {})

    def attested(self, *words: str) -> list[Attestation]:
        """Return what somebody was asked to vouch for and that names one of `words`; without words all."""
        declared = self.cutover.service.readiness.attestations
        return [
            one for one in declared if not words or any(word in one.what.lower() for word in words)
        ]


@dataclass(frozen=True)
class ReadReport:
    """A report, or why there is none."""

    report: Mapping[str, Any] | None = None
    why: str = field(default="")


def read_report(file: Path, service: str) -> ReadReport:
    """Return the readiness report that `file` holds, if it is one of `service`."""
    try:
        held = json_in(file)
    except FileNotFoundError:
        return ReadReport(why="no readiness report is there: run cutover readiness")
    except (OSError, ValueError) as error:
        return ReadReport(why=f"{file} cannot be read: {error}")
    if not _is_report(held):
        return ReadReport(why=f"{file} is no readiness report, or a part of it is damaged")
    if held["service"] != service:
        return ReadReport(why=f"{file} is of {held['service']}: run cutover readiness")
    return ReadReport(held)


def _is_report(held: Any) -> bool:
    """Return whether all that the documents tell of it is there, in its form (docs/readiness-report.md)."""
    texts = ("service", "started", "verdict", "said")
    if not isinstance(held, dict) or not all(isinstance(held.get(key), str) for key in texts):
        return False
    checks = held.get("checks", [])
    return isinstance(checks, list) and all(map(_is_check, checks))


def _is_check(held: Any) -> bool:
    if not isinstance(held, dict) or not all(
        isinstance(held.get(key), str) for key in ("name", "verdict")
    ):
        return False
    findings, figures = held.get("findings", []), held.get("figures", {})
    if not isinstance(findings, list) or not all(isinstance(one, dict) for one in findings):
        return False
    sides = figures.get("sides", {}) if isinstance(figures, dict) else None
    return isinstance(sides, dict) and all(map(_is_measured, sides.values()))


def _is_measured(side: Any) -> bool:
    mean = side.get("mean") if isinstance(side, dict) else None
    return isinstance(side, dict) and (mean is None or _is_estimate(mean))


def _is_estimate(held: Any) -> bool:
    parts = 3
    return (
        isinstance(held, list)
        and len(held) == parts
        and all(one is None or type(one) in {int, float} for one in held)
    )
