"""The judge fails new for what matters and is sure, and says why where it cannot tell."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.judgement import inconclusive
from judge.latency import bounds, median_ms, slowed, weigh_latency
from judge.minutes import Minute, stretches, tempered
from judge.rules import LEVEL, Rules
from shared.inference.verdict import Verdict
from tests.unit.support.judged_minutes import (
    MIDDLE,
    compared,
    minutes,
    weighed_errors,
    with_errors,
)

RULES = Rules(
    lookback_minutes=10,
    minimum_requests=50,
    false_alarms=0.1,
    slowdown_percent=25,
    more_4xx_points=2,
    more_3xx_points=5,
)
OLD = minutes(60, 500, 1)
SLACK = 1 + 1e-9

few = st.integers(0, 40)
errors_of_ten = st.lists(few, min_size=10, max_size=10)


def test_equal_sides_pass_and_the_figures_are_ready_for_json() -> None:
    said = compared(OLD, minutes(60, 500, 1), {"edge": 50}, RULES)
    assert said.verdict is Verdict.PASS
    assert said.errors["new"] == {"requests": 5000, "errors": 10, "percent": pytest.approx(0.2)}
    assert said.latency["new"]["requests"] == 5000
    assert said.share == {"seen": 50, "declared": {"edge": 50}, "off": False}
    assert len(said.reasons) == 4
    assert json.loads(json.dumps(asdict(said)))["verdict"] == "PASS"


def test_ten_times_as_many_errors_fail_with_a_sentence_that_says_how_many() -> None:
    said = compared(OLD, minutes(60, 500, 10), {}, RULES)
    assert said.verdict is Verdict.FAIL
    assert said.errors["times_old"] > 4
    assert "(600 of 30000)" in said.reasons[0]
    assert "in the last 60 minutes: surely more than" in said.reasons[0]
    assert said.reasons[0].endswith(
        "2 times is allowed, or 0.2 % (said wrongly in at most one of 2000 watches)."
    )


def test_a_difference_that_nobody_would_mind_passes_on_a_million_requests() -> None:
    old, new = minutes(10, 100_000, 100), minutes(10, 100_000, 120)
    assert compared(old, new, {}, RULES).verdict is Verdict.PASS


def test_rare_errors_fail_where_old_has_none() -> None:
    quiet = minutes(10, 500)
    assert compared(quiet, minutes(10, 50, 1), {}, RULES).verdict is Verdict.FAIL
    assert compared(quiet, minutes(10, 5000, 1), {}, RULES).verdict is Verdict.PASS


@pytest.mark.parametrize("bad", [1, 2])
def test_two_bad_minutes_decide_nothing_but_three_do(bad: int) -> None:
    new = minutes(57, 500, 1)
    # The last minutes; three of them fill the shortest stretch.
    assert compared(OLD, new + minutes(3, 500, 100), {}, RULES).verdict is Verdict.FAIL
    spoiled = new + minutes(3 - bad, 500, 1) + minutes(bad, 500, 500, slower=9)
    assert compared(OLD, spoiled, {}, RULES).verdict is Verdict.PASS


def test_a_bad_time_that_both_sides_share_passes() -> None:
    calm, bad = minutes(55, 500, 1), minutes(5, 500, 100, slower=6)
    assert compared(calm + bad, calm + bad, {}, RULES).verdict is Verdict.PASS


def test_a_weight_that_moved_while_both_fail_more_is_not_held_against_new() -> None:
    # All of new's traffic, and little of old's, falls into the time when both fail 20 %.
    old = minutes(30, 1000, 1) + minutes(5, 100, 20)
    new = minutes(30, 10) + minutes(5, 1000, 200)
    assert compared(old, new, {}, RULES).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("slower", "verdict"), [(0, Verdict.PASS), (1, Verdict.FAIL), (-1, Verdict.PASS)]
)
def test_new_is_compared_with_old_slowed_by_what_is_allowed(slower: int, verdict: Verdict) -> None:
    # The classes of old are already those of old slowed: an equal class is the allowed slowdown.
    said = compared(OLD, minutes(60, 500, 1, slower=slower), {}, RULES)
    assert said.verdict is verdict
    assert said.latency["slower"] == pytest.approx(0.5 + 0.3125 * slower)


def test_latency_that_jumps_on_old_too_is_less_sure() -> None:
    jumping = [Minute(500, 1, minutes(1, 500, slower=i % 5)[0].times) for i in range(60)]
    new = minutes(60, 500, 1, slower=3)
    steady, restless = (
        weigh_latency(old, new, lookback=10) for old in (minutes(60, 500, slower=2), jumping)
    )
    assert steady is not None
    assert restless is not None
    assert steady.p_value < LEVEL < restless.p_value


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (minutes(60, 500), minutes(60, 0, times=False), "New answered no request in the last 10"),
        (minutes(60, 0, times=False), minutes(60, 500), "Old answered no request in the last 10"),
        (
            minutes(60, 500),
            minutes(50, 500) + minutes(10, 4, 4),
            "New answered 40 requests in the last 10 minutes, and 50 are needed",
        ),
    ],
)
def test_too_few_requests_are_inconclusive_and_say_so_once(
    old: list[Minute], new: list[Minute], reason: str
) -> None:
    said = compared(old, new, {}, RULES)
    assert said.verdict is Verdict.INCONCLUSIVE
    assert said.reasons[0].startswith(reason)
    assert len(said.reasons) == 1


def test_unknown_response_times_keep_it_from_passing_but_not_from_failing() -> None:
    blind = minutes(60, 500, 1, times=False)
    said = compared(OLD, blind, {}, RULES)
    assert said.verdict is Verdict.INCONCLUSIVE
    assert "New reported the time of no request" in said.reasons[2]
    failing = compared(OLD, minutes(60, 500, 100, times=False), {}, RULES)
    assert failing.verdict is Verdict.FAIL


def test_times_that_never_fall_into_the_same_minute_compare_nothing() -> None:
    old = minutes(5, 500) + minutes(5, 500, times=False)
    new = minutes(5, 500, times=False) + minutes(5, 500)
    assert "No minute has response times of both sides" in compared(old, new, {}, RULES).reasons[2]


def test_a_share_far_off_is_told_and_changes_nothing() -> None:
    said = compared(OLD, minutes(60, 500, 1), {"edge": 10, "dns": 12}, RULES)
    assert said.verdict is Verdict.PASS
    assert said.share["off"]
    assert said.reasons[3] == (
        "New answers 50 % of the requests; declared: 12 % at dns, 10 % at edge: far off. Find out why."
    )


@pytest.mark.parametrize(
    ("new", "everything", "declared", "off"),
    [
        (190, 1000, [10], False),
        (400, 1000, [10], True),
        (4, 10, [10], False),
        (600, 1000, [50], False),
        (900, 1000, [50], True),
        (900, 1000, [50, 100], False),
        (0, 1000, [0], False),
        (0, 0, [50], False),
        (500, 1000, [], False),
    ],
)
def test_a_share_is_off_beyond_the_tolerance_and_chance(
    new: int, everything: int, declared: list[float], off: bool
) -> None:
    half = [Minute((everything - new) // 2, 0)] * 2, [Minute(new // 2, 0)] * 2
    doors = {f"door{number}": weight for number, weight in enumerate(declared)}
    assert compared(*half, doors, RULES).share["off"] is off


@pytest.mark.parametrize(
    ("new", "weight", "first", "off"),
    [
        (900, 10, 0, True),
        (900, 10, 1, False),
        (900, 10, 10, False),
        (900, 10, 25, True),
        (900, 0, 1, True),
        (100, 50, 1, True),
    ],
)
def test_more_than_the_weight_is_not_off_where_groups_come_on_top(
    new: int, weight: int, first: int, off: bool
) -> None:
    half = [Minute((1000 - new) // 2, 0)] * 2, [Minute(new // 2, 0)] * 2
    said = compared(*half, {"edge": weight}, replace(RULES, groups_from_weight=first))
    assert said.share["off"] is off
    assert ("groups of viewers on top" in said.reasons[3]) is (0 < first <= weight)


def test_without_minutes_there_is_a_verdict_of_the_same_form() -> None:
    said = inconclusive("The metrics are out of reach.")
    assert said.verdict is Verdict.INCONCLUSIVE
    assert asdict(said).keys() == asdict(compared(OLD, OLD, {}, RULES)).keys()
    assert said.errors["new"]["percent"] is None
    assert said.latency["old"]["median_ms"] is None


@given(usual=few, new=errors_of_ten, more=errors_of_ten)
def test_more_errors_on_new_never_make_it_look_better_beside_a_steady_old(
    usual: int, new: list[int], more: list[int]
) -> None:
    side = minutes(10, 100)
    before, after = (
        weighed_errors(with_errors(side, [usual] * 10), with_errors(side, errors)).p_value
        for errors in (new, [a + b for a, b in zip(new, more, strict=True)])
    )
    assert after <= before * SLACK


@given(classes=st.lists(st.integers(0, 3), min_size=10, max_size=10), slower=st.integers(0, 5))
def test_new_that_slows_down_further_is_not_acquitted(classes: list[int], slower: int) -> None:
    old = minutes(10, 60, slower=2)
    before, after = (
        weigh_latency(old, [minutes(1, 60, slower=c + extra)[0] for c in classes], lookback=10)
        for extra in (0, slower)
    )
    assert before is not None
    assert after is not None
    assert not before.p_value <= LEVEL < after.p_value


@given(old=errors_of_ten, new=errors_of_ten)
def test_never_do_both_sides_fail_by_comparison_with_each_other(
    old: list[int], new: list[int]
) -> None:
    one, other = (with_errors(minutes(10, 100), errors) for errors in (old, new))
    verdicts = {
        compared(one, other, {}, RULES).verdict,
        compared(other, one, {}, RULES).verdict,
    }
    assert verdicts != {Verdict.FAIL}


@given(values=st.lists(st.integers(0, 50), max_size=30), index=st.integers(0, 29), more=few)
def test_tempering_never_adds_and_keeps_order(values: list[int], index: int, more: int) -> None:
    cut = tempered(values)
    assert all(after <= before for after, before in zip(cut, values, strict=True))
    grown = list(values)
    if index < len(grown):
        grown[index] += more
    assert sum(tempered(grown)) >= sum(cut)


def test_tempering_leaves_rare_errors_whole() -> None:
    assert tempered([0, 1, 0, 1, 1, 0, 1, 0, 0, 0]) == [0, 1, 0, 1, 1, 0, 1, 0, 0, 0]
    assert tempered([0, 90, 0, 1, 70, 0, 1, 0, 0, 0]) == [0, 1, 0, 1, 1, 0, 1, 0, 0, 0]
    assert tempered([9, 9]) == [0, 0]


@pytest.mark.parametrize(
    ("minutes_", "lookback", "expected"),
    [
        (60, 10, [3, 5, 10, 30, 60]),
        (60, 60, [12, 30, 60]),
        (60, 2, [3, 30, 60]),
        (4, 10, [3, 4]),
        (1, 10, [1]),
    ],
)
def test_stretches_end_with_the_newest_minute(
    minutes_: int, lookback: int, expected: list[int]
) -> None:
    assert stretches(minutes_, lookback) == expected


def test_bounds_rise_by_one_factor_and_olds_are_divided_by_the_slowdown() -> None:
    factors = {round(b / a, 9) for a, b in zip(bounds(), bounds()[1:], strict=False)}
    assert len(factors) == 1
    assert bounds()[0] == pytest.approx(0.002)
    assert bounds()[-1] == pytest.approx(30)
    assert slowed(25)[0] == pytest.approx(0.0016)


def test_the_median_lies_within_its_class() -> None:
    middle = median_ms(minutes(10, 100), bounds())
    assert middle is not None
    assert 1000 * bounds()[MIDDLE - 1] < middle < 1000 * bounds()[MIDDLE]
    last = Minute(4, 0, (*[0.0] * len(bounds()), 4.0))
    assert median_ms([last], bounds()) == pytest.approx(30_000)
    assert median_ms([Minute(4, 0)], bounds()) is None
