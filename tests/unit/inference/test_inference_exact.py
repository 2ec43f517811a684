"""The binomial tail is scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shared.inference.exact import tail

counts = st.integers(0, 60)


@given(events=counts, more=counts, probability=st.floats(0.001, 0.999))
def test_the_tail_is_the_binomial_one(events: int, more: int, probability: float) -> None:
    exact = stats.binom.sf(events - 1, events + more, probability)
    assert tail(events, events + more, probability) == pytest.approx(exact, rel=1e-9, abs=1e-300)
