"""Viewers as the edge's log counts them: what they add to the load balancers' counts, and what they never
do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from judge.compare import compare
from judge.errors import Said
from judge.judgement import Judgement
from judge.minutes import Minute
from judge.rules import Rules
from judge.viewers import Told, Viewers
from shared.inference.verdict import Verdict
from shared.probes import NO_PROBES, Probes
from tests.unit.support.judged_minutes import minutes

PROBED = Probes(90, 120)
LEVEL = 0.1
RULES = Rules(
    lookback_minutes=10,
    minimum_requests=50,
    false_alarms=LEVEL,
    slowdown_percent=25,
    more_4xx_points=2,
    more_3xx_points=5,
    probes=PROBED,
)

Counts = Sequence[tuple[int, int]]


def viewers(old: Counts, new: Counts, *, of_groups: int = 0, everybody: bool = True) -> Viewers:
    """Return requests and errors of each minute as the log tells them."""
    told = [
        Told(Minute(*by_old, probed=False), Minute(*by_new, probed=False), of_groups)
        for by_old, by_new in zip(old, new, strict=True)
    ]
    return Viewers(told, everybody=everybody)


def with_probes(counts: Counts) -> list[Minute]:
    """Return what the load balancer tells of these viewers and 90 probes."""
    return [Minute(asked + 90, failed) for asked, failed in counts]


def judged(
    old: Counts, new: Counts, told: Viewers | None, declared: float = 10, rules: Rules = RULES
) -> Judgement:
    return compare(
        with_probes(old), with_probes(new), range(len(old)), {"edge": declared}, rules, told
    )


def course(old: Sequence[Minute], new: Sequence[Minute], told: Viewers | None) -> list[float]:
    return Said.of(old, new, range(len(old)), probes=PROBED, level=LEVEL, viewers=told).course()


counts = st.tuples(st.integers(0, 200), st.integers(0, 20)).map(lambda n: (n[0] + n[1], n[1]))
hours = st.integers(2, 12).flatmap(
    lambda n: st.tuples(*(st.lists(counts, min_size=n, max_size=n) for _ in range(4)))
)


@settings(max_examples=25)
@given(hours=hours)
def test_a_log_that_tells_of_no_minute_changes_nothing(hours: tuple[Counts, ...]) -> None:
    old, new = with_probes(hours[0]), with_probes(hours[1])
    assert course(old, new, Viewers([None] * len(old))) == course(old, new, None)


@settings(max_examples=25)
@given(hours=hours)
def test_whatever_the_log_tells_the_load_balancers_keep_a_quarter_of_the_stake(
    hours: tuple[Counts, ...],
) -> None:
    old, new = with_probes(hours[0]), with_probes(hours[1])
    alone = course(old, new, None)
    both = course(old, new, viewers(hours[2], hours[3]))
    assert all(two <= min(1, 4 * one) * (1 + 1e-9) for one, two in zip(alone, both, strict=True))


@settings(max_examples=25)
@given(hours=hours)
def test_a_log_that_tells_what_load_balancers_without_probes_do_adds_nothing(
    hours: tuple[Counts, ...],
) -> None:
    old, new = ([Minute(*count) for count in side] for side in hours[:2])
    ages = range(len(old))
    alone, both = (
        Said.of(old, new, ages, probes=NO_PROBES, level=LEVEL, viewers=told).course()
        for told in (None, viewers(*hours[:2]))
    )
    assert both == pytest.approx(alone)


@settings(max_examples=25)
@given(hours=hours, whole=st.lists(st.booleans(), min_size=12, max_size=12))
def test_each_minute_is_of_one_source(hours: tuple[Counts, ...], whole: list[bool]) -> None:
    old, new = with_probes(hours[0]), with_probes(hours[1])
    told = [
        one if known else None for one, known in zip(viewers(*hours[2:]).told, whole, strict=False)
    ]
    found = Viewers(told).in_place_of(old, new)
    for index, one in enumerate(told):
        expected = (old[index], new[index]) if one is None else (one.old, one.new)
        assert (found[0][index], found[1][index]) == expected


def test_what_probes_hide_fails_new_by_its_viewers() -> None:
    # 8 % of new's viewers fail, and 2 % of old's: of new's requests it is 3 %.
    old, new = [(540, 11)] * 20, [(60, 5)] * 20
    assert judged(old, new, None).verdict is Verdict.INCONCLUSIVE
    said = judged(old, new, viewers(old, new))
    assert said.verdict is Verdict.FAIL
    assert said.reasons[0].startswith(
        f"New fails 8.33 % of its viewers' requests ({5 * said.errors['minutes']} of "
    )


def test_new_with_few_viewers_and_many_probes_has_enough() -> None:
    old, new = [(54, 0)] * 60, [(6, 0)] * 60
    assert "0 are surely users'" in judged(old, new, None).reasons[0]
    said = judged(old, new, viewers(old, new))
    assert said.errors["new"]["requests"] == 60
    assert "(0 of 60) and old 0.00 % of its viewers' requests (0 of 540)" in said.reasons[0]


def test_probes_are_not_spoken_of_where_too_few_viewers_were_counted() -> None:
    old, new = [(54, 0)] * 60, [(2, 0)] * 60
    said = judged(old, new, viewers(old, new))
    assert said.verdict is Verdict.INCONCLUSIVE
    assert said.reasons[0] == (
        "New answered 20 requests in the last 10 minutes, and 50 are needed to conclude anything."
    )


def test_errors_that_the_log_does_not_see_fail_new_by_its_load_balancer() -> None:
    """sr-reason says a failover in other words: reads that new failed are good ones in the log."""
    old, new = [(540, 1)] * 20, [(540, 20)] * 20
    said = judged(old, new, viewers(old, [(540, 0)] * 20), 50)
    assert said.verdict is Verdict.FAIL
    assert "of its users' requests" in said.reasons[0]


def test_a_fault_in_minutes_of_which_the_log_tells_nothing_is_seen_as_soon_as_without_it() -> None:
    old, new = [(540, 1)] * 40, [*[(540, 1)] * 20, *[(540, 20)] * 20]
    told = Viewers([*viewers(old[:20], new[:20]).told, *[None] * 20])
    alone, both = (course(with_probes(old), with_probes(new), log) for log in (None, told))
    waits = [next(i for i, p in enumerate(path) if p <= LEVEL) for path in (alone, both)]
    assert waits[1] <= waits[0] < 30


def test_errors_of_a_dns_door_s_viewers_count_though_the_log_does_not_see_them() -> None:
    old, new = [(540, 1)] * 20, [(540, 20)] * 20
    quiet = viewers([(200, 0)] * 20, [(200, 0)] * 20, everybody=False)
    assert judged(old, new, quiet, 50).verdict is Verdict.FAIL


def _day(seed: int) -> tuple[list[Minute], list[Minute], Viewers]:
    """Return a day on which new's viewers fail exactly as often as they may, with lines that are lost,
    minutes that are not whole, and probes that fail as often as old's viewers."""
    rng = np.random.default_rng([seed, 127])
    minutes_ = 24 * 60
    common = rng.gamma(4, 1 / 4, minutes_)
    sides, logs = [], []
    for more in (1.0, 2.0):
        moved = common * rng.gamma(11, 1 / 11, minutes_)
        asked = rng.poisson(300, minutes_)
        failed = rng.binomial(asked, np.clip(0.005 * more * moved, 0, 1))
        of_probes = rng.binomial(90, np.clip(0.005 * moved, 0, 1))
        sides.append(
            [Minute(int(n) + 90, int(e)) for n, e in zip(asked, failed + of_probes, strict=True)]
        )
        good, bad = rng.binomial(asked - failed, 0.7), rng.binomial(failed, 0.7)
        logs.append(
            [Minute(int(n + e), int(e), probed=False) for n, e in zip(good, bad, strict=True)]
        )
    whole = rng.random(minutes_) < 0.7
    told = [Told(o, n) if known else None for o, n, known in zip(*logs, whole, strict=True)]
    return sides[0], sides[1], Viewers(told)


def test_so_few_days_at_the_ratio_that_is_allowed_fail_new() -> None:
    """Of 6 days of a fixed seed 0.6 may fail on average at a level of 0.1; above 3 would be by chance in 1 of
    1,000 such tests."""
    wrong = sum(min(course(*_day(seed))) <= LEVEL for seed in range(6))
    assert wrong <= 3


def refusing(count: int, asked: int, refused: int) -> list[Minute]:
    return [replace(minute, probed=False) for minute in minutes(count, asked, refused=refused)]


def refused(old: int, new: int, refused_by_new: int, *, everybody: bool = True) -> Judgement:
    """Judge an hour in which new began to refuse so many requests ten minutes ago, and old 2 %."""
    by_log = [
        refusing(60, old, old // 50),
        refusing(50, new, new // 50) + refusing(10, new, refused_by_new),
    ]
    balancers = [
        [
            replace(m, requests=m.requests + 90, succeeded=m.succeeded + 90, probed=True)
            for m in side
        ]
        for side in by_log
    ]
    told = Viewers(list(map(Told, *by_log)), everybody=everybody)
    return compare(balancers[0], balancers[1], range(60), {"edge": 10}, RULES, told)


def test_4xx_are_those_of_viewers_where_the_edge_is_the_only_door() -> None:
    said = refused(540, 60, 9)
    assert said.verdict is Verdict.FAIL
    assert said.classes["new"]["4xx"] == pytest.approx(100 * 9 / 60)
    assert any("4xx to 15.00 % of its viewers' requests" in reason for reason in said.reasons)
    # Beside a dns door they are those of the load balancers, with the probes in them.
    assert refused(540, 60, 9, everybody=False).verdict is not Verdict.FAIL


def test_of_3xx_the_log_tells_nothing_and_the_load_balancers_do() -> None:
    old = minutes(60, 500)
    new = minutes(50, 500) + minutes(10, 500, redirected=100)
    told = viewers([(500, 0)] * 60, [(500, 0)] * 60)
    said = compare(old, new, range(60), {"edge": 50}, replace(RULES, probes=NO_PROBES), told)
    assert said.verdict is Verdict.FAIL
    assert any("New answers 3xx to 20.00 % of its requests" in reason for reason in said.reasons)


def test_the_share_is_that_of_viewers_and_groups_are_left_out() -> None:
    rules = replace(RULES, groups_from_weight=5)
    old, new = [(400, 0)] * 60, [(600, 0)] * 60
    told = viewers(old, new, of_groups=200)
    said = judged(old, new, told, 50, rules)
    assert said.share == {"seen": 50, "declared": {"edge": 50}, "off": False}
    assert said.reasons[-1] == (
        "New answers 50 % of the requests of viewers that are in no group; declared: 50 % at edge."
    )
    # Without the log a share above the weight may be the groups'; with it that is known.
    assert not judged(old, new, None, 20, rules).share["off"]
    assert judged(old, new, told, 20, rules).share["off"]


@pytest.mark.parametrize("kind", ["one minute is missing", "a dns door too"])
def test_the_share_is_of_the_load_balancers_where_the_log_does_not_tell_all(kind: str) -> None:
    old, new = [(500, 0)] * 60, [(500, 0)] * 60
    told = viewers([(900, 0)] * 60, [(100, 0)] * 60)
    told = (
        replace(told, everybody=False)
        if kind == "a dns door too"
        else replace(told, told=[*told.told[:-1], None])
    )
    assert judged(old, new, told, 50).share["seen"] == 50
