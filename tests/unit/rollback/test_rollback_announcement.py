"""What people are told of a switch: never more than the doors said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rollback.announcement import of_switch
from rollback.call import Call
from rollback.doors import Outcome
from shared.doors.switch import SwitchState

CALL = Call({}, "roll_back", "5f2b6f1e")
HOW = st.sampled_from([(True, ""), (False, ""), (False, "AccessDenied"), (False, "no answer")])
DOORS = st.fixed_dictionaries({"edge": HOW}, optional={"dns": HOW})
ALL_ON_OLD = "Viewers go to old until a person releases the switch."
NEW_AGAIN = "New gets its declared weight again."


@given(DOORS, st.sampled_from(["thrown", "released"]), st.text(max_size=300), st.text(max_size=300))
def test_the_text_never_claims_more_than_the_doors_said(
    doors: dict[str, tuple[bool, str]], state: str, by: str, reason: str
) -> None:
    wanted = SwitchState("thrown" if state == "thrown" else "released", by, reason, "2026-11-24")
    outcomes = [Outcome(name, changed, error) for name, (changed, error) in doors.items()]
    told = of_switch("chatmrpt", wanted, outcomes, CALL)
    failed = [outcome.door for outcome in outcomes if outcome.error]
    well = [outcome.door for outcome in outcomes if not outcome.error]
    body = told.body.split("doors:")[1]

    assert "  cutover watch --service chatmrpt" in body.splitlines()

    # What is claimed of everybody holds only where no door failed.
    assert (ALL_ON_OLD in body) == (wanted.thrown and not failed)
    assert (NEW_AGAIN in body) == (not wanted.thrown and not failed)
    assert "tried again" not in body
    assert "retr" not in body.lower().replace(reason.lower(), "")

    headline = told.body.splitlines()[0]
    for door in failed:
        assert f"  {door}: FAILED" in body
        assert f"At {' and '.join(failed)}, " in body
    for door in well:
        assert f"  {door}: FAILED" not in body
    assert (f"{state.upper()} at {' and '.join(well)}" in headline) == bool(well)
    assert (f"FAILED at {' and '.join(failed)}" in headline) == bool(failed)

    word = "ROLLBACK FAILED" if wanted.thrown else "RELEASE FAILED"
    assert (word in told.subject) == bool(failed)
    assert ("ROLLED BACK to old" in told.subject) == (wanted.thrown and not failed)


@given(st.text(max_size=500), st.text(max_size=500))
def test_a_subject_is_what_sns_takes_whatever_was_typed(by: str, reason: str) -> None:
    told = of_switch(
        "chatmrpt", SwitchState("thrown", by, reason, ""), [Outcome("edge", True)], CALL
    )
    assert len(told.subject) < 100
    assert told.subject.isascii()
    assert told.subject.isprintable()
