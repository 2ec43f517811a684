"""Probes are in every metric that the judge reads: they neither acquit new nor convict it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.judgement import Judgement
from judge.latency import bounds
from judge.minutes import Minute, without
from judge.rules import Rules
from shared.inference.verdict import Verdict
from shared.probes import NO_PROBES, Probes
from tests.unit.support.judged_minutes import (
    MIDDLE,
    compared,
    minutes,
    spread,
    weighed_errors,
    with_errors,
)

PROBED = Probes(90, 120)
"""One endpoint, probed each 10 s."""
RULES = Rules(
    lookback_minutes=10,
    minimum_requests=50,
    false_alarms=0.1,
    slowdown_percent=25,
    more_4xx_points=2,
    more_3xx_points=5,
    probes=PROBED,
)
PLAIN = replace(RULES, probes=NO_PROBES)


def side(
    users: int,
    errors: int = 0,
    *,
    slower: int = 0,
    probes: int = 90,
    probe_class: int = -4,
    probe_errors: int = 0,
) -> list[Minute]:
    """Return an hour of `users` and `probes` a minute; probes are faster by four classes, or as said."""
    times = tuple(
        a + b for a, b in zip(spread(users, slower), spread(probes, probe_class), strict=True)
    )
    return [Minute(users + probes, errors + probe_errors, times)] * 60


def judged(old: Sequence[Minute], new: Sequence[Minute]) -> Judgement:
    return compared(old, new, {"edge": 10}, RULES)


@pytest.mark.parametrize("probes", [60, 90, 96, 120])
def test_without_a_single_user_it_cannot_tell(probes: int) -> None:
    said = judged(side(0, probes=probes), side(0, probes=probes))
    assert said.verdict is Verdict.INCONCLUSIVE
    assert said.reasons[0] == (
        f"Old answered {10 * probes} requests in the last 10 minutes, of which up to 120 a minute may be "
        "Route 53's and the sentinel's probes: 0 are surely users', and 50 are needed to conclude anything."
    )


def test_new_without_users_is_not_acquitted_by_olds() -> None:
    assert judged(side(6000), side(0)).verdict is Verdict.INCONCLUSIVE


def test_with_users_enough_it_passes_and_counts_users() -> None:
    said = judged(side(540), side(60))
    assert said.verdict is Verdict.PASS
    assert said.errors["new"]["requests"] == 600
    assert said.share == {"seen": 10, "declared": {"edge": 10}, "off": False}
    assert "(0 of 600)" in said.reasons[0]


def test_errors_of_users_are_not_diluted_to_a_pass() -> None:
    # 8 % of new's users fail: 2 % of its requests, which is what old's users see.
    said = judged(side(540, 11), side(60, 5))
    assert said.verdict is not Verdict.PASS
    assert "no metric tells" in said.reasons[0]
    assert judged(side(540, 1), side(60, 12)).verdict is Verdict.FAIL


@pytest.mark.parametrize("percent", [1, 5, 50, 100])
def test_probes_that_fail_alike_on_both_sides_convict_nobody(percent: int) -> None:
    # Of 60 users and 90 probes on new, and 540 and 90 on old, so many fail on both.
    old, new = side(540, 540 * percent // 100), side(60, 60 * percent // 100)
    probes = 90 * percent // 100
    said = judged(
        with_errors(old, [minute.errors + probes for minute in old]),
        with_errors(new, [minute.errors + probes for minute in new]),
    )
    assert said.verdict is not Verdict.FAIL


def test_users_that_fail_alike_convict_nobody_where_new_has_the_most() -> None:
    # All but a few users are on new: without the probes old has hardly anybody to fail.
    assert judged(side(60, 1), side(5400, 90)).verdict is not Verdict.FAIL
    # There may be more probes than about: 30 of those that are left of old's are none of its users.
    assert judged(side(10, 1, probes=120), side(5400, 540)).verdict is not Verdict.FAIL


def test_a_slow_health_check_that_is_a_larger_part_of_news_requests_convicts_nobody() -> None:
    old, new = side(540, probe_class=4), side(60, probe_class=4)
    assert compared(old, new, {}, PLAIN).verdict is Verdict.FAIL
    assert judged(old, new).verdict is not Verdict.FAIL


def test_users_who_wait_longer_are_not_hidden_behind_quick_probes() -> None:
    # New's probes keep what is allowed with room to spare, and there are more of them than of users.
    old, new = side(60), side(60, slower=1, probe_class=-5)
    assert compared(old, new, {}, PLAIN).verdict is Verdict.PASS
    said = judged(old, new)
    assert said.verdict is Verdict.INCONCLUSIVE
    assert (
        "of Route 53's and the sentinel's probes to tell whether new is slower for users"
        in said.reasons[2]
    )
    assert judged(side(600), side(600, slower=4)).verdict is Verdict.FAIL


def test_sides_that_are_alike_pass_at_every_weight_with_enough_users() -> None:
    for old, new in ((540, 60), (300, 300), (60, 540)):
        assert judged(side(old, 1), side(new, 1 if new > 100 else 0)).verdict is Verdict.PASS


@given(
    users=st.lists(st.integers(0, 30), min_size=10, max_size=10),
    probes=st.integers(0, 120),
    errors=st.integers(0, 30),
)
def test_it_never_passes_where_probes_may_be_all_there_is(
    users: list[int], probes: int, errors: int
) -> None:
    if sum(max(0, count + probes - PROBED.at_most) for count in users) >= 50:
        return
    new = [Minute(count + probes, min(errors, count), spread(count + probes)) for count in users]
    said = compared(minutes(10, 6000), new, {}, RULES)
    assert said.verdict is Verdict.INCONCLUSIVE


@given(
    share=st.floats(0.05, 0.95),
    failing=st.floats(0, 0.5),
    probes=st.integers(0, 120),
    rate=st.integers(100, 2000),
)
def test_sides_that_fail_alike_never_fail_whatever_the_weight_and_the_probes(
    share: float, failing: float, probes: int, rate: int
) -> None:
    """Users and probes of both sides fail alike: which side has more users must not matter."""

    def one(users: float) -> list[Minute]:
        requests = round(users) + probes
        return [Minute(requests, math.floor(failing * requests))] * 60

    said = compared(one(rate * (1 - share)), one(rate * share), {}, RULES)
    assert said.verdict is not Verdict.FAIL


@given(
    counts=st.lists(st.floats(0, 100), min_size=len(bounds()) + 1, max_size=len(bounds()) + 1),
    probes=st.integers(0, 500),
)
def test_the_fastest_are_taken_off_and_the_slowest_stay(counts: list[float], probes: int) -> None:
    everything = math.fsum(counts)
    (left,) = without([Minute(round(everything), 0, tuple(counts))], probes)
    assert math.fsum(left.times) == pytest.approx(max(0.0, everything - probes), abs=1e-6)
    for index in range(len(left.times)):
        above = math.fsum(counts[index:])
        kept = math.fsum(left.times[index:])
        assert kept == pytest.approx(min(above, max(0.0, everything - probes)), abs=1e-6)


def test_errors_stay_when_probes_are_taken_off() -> None:
    (left,) = without([Minute(100, 40)], 90)
    assert left == Minute(40, 40)
    assert without([Minute(100, 4, spread(100))], 0) == [Minute(100, 4, spread(100))]
    assert MIDDLE > 4


def test_fewer_requests_with_the_same_errors_are_no_smaller_evidence() -> None:
    old, new = side(540, 1)[:12], side(60, 2)[:12]
    with_, without_ = (
        weighed_errors(*pair).p_value for pair in ((old, new), (without(old, 90), without(new, 90)))
    )
    assert without_ < with_
