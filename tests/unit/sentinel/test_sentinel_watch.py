"""One run and the next, in made-up time: how soon it tells, and how often it asks."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.made_up_time import ANSWERS_IN_SECONDS, LIMIT_SECONDS, MadeUpTime
from cutover.alarms.probes import Probes, probes_of
from cutover.declaration.reading.context import read_context
from cutover.paths import CDK_JSON
from sentinel.again import AGAIN_SECONDS, MOST_AGAIN
from sentinel.streaks import Pair
from sentinel.usual import MOST_IN_A_ROW, Side, Usual
from sentinel.watch import RUN_SECONDS, watch

MINUTE = 60.0
Behaves = Callable[[float, int], Pair | None]
"""What both sides do at a time, in seconds, to an endpoint."""


@dataclass
class Run:
    """A run that began at `began`, and what became of it."""

    behaves: Behaves
    hangs: bool = False
    limit: float = LIMIT_SECONDS
    asked: list[tuple[float, int]] = field(default_factory=list)
    told: list[tuple[float, tuple[Side, ...]]] = field(default_factory=list)
    said: list[tuple[float, bool]] = field(default_factory=list)
    at: Callable[[], float] = float

    def answers(self, at: float, endpoint: int) -> tuple[Pair | None, float]:
        self.asked.append((at, endpoint))
        pair = self.behaves(at, endpoint)
        failed = pair is None or False in pair
        return pair, self.limit if failed and self.hangs else ANSWERS_IN_SECONDS

    def down(self, sides: Sequence[Side], now: float) -> None:
        if sides:
            self.told.append((now, tuple(sides)))

    def watches(self, sees: bool) -> None:
        self.said.append((self.at(), sees))


def run(
    behaves: Behaves,
    *,
    began: float = 0.0,
    endpoints: int = 3,
    hangs: bool = False,
    usual: Usual | None = None,
    limit: float = LIMIT_SECONDS,
) -> Run:
    one = Run(behaves, hangs, limit)
    made_up = MadeUpTime(one.answers, began, limit)
    one.at = made_up.now
    watch(endpoints, made_up, one, made_up, usual or Usual(endpoints))
    return one


def well(_at: float, _endpoint: int) -> Pair:
    return Pair(old=True, new=True)


def new_fails_from(fault: float, endpoint: int | None = None) -> Behaves:
    def behaves(at: float, asked: int) -> Pair:
        return Pair(old=True, new=at < fault or endpoint not in {None, asked})

    return behaves


def soonest(
    behaves: Behaves,
    fault: float,
    *,
    hangs: bool = False,
    endpoints: int = 3,
    limit: float = LIMIT_SECONDS,
) -> float:
    """Return after how many seconds any of the runs that begin each minute tells that new is down."""
    runs = [
        run(behaves, began=MINUTE * minute, hangs=hangs, endpoints=endpoints, limit=limit)
        for minute in range(4)
    ]
    return min(at for one in runs for at, sides in one.told if "new" in sides) - fault


@given(fault=st.floats(60, 180))
def test_a_new_that_answers_500_is_down_within_five_seconds_wherever_in_the_minute(
    fault: float,
) -> None:
    assert 2.0 < soonest(new_fails_from(fault), fault) <= 4.3


@given(fault=st.floats(60, 180))
def test_a_new_that_hangs_is_down_within_six_seconds_wherever_in_the_minute(fault: float) -> None:
    """The end of a run too: the next one has begun long enough before."""
    assert 3.5 <= soonest(new_fails_from(fault), fault, hangs=True) <= 5.6


@given(fault=st.floats(60, 180))
def test_where_slow_is_declared_a_hang_takes_its_limit_once_and_not_four_times(
    fault: float,
) -> None:
    assert 5.0 <= soonest(new_fails_from(fault), fault, hangs=True, limit=3.0) <= 8.0


@given(fault=st.floats(60, 180), endpoint=st.integers(1, 19))
def test_any_other_endpoint_is_down_within_thirteen_seconds(fault: float, endpoint: int) -> None:
    behaves = new_fails_from(fault, endpoint)
    assert soonest(behaves, fault, endpoints=20) <= 12.5


def test_a_run_lasts_until_the_next_one_has_had_time_for_answers_that_never_come() -> None:
    one = run(well)
    assert RUN_SECONDS - 2 - ANSWERS_IN_SECONDS <= one.asked[-1][0] < RUN_SECONDS
    longest = 3.0
    assert longest + (MOST_IN_A_ROW - 1) * AGAIN_SECONDS + longest / 2 < RUN_SECONDS - MINUTE


def test_an_endpoint_that_is_slow_and_does_answer_is_asked_again_only_once() -> None:
    """Else it would get more to do, and nothing would be left for what fails."""

    class Slow(Run):
        def answers(self, at: float, endpoint: int) -> tuple[Pair | None, float]:
            self.asked.append((at, endpoint))
            return well(at, endpoint), 0.9 * LIMIT_SECONDS

    slow, quick = Slow(well), run(well, endpoints=1)
    made_up = MadeUpTime(slow.answers)
    watch(1, made_up, slow, made_up, Usual(1))
    assert len(slow.asked) == len(quick.asked) + 1
    assert slow.told == []


def test_what_takes_long_is_asked_again_before_it_has_failed() -> None:
    one = run(new_fails_from(0), endpoints=1, hangs=True)
    times = [at for at, _ in one.asked]
    assert times[:2] == pytest.approx([0.0, LIMIT_SECONDS / 2])
    assert one.told[0][0] == pytest.approx(3.5, abs=0.1)


def test_an_endpoint_that_usually_fails_is_down_within_seconds_too() -> None:
    usual = Usual(1)
    chance = random.Random(3)
    for _ in range(30):
        run(lambda *_: Pair(True, chance.random() > 0.1), endpoints=1, usual=usual)
    assert usual.needed("new", 0) == MOST_IN_A_ROW
    fault = 20.5
    one = run(new_fails_from(fault), endpoints=1, usual=usual)
    assert one.told[0][0] - fault <= 2 + MOST_IN_A_ROW * AGAIN_SECONDS


def test_nothing_is_told_while_both_sides_answer() -> None:
    one = run(well)
    assert one.told == []
    assert [sees for _, sees in one.said] == [True]


def test_people_hear_within_half_a_minute_that_it_watches_and_that_it_sees_nothing() -> None:
    def unreachable(_at: float, _endpoint: int) -> Pair:
        return Pair(old=False, new=False)

    for behaves, sees in ((well, True), (unreachable, False)):
        one = run(behaves, hangs=True)
        ((at, said),) = one.said
        assert said is sees
        assert at <= 30
        assert one.told == []


def test_rounds_that_were_slow_by_its_own_fault_count_for_nobody() -> None:
    def starved(_at: float, _endpoint: int) -> None:
        return None

    one = run(starved)
    assert one.told == []
    assert [sees for _, sees in one.said] == [False]


@pytest.mark.parametrize("endpoints", [1, 2, 3, 4, 5, 6, 7, 20])
def test_it_asks_as_often_as_the_declaration_reckons(endpoints: int) -> None:
    """What a side gets in a minute, in the long run: a run may end amid a turn of all."""
    paths = [{"path": f"/{number}"} for number in range(endpoints)]
    probes, without = (probes_with(paths), 15 * 6 * endpoints)
    one = run(well, endpoints=endpoints)
    assert abs(len(one.asked) - (probes.about - without)) <= 1


def patterns() -> dict[str, Behaves]:
    chance = random.Random(7)

    turns: Counter[int] = Counter()

    def flapping(_at: float, endpoint: int) -> Pair:
        turns[endpoint] += 1
        return Pair(old=True, new=turns[endpoint] % 2 == 0)

    def noisy(_at: float, _endpoint: int) -> Pair:
        return Pair(old=chance.random() > 0.3, new=chance.random() > 0.3)

    return {"well": well, "dead": new_fails_from(0), "flapping": flapping, "noisy": noisy}


@pytest.mark.parametrize("pattern", ["well", "dead", "flapping", "noisy"])
@pytest.mark.parametrize("endpoints", [1, 3, 20])
def test_it_never_asks_more_often_than_the_declaration_reckons_at_most(
    pattern: str, endpoints: int
) -> None:
    paths = [{"path": f"/{number}"} for number in range(endpoints)]
    most = probes_with(paths).at_most - 20 * 6 * endpoints
    runs = [
        run(patterns()[pattern], began=MINUTE * minute, endpoints=endpoints) for minute in range(4)
    ]
    asked = [at for one in runs for at, _ in one.asked]
    for start in range(60, 180):
        assert sum(start <= at < start + MINUTE for at in asked) <= most
    for one in runs:
        again = len(one.asked) - len(run(well, endpoints=endpoints).asked)
        assert again <= MOST_AGAIN


def probes_with(endpoints: list[dict[str, str]]) -> Probes:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    declared = context["cutover"]["chatmrpt"] | {"endpoints": endpoints}
    (cutover,) = read_context({"cutover": {"chatmrpt": declared}})
    return probes_of(cutover.service)


def test_a_side_that_is_down_is_told_as_long_as_it_is() -> None:
    def for_a_while(at: float, _endpoint: int) -> Pair:
        return Pair(old=True, new=not 20 <= at < 40)

    times = [at for at, _ in run(for_a_while).told]
    assert times
    assert min(times) > 22
    assert max(times) <= 42.1


def test_an_endpoint_that_no_answer_comes_from_is_noticed_while_the_first_is_well() -> None:
    one = run(new_fails_from(5, endpoint=2))
    assert one.told
    assert one.told[0][1] == ("new",)
