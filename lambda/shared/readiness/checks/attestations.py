"""What only people know: backups verified, team briefed, users told. What they say expires."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from shared.inference.verdict import Verdict
from shared.readiness.finding import Check, Finding, check
from shared.readiness.spec import Attestation


def attestations(declared: Sequence[Attestation], today: date) -> Check:
    """Return whether a person vouches for each thing that is declared, and did so lately."""
    if not declared:
        return Check("attestations", skipped="none is declared (readiness.attestations)")
    return check("attestations", [_judge(one, today) for one in declared])


def _judge(attested: Attestation, today: date) -> Finding:
    name = f"attestation:{attested.what}"
    if not (attested.by.strip() and attested.on):
        said = f"nobody vouches for {attested.what!r}: fill in by (a name) and on (a day)"
        return Finding(name, Verdict.FAIL, said)
    on = date.fromisoformat(attested.on)
    # First: the last day that Python knows has no day after it.
    if on > today:
        said = f"{attested.by} vouches for {attested.what!r} on {on}, which is in the future"
        return Finding(name, Verdict.FAIL, said)
    until = on + timedelta(days=attested.valid_days)
    if today > until:
        said = (
            f"{attested.by} vouched for {attested.what!r} on {on}: that held until {until}, "
            f"{(today - until).days} days ago"
        )
        return Finding(name, Verdict.FAIL, said)
    return Finding(
        name, Verdict.PASS, f"{attested.what}: {attested.by} on {on}, good until {until}"
    )
