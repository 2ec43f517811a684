"""Which minutes the judge takes from the edge's log: those that are whole, whatever their errors."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.edge_log import EdgeLog
from judge.minutes import Minute
from judge.viewers import Told

AT = 1_900_000_020
LOG = EdgeLog("news", "Cutover", "news-fast-log", with_groups=True)


def series(**changed: float | None) -> dict[str, dict[int, float]]:
    """Return a minute of 90 requests to old and 10 to new, with what is `changed`; None is not there."""
    told: dict[str, float | None] = {
        "EdgeRequests_old": 90,
        "EdgeErrors_old": 1,
        "Edge4xx_old": 2,
        "EdgeRequests_new": 10,
        "EdgeErrors_new": 3,
        "Edge4xx_new": 4,
        "EdgeGroupRequests": 5,
        "LogRecords": 120,
        "LogUnread": 0,
        "LogSideless": 0,
        "LogLate": 0,
        "Errors": 0,
    } | changed
    return {f"log_{what}": {AT: value} for what, value in told.items() if value is not None}


def told(found: Mapping[str, Mapping[int, float]]) -> Told | None:
    (one,) = LOG.viewers(found, [AT], everybody=True).told
    return one


def test_a_whole_minute_is_told_by_side() -> None:
    assert told(series()) == Told(
        Minute(90, 1, succeeded=87, refused=2, probed=False),
        Minute(10, 3, succeeded=3, refused=4, probed=False),
        5,
    )


def test_the_questions_are_of_a_minute_and_each_is_answered_for() -> None:
    queries = LOG.queries()
    assert {query["Id"] for query in queries} == set(series())
    assert {query["MetricStat"]["Period"] for query in queries} == {60}
    assert {query["MetricStat"]["Stat"] for query in queries} == {"Sum"}
    plain = EdgeLog("news", "Cutover", "news-fast-log").queries()
    assert {query["Id"] for query in queries} - {query["Id"] for query in plain} == {
        "log_EdgeGroupRequests"
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"EdgeRequests_new": None},
        {"EdgeErrors_old": None},
        {"LogUnread": 1},
        {"LogSideless": 61},
        {"LogLate": 121},
        {"Errors": 1},
    ],
    ids=", ".join,
)
def test_a_minute_that_is_not_whole_is_left_to_the_load_balancers(
    wrong: dict[str, float | None],
) -> None:
    assert told(series(**wrong)) is None


@pytest.mark.parametrize("what", ["LogUnread", "LogLate", "Errors"])
def test_what_went_wrong_with_its_last_lines_shows_in_the_minute_after(what: str) -> None:
    found = series()
    found[f"log_{what}"][AT + 60] = 1000
    assert told(found) is None
    found[f"log_{what}"] = {AT - 60: 1000}
    assert told(found) is not None


def test_a_silent_log_tells_of_no_minute() -> None:
    assert told({}) is None


some = st.integers(0, 100)


@given(
    health=st.fixed_dictionaries(
        dict.fromkeys(("LogRecords", "LogUnread", "LogSideless", "LogLate", "Errors"), some)
    ),
    errors=st.tuples(some, some, some, some),
    others=st.tuples(some, some, some, some),
)
def test_errors_decide_nothing_about_which_minutes_are_taken(
    health: dict[str, int], errors: tuple[int, ...], others: tuple[int, ...]
) -> None:
    names = ("EdgeErrors_old", "EdgeErrors_new", "Edge4xx_old", "Edge4xx_new")
    one, two = (
        told(series(**health, **dict(zip(names, counts, strict=True))))
        for counts in (errors, others)
    )
    assert (one is None) == (two is None)


@given(requests=some, errors=some, refused=some, groups=some)
def test_a_minute_holds_at_least_what_was_answered(
    requests: int, errors: int, refused: int, groups: int
) -> None:
    found = told(
        series(
            EdgeRequests_new=requests,
            EdgeErrors_new=errors,
            Edge4xx_new=refused,
            EdgeGroupRequests=groups,
        )
    )
    assert found is not None
    new = found.new
    assert new.errors + new.refused + new.succeeded == new.requests >= requests
    assert found.of_groups <= new.requests
