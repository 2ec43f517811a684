"""A verdict is what the whole interval says; what cannot be told never passes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.inference.student import Interval
from shared.inference.verdict import Verdict, at_most, overall

QUICK = settings(max_examples=60, deadline=None)

VERDICTS = st.sampled_from(list(Verdict))


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (90.0, 100.0, Verdict.PASS),
        (100.1, 110.0, Verdict.FAIL),
        (90.0, 100.1, Verdict.INCONCLUSIVE),
        (100.0, 110.0, Verdict.INCONCLUSIVE),
        (None, None, Verdict.INCONCLUSIVE),
        (90.0, None, Verdict.INCONCLUSIVE),
        (100.1, None, Verdict.FAIL),
        (None, 100.0, Verdict.PASS),
    ],
)
def test_only_a_whole_interval_on_one_side_of_the_limit_tells(
    low: float | None, high: float | None, verdict: Verdict
) -> None:
    assert at_most(Interval(100.0, low, high), 100.0) is verdict


@QUICK
@given(verdicts=st.lists(VERDICTS, min_size=1))
def test_one_fail_fails_all_and_one_doubt_keeps_all_from_passing(verdicts: list[Verdict]) -> None:
    order = [Verdict.PASS, Verdict.INCONCLUSIVE, Verdict.FAIL]
    assert overall(verdicts) is max(verdicts, key=order.index)


def test_nothing_that_was_looked_at_is_no_pass() -> None:
    assert overall([]) is Verdict.INCONCLUSIVE
