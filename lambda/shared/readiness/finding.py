"""What a check found: a finding for each thing that counts, a check of findings, a report of checks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from shared.inference.verdict import Verdict, overall
from shared.shown import shown

SCHEMA: Final = "cutover-readiness/1"
_SENTENCES: Final = 8


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    The texts hold what servers sent. Each text is one printable line of at most 600 characters, fit for a
    terminal, a page and CloudFormation.

    Attributes
    ----------
    id : str
        Names it for a waiver, the same in every run, like `parity:/ping:header:cache-control`.
    verdict : Verdict
    said : str
        A sentence with what was seen and by how much.
    old, new : str
        What each side showed, where two sides were compared.
    waivable : bool
        Whether a named person may waive it; nobody may waive a side that does not work.
    waived : str
        By whom, why and until when it is waived.
    """

    id: str
    verdict: Verdict
    said: str
    old: str = ""
    new: str = ""
    waivable: bool = False
    waived: str = ""

    def __post_init__(self) -> None:
        for name in ("id", "said", "old", "new", "waived"):
            object.__setattr__(self, name, shown(getattr(self, name)))

    @property
    def counts(self) -> Verdict:
        """The verdict as it counts: what is waived passes."""
        return Verdict.PASS if self.waived else self.verdict

    def to_dict(self) -> dict[str, Any]:
        """Return it as the report holds it."""
        optional = {"old": self.old, "new": self.new, "waived": self.waived}
        return {
            "id": self.id,
            "verdict": str(self.verdict),
            "said": self.said,
            "waivable": self.waivable,
        } | {key: value for key, value in optional.items() if value}


@dataclass(frozen=True)
class Check:
    """One kind of check and all that it found.

    Attributes
    ----------
    name : str
        parity, journeys, session, assets, tls, performance, load, configuration, door, discovery,
        attestations or waivers.
    findings : tuple of Finding
    figures : dict
        What was measured, for the report's tables and plots.
    skipped : str
        Why it was not made at all, where it was not.
    seconds : float
        How long it took.
    """

    name: str
    findings: tuple[Finding, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)
    skipped: str = ""
    seconds: float = 0.0

    @property
    def verdict(self) -> Verdict | None:
        """The gravest of its findings; None when it was skipped."""
        return None if self.skipped else overall(f.counts for f in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return it as the report holds it."""
        return {
            "name": self.name,
            "verdict": "SKIPPED" if self.verdict is None else str(self.verdict),
            "skipped": self.skipped,
            "seconds": round(self.seconds, 3),
            "findings": [finding.to_dict() for finding in self.findings],
            "figures": self.figures,
        }


@dataclass(frozen=True)
class Report:
    """All checks of one run.

    Attributes
    ----------
    service, old, new : str
        What was compared.
    started : str
        ISO 8601, UTC.
    seconds : float
    checks : tuple of Check
    """

    service: str
    old: str
    new: str
    started: str
    seconds: float
    checks: tuple[Check, ...]

    @property
    def verdict(self) -> Verdict:
        """Ready (PASS), not ready (FAIL) or could not tell (INCONCLUSIVE)."""
        return overall(c.verdict for c in self.checks if c.verdict is not None)

    def against(self) -> list[Finding]:
        """Return the findings that keep it from being ready, the gravest first."""
        found = [f for check in self.checks for f in check.findings]
        return [f for v in (Verdict.FAIL, Verdict.INCONCLUSIVE) for f in found if f.counts is v]

    def sentence(self) -> str:
        """Return what keeps it from being ready in one line, or that nothing does."""
        against = self.against()
        if not against:
            return "ready" if self.verdict is Verdict.PASS else "nothing was checked"
        head = "not ready" if self.verdict is Verdict.FAIL else "could not tell"
        told = [finding.said for finding in against[:_SENTENCES]]
        if len(against) > len(told):
            told.append(f"and {len(against) - len(told)} more")
        return f"{head}: {'; '.join(told)}"

    def to_dict(self) -> dict[str, Any]:
        """Return report.json (docs/readiness-report.schema.json)."""
        return {
            "schema": SCHEMA,
            "service": self.service,
            "old": self.old,
            "new": self.new,
            "started": self.started,
            "seconds": round(self.seconds, 3),
            "verdict": str(self.verdict),
            "said": self.sentence(),
            "checks": [check.to_dict() for check in self.checks],
        }


def check(name: str, findings: Iterable[Finding], **figures: Any) -> Check:
    """Return a check of `findings`."""
    return Check(name, tuple(findings), dict(figures))
