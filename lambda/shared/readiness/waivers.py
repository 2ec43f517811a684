"""Differences that a named person accepts until a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from shared.inference.verdict import Verdict
from shared.readiness.finding import Check, Finding, check
from shared.readiness.spec import Waiver


def waive(checks: Iterable[Check], waivers: Sequence[Waiver], today: date) -> list[Check]:
    """Return the checks with what is waived marked so, and a check of the waivers themselves.

    A waiver that does not hold, but would be needed (it has expired, or nobody may waive the finding), fails.
    A waiver that matches no difference is named, so that a person removes it.
    """
    checks = list(checks)
    standing = {waiver.finding: waiver for waiver in waivers if not _expired(waiver, today)}

    def marked(finding: Finding) -> Finding:
        waiver = standing.get(finding.id)
        if waiver is None or not finding.waivable or finding.verdict is Verdict.PASS:
            return finding
        return replace(finding, waived=f"by {waiver.by} until {waiver.until}: {waiver.reason}")

    judged = [replace(one, findings=tuple(map(marked, one.findings))) for one in checks]
    against = [f for one in judged for f in one.findings if f.verdict is not Verdict.PASS]
    found = [_told(waiver, against, today) for waiver in waivers]
    return [*judged, check("waivers", found)] if found else judged


def _told(waiver: Waiver, against: Sequence[Finding], today: date) -> Finding:
    who = f"{waiver.by}'s waiver of {waiver.finding}"
    met = [finding for finding in against if finding.id == waiver.finding]
    verdict = Verdict.PASS
    if not met:
        said = f"{who} matches no difference: remove it"
    elif not all(finding.waivable for finding in met):
        verdict = Verdict.FAIL
        said = f"{who} waives nothing: this finding cannot be waived"
    elif _expired(waiver, today) and not all(finding.waived for finding in met):
        verdict = Verdict.FAIL
        said = f"{who} expired on {waiver.until}: the difference counts"
    elif _expired(waiver, today):
        said = f"{who} expired on {waiver.until}. A later waiver replaces it: remove this one"
    else:
        said = f"{who} holds until {waiver.until}: {waiver.reason}"
    return Finding(f"waiver:{waiver.finding}", verdict, said)


def _expired(waiver: Waiver, today: date) -> bool:
    return date.fromisoformat(waiver.until) < today
