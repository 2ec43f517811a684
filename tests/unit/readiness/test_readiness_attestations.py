"""What no machine can know is vouched for by a named person on a day, and goes stale."""

from __future__ import annotations

from datetime import date

import pytest

from shared.inference.verdict import Verdict
from shared.readiness.checks.attestations import attestations
from shared.readiness.spec import Attestation

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("by", "on", "verdict", "said"),
    [
        ("Ada", "2026-11-24", Verdict.PASS, "backups: Ada on 2026-11-24, good until 2026-12-08"),
        ("Ada", "2026-11-10", Verdict.PASS, "backups: Ada on 2026-11-10, good until 2026-11-24"),
        (
            "Ada",
            "2026-11-09",
            Verdict.FAIL,
            "Ada vouched for 'backups' on 2026-11-09: that held until 2026-11-23, 1 days ago",
        ),
        (
            "Ada",
            "2026-11-25",
            Verdict.FAIL,
            "Ada vouches for 'backups' on 2026-11-25, which is in the future",
        ),
        ("", "", Verdict.FAIL, "nobody vouches for 'backups': fill in by (a name) and on (a day)"),
        (
            " ",
            "2026-11-24",
            Verdict.FAIL,
            "nobody vouches for 'backups': fill in by (a name) and on (a day)",
        ),
        (
            "Ada",
            "",
            Verdict.FAIL,
            "nobody vouches for 'backups': fill in by (a name) and on (a day)",
        ),
    ],
)
def test_an_attestation_holds_from_its_day_until_it_goes_stale(
    by: str, on: str, verdict: Verdict, said: str
) -> None:
    made = attestations([Attestation("backups", 14, by, on)], TODAY)
    (finding,) = made.findings
    assert (finding.id, finding.verdict, finding.waivable) == (
        "attestation:backups",
        verdict,
        False,
    )
    assert finding.said.startswith(said)
    assert made.verdict is verdict


def test_one_that_is_missing_fails_all() -> None:
    made = attestations(
        [Attestation("backups", 14, "Ada", "2026-11-24"), Attestation("team briefed", 14)], TODAY
    )
    assert [f.verdict for f in made.findings] == [Verdict.PASS, Verdict.FAIL]
    assert made.verdict is Verdict.FAIL


def test_where_none_is_declared_none_is_asked_for() -> None:
    made = attestations([], TODAY)
    assert made.skipped == "none is declared (readiness.attestations)"
    assert made.verdict is None
