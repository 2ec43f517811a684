"""What the documents are made from: the declaration, the last readiness report, and what is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from commands.capacity import Need
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
