"""New that answers 4xx or 3xx to more requests than old fails, as far as that matters and is sure."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from judge.classes import ClassEvidence, weigh_class
from judge.judgement import Judgement
from judge.minutes import Minute, without, without_redirected
from judge.rules import CLASS_LEVEL, Rules
from shared.inference.verdict import Verdict
from shared.probes import Probes
from tests.unit.support.judged_minutes import compared, minutes

RULES = Rules(
    lookback_minutes=10,
    minimum_requests=50,
    false_alarms=0.1,
    slowdown_percent=25,
    more_4xx_points=2,
    more_3xx_points=5,
)
PROBED = replace(RULES, probes=Probes(90, 120))
OLD = minutes(60, 500, refused=10)
SLACK = 1 + 1e-9

few = st.integers(0, 40)
counts_of_ten = st.lists(few, min_size=10, max_size=10)


def judged(old: list[Minute], new: list[Minute], rules: Rules = RULES) -> Judgement:
    return compared(old, new, {}, rules)


def evidence(old: list[Minute], new: list[Minute]) -> ClassEvidence:
    return weigh_class(
        old, new, lambda minute: minute.refused, lookback=10, margin=0.02, level=CLASS_LEVEL
    )


def refused(counts: list[int], requests: int = 100) -> list[Minute]:
    return [Minute(requests, 0, (), requests - count, 0, count) for count in counts]


def test_equal_sides_pass_and_the_sentence_tells_all_four_classes() -> None:
    old = minutes(60, 500, 1, redirected=50, refused=10)
    said = judged(old, old)
    assert said.verdict is Verdict.PASS
    shares = "2xx 87.80 %, 3xx 10.00 %, 4xx 2.00 %, 5xx 0.20 %"
    assert said.reasons[1] == (
        f"New answers {shares} and old {shares}: new's share of 4xx and of 3xx is not surely larger than it "
        "may be."
    )
    assert said.more_points("4xx") == 0


def test_403_to_every_post_fails_within_three_minutes_and_says_by_how_much() -> None:
    new = minutes(57, 500, refused=10) + minutes(3, 500, refused=108)
    said = judged(OLD, new)
    assert said.verdict is Verdict.FAIL
    assert said.reasons[1].startswith(
        "New answers 4xx to 21.60 % of its requests (324 of 1500) and old to 2.00 % of its requests "
        "(30 of 1500) in the last 3 minutes: surely at least 1"
    )
    assert said.reasons[1].endswith("percentage points more, and 2 are allowed (p = 1e-05).")
    assert 10 < said.classes["4xx"]["points"] < 19.6
    assert judged(OLD, new[:-1] + OLD[:1]).verdict is Verdict.PASS


def test_307_to_every_post_fails() -> None:
    said = judged(OLD, minutes(60, 500, refused=10, redirected=98))
    assert said.verdict is Verdict.FAIL
    assert "New answers 3xx to 19.60 %" in said.reasons[1]
    assert said.more_points("3xx") == pytest.approx(19.6)
    assert said.classes["4xx"]["p_value"] == 1


def test_both_classes_are_told_of_where_both_are_too_many() -> None:
    said = judged(OLD, minutes(60, 500, refused=60, redirected=98))
    assert ["4xx" in said.reasons[1], "3xx" in said.reasons[2]] == [True, True]


@pytest.mark.parametrize("kind", ["refused", "redirected"])
@pytest.mark.parametrize("of_old", [0, 10, 250])
def test_what_old_gives_as_often_or_more_often_passes(kind: str, of_old: int) -> None:
    old = minutes(60, 500, **{kind: of_old})  # type: ignore[arg-type]
    for of_new in {0, of_old // 2, of_old}:
        new = minutes(60, 500, **{kind: of_new})  # type: ignore[arg-type]
        assert judged(old, new).verdict is Verdict.PASS


def test_more_than_old_but_within_the_declared_margin_passes_on_a_million_requests() -> None:
    old, new = minutes(10, 100_000, refused=2000), minutes(10, 100_000, refused=3900)
    assert judged(old, new).verdict is Verdict.PASS
    assert judged(old, minutes(10, 100_000, refused=4200)).verdict is Verdict.FAIL
    assert judged(old, new, replace(RULES, more_4xx_points=1)).verdict is Verdict.FAIL


def test_a_margin_of_100_points_looks_at_nothing() -> None:
    rules = replace(RULES, more_4xx_points=100)
    assert judged(OLD, minutes(60, 500, refused=500), rules).verdict is Verdict.PASS


def test_a_handful_of_4xx_is_not_sure() -> None:
    # 60 requests in the look-back: 8 % beside 2 %.
    old, new = minutes(10, 6, refused=0), minutes(10, 6, refused=0)
    new = new[:-5] + minutes(5, 6, refused=1)
    assert judged(old, new).verdict is Verdict.PASS


@pytest.mark.parametrize("requests", [0, 4])
def test_too_few_requests_are_inconclusive_and_say_so_once(requests: int) -> None:
    said = judged(OLD, minutes(60, requests, refused=requests))
    assert said.verdict is Verdict.INCONCLUSIVE
    assert len(said.reasons) == 1


def test_what_two_bad_minutes_hold_decides_nothing() -> None:
    new = minutes(58, 500, refused=10) + minutes(2, 500, refused=500)
    assert judged(OLD, new).verdict is Verdict.PASS


def test_a_scan_that_both_sides_get_passes() -> None:
    calm, scan = minutes(55, 500, refused=10), minutes(5, 500, refused=300)
    assert judged(calm + scan, calm + scan).verdict is Verdict.PASS


def test_a_weight_that_moved_while_both_are_scanned_is_not_held_against_new() -> None:
    # All of new's traffic, and little of old's, falls into the time when both answer 4xx to 20 %.
    old = minutes(30, 1000, refused=1) + minutes(5, 100, refused=20)
    new = minutes(30, 10) + minutes(5, 1000, refused=200)
    assert judged(old, new).verdict is Verdict.PASS


def test_4xx_that_come_in_bursts_on_old_weigh_less_on_new() -> None:
    new = refused([25] * 60, 500)
    steady, restless = (
        evidence(refused(old, 500), new).p_value for old in ([3] * 60, [0, 0, 9] * 20)
    )
    assert steady < restless


def test_minutes_in_which_one_side_answered_nobody_are_left_out() -> None:
    gone = minutes(30, 0, times=False)
    assert evidence(gone, minutes(30, 500, refused=500)).p_value == 1
    half = evidence(gone + minutes(30, 500), minutes(60, 500, refused=500))
    assert half.p_value <= CLASS_LEVEL


@given(old=counts_of_ten, new=counts_of_ten, more=counts_of_ten)
def test_more_4xx_on_new_never_make_it_look_better(
    old: list[int], new: list[int], more: list[int]
) -> None:
    before, after = (
        evidence(refused(old), refused(counts)).p_value
        for counts in (new, [a + b for a, b in zip(new, more, strict=True)])
    )
    assert after <= before * SLACK


@given(old=counts_of_ten, new=counts_of_ten)
def test_never_are_both_sides_4xx_too_many_beside_the_others(
    old: list[int], new: list[int]
) -> None:
    one, other = refused(old), refused(new)
    p_values = (evidence(one, other).p_value, evidence(other, one).p_value)
    assert max(p_values) > CLASS_LEVEL


@given(
    old=counts_of_ten,
    fewer=st.lists(st.integers(0, 40), min_size=10, max_size=10),
    times=st.integers(1, 20),
)
def test_new_never_fails_where_old_is_as_bad_in_every_minute(
    old: list[int], fewer: list[int], times: int
) -> None:
    new = [max(0, a - b) for a, b in zip(old, fewer, strict=True)]
    said = judged(
        [replace(m, requests=100 * times, refused=m.refused * times) for m in refused(old)],
        refused(new),
    )
    assert said.classes["4xx"]["p_value"] > CLASS_LEVEL


def probed(users: int, *, more: int = 0, probes_redirected: bool = False) -> list[Minute]:
    """Return an hour of `users` and 90 probes a minute, `more` of the users answered with 4xx."""
    plain = minutes(1, users + 90, refused=more)[0]
    if probes_redirected:
        plain = replace(plain, succeeded=plain.succeeded - 90, redirected=90)
    return [plain] * 60


def test_probes_do_not_hide_what_users_get() -> None:
    # 20 % of new's users, diluted to 8 % of its requests.
    said = judged(probed(540), probed(60, more=12), PROBED)
    assert said.verdict is Verdict.FAIL
    assert "4xx to 20.00 % of its users' requests" in said.reasons[1]
    assert said.more_points("4xx") == pytest.approx(20)


def test_it_says_so_where_the_probes_decide() -> None:
    # 5 % of new's users if no probe is among them: 2 % of its requests.
    said = judged(probed(540), probed(60, more=3), PROBED)
    assert said.verdict is Verdict.INCONCLUSIVE
    assert "no metric tells" in said.reasons[1]


def test_probes_that_are_redirected_on_both_sides_convict_nobody() -> None:
    """A declared endpoint may answer 302, and probes are a larger part of the side with fewer users."""
    old, new = (probed(users, probes_redirected=True) for users in (540, 60))
    assert judged(old, new).verdict is Verdict.FAIL
    assert judged(old, new, PROBED).verdict is not Verdict.FAIL


def test_users_that_are_redirected_fail_new_whatever_its_probes_get() -> None:
    new = [replace(m, succeeded=0, redirected=m.requests) for m in probed(600)]
    assert judged(probed(600), new, PROBED).verdict is Verdict.FAIL


def test_4xx_and_3xx_stay_when_probes_are_taken_off() -> None:
    (minute,) = minutes(1, 100, 4, times=False, redirected=20, refused=30)
    assert without([minute], 90) == [replace(minute, requests=54, succeeded=0)]
    assert without([minute], 10) == [replace(minute, requests=90, succeeded=36)]
    assert without_redirected([minute], 90) == [replace(minute, requests=34, redirected=0)]
    assert without_redirected([minute], 10) == [replace(minute, requests=90, redirected=10)]


@given(
    share=st.floats(0.05, 0.95),
    refusing=st.floats(0, 0.5),
    probes=st.integers(0, 120),
    rate=st.integers(100, 2000),
)
def test_sides_that_answer_alike_never_fail_whatever_the_weight_and_the_probes(
    share: float, refusing: float, probes: int, rate: int
) -> None:
    """Probes are answered with 2xx: they dilute both sides, and more so the one with fewer users."""

    def one(users: float) -> list[Minute]:
        count = int(refusing * users)
        return [Minute(round(users) + probes, 0, (), round(users) + probes - count, 0, count)] * 60

    assert judged(one(rate * (1 - share)), one(rate * share), PROBED).verdict is not Verdict.FAIL
