"""A difference is waived by a named person, for a reason, until a day, and not otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from shared.inference.verdict import Verdict
from shared.readiness.finding import Check, Finding, check
from shared.readiness.spec import Waiver
from shared.readiness.waivers import waive

TODAY = date(2026, 11, 24)
DIFFERENCE = Finding("parity:/:body", Verdict.FAIL, "/: the bodies differ", "a", "b", waivable=True)
BROKEN = Finding("parity:/:new", Verdict.FAIL, "/ on new: status 503")


def waiver(finding: str = DIFFERENCE.id, until: str = "2026-11-24") -> Waiver:
    return Waiver(finding, "Ada", "the banner is new", until)


def waived(*waivers: Waiver, found: tuple[Finding, ...] = (DIFFERENCE,)) -> tuple[Check, Check]:
    """Return the check as it is judged, and that of the waivers."""
    judged, told = waive([check("parity", found)], waivers, TODAY)
    return judged, told


def test_without_waivers_nothing_changes() -> None:
    made = check("parity", [DIFFERENCE])
    assert waive([made], [], TODAY) == [made]


def test_a_waived_difference_passes_and_says_by_whom_why_and_until_when() -> None:
    judged, told = waived(waiver())
    (finding,) = judged.findings
    assert judged.verdict is Verdict.PASS
    assert (finding.verdict, finding.counts) == (Verdict.FAIL, Verdict.PASS)
    assert finding.waived == "by Ada until 2026-11-24: the banner is new"
    assert (told.name, told.verdict) == ("waivers", Verdict.PASS)
    assert told.findings[0].said == (
        "Ada's waiver of parity:/:body holds until 2026-11-24: the banner is new"
    )


def test_an_expired_waiver_waives_nothing_and_is_said() -> None:
    judged, told = waived(waiver(until="2026-11-23"))
    assert judged.verdict is Verdict.FAIL
    assert judged.findings == (DIFFERENCE,)
    assert told.verdict is Verdict.FAIL
    assert told.findings[0].id == "waiver:parity:/:body"
    assert told.findings[0].said == (
        "Ada's waiver of parity:/:body expired on 2026-11-23: the difference counts"
    )


def test_an_expired_waiver_does_no_harm_once_the_difference_is_gone() -> None:
    _, told = waived(waiver(until="2026-11-23"), found=())
    assert told.verdict is Verdict.PASS
    assert told.findings[0].said == "Ada's waiver of parity:/:body matches no difference: remove it"


def test_a_waiver_that_was_given_anew_takes_the_place_of_the_expired_one() -> None:
    judged, told = waived(waiver(until="2026-11-23"), waiver(until="2026-12-24"))
    assert (judged.verdict, told.verdict) == (Verdict.PASS, Verdict.PASS)
    assert told.findings[0].said.endswith("A later waiver replaces it: remove this one")


def test_a_side_that_does_not_work_cannot_be_waived() -> None:
    judged, told = waived(waiver(BROKEN.id), found=(BROKEN,))
    assert judged.findings == (BROKEN,)
    assert (judged.verdict, told.verdict) == (Verdict.FAIL, Verdict.FAIL)
    assert told.findings[0].said == (
        "Ada's waiver of parity:/:new waives nothing: this finding cannot be waived"
    )


@pytest.mark.parametrize("verdict", [Verdict.PASS, None])
def test_a_waiver_that_meets_no_difference_can_go(verdict: Verdict | None) -> None:
    found = () if verdict is None else (Finding(DIFFERENCE.id, verdict, "the same", waivable=True),)
    judged, told = waived(waiver(), found=found)
    assert judged.findings == found
    assert told.verdict is Verdict.PASS
    assert told.findings[0].said.endswith("matches no difference: remove it")


def test_what_could_not_be_told_can_be_waived_where_that_is_allowed() -> None:
    unknown = Finding("discovery:/s", Verdict.INCONCLUSIVE, "names no endpoints", waivable=True)
    judged, _ = waived(waiver(unknown.id), found=(unknown,))
    assert judged.verdict is Verdict.PASS


def test_a_check_that_was_skipped_stays_so() -> None:
    skipped = Check("tls", skipped="plain HTTP")
    assert waive([skipped], [waiver()], TODAY)[0] == skipped
