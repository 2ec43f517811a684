"""The embedded cloud's alarms: metric math, M out of N, and what silence means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.cloud.taught.alarm_math import MetricMathError, evaluate
from rehearsal.cloud.taught.alarm_state import state_of

RATE = "IF(n >= 20, 100 * (FILL(t, 0) + FILL(e, 0)) / n, 0)"
points = st.lists(st.one_of(st.none(), st.floats(0, 1e6)), min_size=1, max_size=6)


def test_an_error_rate_counts_both_kinds_and_ignores_a_trickle() -> None:
    series = {
        "n": [100.0, 10.0, None, 200.0],
        "t": [5.0, 10.0, None, None],
        "e": [1.0, None, 3.0, 4.0],
    }
    assert evaluate(RATE, series) == [6.0, 0.0, None, 2.0]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("a + b", [11.0, None]),
        ("a - b * 2", [-19.0, None]),
        ("(a - b) * -2", [18.0, None]),
        ("FILL(b, 7)", [10.0, 7.0]),
        ("a / 0", [None, None]),
        ("a > 1", [0.0, 1.0]),
        ("IF(a == 2, b, a)", [1.0, None]),
        ("3", [3.0, 3.0]),
    ],
)
def test_expressions(expression: str, expected: list[float | None]) -> None:
    assert evaluate(expression, {"a": [1.0, 2.0], "b": [10.0, None]}) == expected


@pytest.mark.parametrize("expression", ["SUM(a)", "a +", "c", "a if a else a", "__import__('os')"])
def test_what_is_not_taught_is_refused(expression: str) -> None:
    with pytest.raises(MetricMathError):
        evaluate(expression, {"a": [1.0]})


@given(values=points, filling=st.floats(0, 1e6))
def test_fill_leaves_no_gap_and_changes_nothing_else(
    values: list[float | None], filling: float
) -> None:
    filled = evaluate(f"FILL(a, {filling!r})", {"a": values})
    assert filled == [filling if value is None else value for value in values]


def judge(values: list[float | None], *, m: int, n: int, silence: str, before: str = "OK") -> str:
    return state_of(
        values,
        comparison="GreaterThanThreshold",
        threshold=1.0,
        datapoints=m,
        periods=n,
        silence=silence,
        before=before,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("values", "m", "n", "silence", "state"),
    [
        ([0, 0, 2.0], 1, 1, "notBreaching", "ALARM"),
        ([2.0, 2.0, 0], 1, 1, "notBreaching", "OK"),
        ([0, 2.0, 2.0], 2, 2, "notBreaching", "ALARM"),
        ([0, 2.0, None], 2, 2, "notBreaching", "OK"),
        ([2.0, 0, 2.0], 2, 3, "notBreaching", "ALARM"),
        ([None, None, None], 1, 1, "notBreaching", "OK"),
        ([None, None, None], 1, 1, "breaching", "ALARM"),
        ([None, None, None], 1, 1, "missing", "INSUFFICIENT_DATA"),
        ([None, None, None], 1, 1, "ignore", "OK"),
        # A late newest datapoint is no breach: an older real one stands in for it.
        ([0, 0, None], 1, 1, "breaching", "OK"),
        ([0, None, None], 2, 2, "breaching", "OK"),
    ],
)
def test_states(values: list[float | None], m: int, n: int, silence: str, state: str) -> None:
    assert judge(values, m=m, n=n, silence=silence) == state


@given(values=points, m=st.integers(1, 3))
def test_more_breaches_never_calm_an_alarm(values: list[float | None], m: int) -> None:
    worse = [None if value is None else value + 2 for value in values]
    if judge(values, m=m, n=3, silence="notBreaching") == "ALARM":
        assert judge(worse, m=m, n=3, silence="notBreaching") == "ALARM"
