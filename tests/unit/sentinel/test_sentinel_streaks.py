"""When a side counts as down: the same endpoint, four in a row, while the other side answers it."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sentinel.streaks import LATELY_SECONDS, OTHER_MAY_FAIL, Pair, Streaks
from sentinel.usual import KEEPS, LEAST_IN_A_ROW, MOST_IN_A_ROW, Side, Usual

WELL = Pair(old=True, new=True)
NEW_FAILS = Pair(old=True, new=False)
OLD_FAILS = Pair(old=False, new=True)
BOTH_FAIL = Pair(old=False, new=False)
ANSWERS = st.sampled_from([True, False, None])
PAIRS = st.builds(Pair, ANSWERS, ANSWERS)
Rounds = Sequence[dict[int, Pair]]


def after(
    rounds: Rounds, endpoints: int = 3, every: float = 1.0, usual: Usual | None = None
) -> Streaks:
    streaks = Streaks(endpoints, usual or Usual(endpoints))
    for number, seen in enumerate(rounds):
        streaks.take(seen, every * number)
    return streaks


ROUNDS = st.lists(st.dictionaries(st.integers(0, 2), PAIRS, min_size=1), max_size=40)


@pytest.mark.parametrize("endpoint", [0, 1, 2])
def test_new_is_down_after_four_failures_of_one_endpoint_in_a_row(endpoint: int) -> None:
    for times in range(6):
        streaks = after([{endpoint: NEW_FAILS}] * times)
        assert streaks.is_down("new") is (times >= 4)
        assert not streaks.is_down("old")


def test_failures_of_different_endpoints_are_not_in_a_row() -> None:
    one_each = [{0: WELL}, {0: NEW_FAILS, 1: WELL, 2: WELL}, {0: WELL, 1: NEW_FAILS}]
    one_each += [{0: WELL, 2: NEW_FAILS}, {0: NEW_FAILS, 1: WELL, 2: WELL}]
    assert not after(one_each * 10).is_down("new")


def test_a_right_answer_begins_anew() -> None:
    assert not after([*[{0: NEW_FAILS}] * 3, {0: WELL}] * 10).is_down("new")


@given(ROUNDS)
def test_nothing_is_down_unless_the_other_side_answered_the_same_each_time(rounds: Rounds) -> None:
    streaks = after(rounds)
    for side, fails in (("new", NEW_FAILS), ("old", OLD_FAILS)):
        if streaks.is_down(side):  # type: ignore[arg-type]
            last = [
                [pair for seen in rounds if (pair := seen.get(endpoint)) is not None]
                for endpoint in range(3)
            ]
            known = [[pair for pair in of if None not in pair] for of in last]
            assert any(of[-LEAST_IN_A_ROW:] == [fails] * LEAST_IN_A_ROW for of in known)


@given(ROUNDS)
def test_both_sides_are_never_down_at_once_for_the_same_endpoint(rounds: Rounds) -> None:
    one = [{0: seen[0]} for seen in rounds if 0 in seen]
    streaks = after(one, endpoints=1)
    assert not (streaks.is_down("old") and streaks.is_down("new"))


@given(ROUNDS)
def test_the_two_sides_are_treated_alike_but_for_how_many_endpoints_it_takes(
    rounds: Rounds,
) -> None:
    """With one endpoint, one is all."""
    one = [{0: seen[0]} for seen in rounds if 0 in seen]
    swapped = [{0: Pair(old=seen[0].new, new=seen[0].old)} for seen in one]
    assert after(one, 1).is_down("new") == after(swapped, 1).is_down("old")


def test_its_own_network_is_nobody_s_fault() -> None:
    assert not after([{0: BOTH_FAIL}] * 40).is_down("new")
    assert not after([{0: BOTH_FAIL}] * 40).is_down("old")
    # What failed on both sides alike leaves nothing in a row.
    assert not after([*[{0: NEW_FAILS}] * 3, {0: BOTH_FAIL}, {0: NEW_FAILS}]).is_down("new")


@pytest.mark.parametrize("loss", [0.3, 0.5, 0.7])
def test_a_network_that_loses_now_this_and_now_that_hardly_ever_blames_a_side(loss: float) -> None:
    """In a third as many runs as without a look at the other side's failures, at most."""
    blamed = bare = 0
    for seed in range(800):
        chance = random.Random(seed)
        streaks, row, by_row_alone, down = Streaks(1, Usual(1)), 0, False, False
        for second in range(70):
            pair = Pair(old=chance.random() >= loss, new=chance.random() >= loss)
            streaks.take({0: pair}, second)
            row = row + 1 if pair == NEW_FAILS else 0
            by_row_alone |= row >= LEAST_IN_A_ROW
            down |= streaks.is_down("new")
        blamed, bare = blamed + down, bare + by_row_alone
    assert bare >= 50
    assert blamed <= bare / 3


def test_a_failure_that_is_not_known_neither_counts_nor_begins_anew() -> None:
    unknown = Pair(old=True, new=None)
    other_unknown = Pair(old=None, new=False)
    rounds = [*[{0: NEW_FAILS}] * 2, {0: unknown}, {0: NEW_FAILS}, {0: other_unknown}]
    assert not after(rounds).is_down("new")
    assert after([*rounds, {0: NEW_FAILS}]).is_down("new")


def test_old_is_down_only_when_none_of_its_endpoints_answers() -> None:
    one = [{0: OLD_FAILS, 1: WELL, 2: WELL}] + [{0: OLD_FAILS}] * 5
    assert not after(one).is_down("old")
    assert after([*one, {1: OLD_FAILS, 2: OLD_FAILS}]).is_down("old")


def test_an_old_endpoint_that_always_fails_does_not_blind_it_to_a_new_that_dies() -> None:
    sick = [{0: WELL, 1: OLD_FAILS}] * 10
    assert after([*sick, *[{0: NEW_FAILS, 1: OLD_FAILS}] * 4]).is_down("new")


def test_the_other_side_may_fail_a_little_and_long_ago() -> None:
    a_little = [{1: OLD_FAILS}, {1: WELL}] * OTHER_MAY_FAIL
    assert after([*a_little, *[{0: NEW_FAILS}] * 4]).is_down("new")
    # What failed is usual by and by: so one more than may fail is not enough.
    too_much = [*a_little, *[{1: OLD_FAILS}, {1: WELL}] * 2, *[{0: NEW_FAILS}] * 4]
    assert not after(too_much).is_down("new")
    assert after(too_much, every=LATELY_SECONDS / 6).is_down("new")


@given(ROUNDS)
def test_what_is_asked_again_has_failed_and_not_yet_often_enough(rounds: Rounds) -> None:
    streaks = after(rounds)
    for endpoint, (row, more) in streaks.missing().items():
        assert any(seen.get(endpoint) in {NEW_FAILS, OLD_FAILS} for seen in rounds)
        assert row >= 1
        assert more >= 1
    for endpoint in range(3):
        assert after([{endpoint: NEW_FAILS}] * 2).missing() == {endpoint: (2, 2)}
    assume(not streaks.missing())
    assert not after([*rounds, {}]).missing()


def test_nothing_is_asked_again_once_the_side_is_down() -> None:
    assert after([{0: NEW_FAILS}] * 4).missing() == {}
    assert after([*[{0: NEW_FAILS}] * 4, {1: OLD_FAILS}]).missing() == {1: (1, 3)}


def usual_after(share: float, rounds: int = 3000, side: Side = "new") -> Usual:
    """Return what is remembered of an endpoint whose failures are each a chance of its own."""
    chance, usual = random.Random(5), Usual(3)
    fails = NEW_FAILS if side == "new" else OLD_FAILS
    streaks = Streaks(3, usual)
    for number in range(rounds):
        streaks.take({0: WELL if chance.random() >= share else fails}, 2.0 * number)
    return usual


@pytest.mark.parametrize(("share", "least", "most"), [(0.001, 4, 4), (0.01, 4, 5), (0.1, 8, 8)])
def test_an_endpoint_that_often_fails_by_chance_must_fail_more_often_in_a_row(
    share: float, least: int, most: int
) -> None:
    usual = usual_after(share)
    needed = usual.needed("new", 0)
    assert least <= needed <= most
    assert not after([{0: NEW_FAILS}] * (needed - 1), usual=usual).is_down("new")
    assert after([{0: NEW_FAILS}] * needed, usual=usual).is_down("new")
    assert [usual.needed("new", 1), usual.needed("old", 0)] == [LEAST_IN_A_ROW] * 2


def test_an_endpoint_that_fails_in_fits_must_fail_more_often_in_a_row() -> None:
    fits = [*[{0: WELL}] * 300, *[{0: NEW_FAILS}] * 3, *[{0: WELL}] * 300, {0: NEW_FAILS}] * 3
    single = [*[{0: WELL}] * 300, {0: NEW_FAILS}] * 12
    in_fits, alone = Usual(3), Usual(3)
    after(fits, usual=in_fits)
    after(single, usual=alone)
    assert alone.needed("new", 0) == LEAST_IN_A_ROW
    assert in_fits.needed("new", 0) > LEAST_IN_A_ROW + 1


def test_a_side_that_was_down_is_not_remembered_as_one_that_often_fails() -> None:
    usual = Usual(3)
    after([*[{0: NEW_FAILS}] * 500, {0: WELL}] * 3, usual=usual)
    assert usual.needed("new", 0) == LEAST_IN_A_ROW


def test_a_fault_that_begins_now_is_not_taken_for_usual() -> None:
    """New that fails every second question from now on is no endpoint that has always failed so often."""
    usual = usual_after(0.001)
    after([{0: NEW_FAILS}, {0: WELL}] * 5, usual=usual)
    assert usual.needed("new", 0) <= LEAST_IN_A_ROW + 1


def test_what_is_remembered_fades() -> None:
    usual = usual_after(0.1)
    runs = 0
    while usual.needed("new", 0) > LEAST_IN_A_ROW:
        usual.fade()
        runs += 1
    assert 200 < runs < 1000
    assert 0.98 < KEEPS < 1
    assert MOST_IN_A_ROW > LEAST_IN_A_ROW


def test_an_old_that_usually_fails_a_little_does_not_hide_a_dead_new() -> None:
    lately = [{1: OLD_FAILS}, {1: WELL}] * (OTHER_MAY_FAIL + 2)
    dead = [*lately, *[{0: NEW_FAILS}] * 8]
    assert not after(dead).is_down("new")
    assert after(dead, usual=usual_after(0.05, side="old")).is_down("new")
