"""Whose turn it is: never too many, never before an earlier wave, and never nobody without a reason."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.pipeline.fleet import how_far
from commands.pipeline.turns import Progress, Seen, waits
from cutover.declaration.fleet import Fleet
from shared.status.standing import Standing
from tests.unit.support.statuses import DENIED, THROWN, deployed, dns, edge, standing

NOT_BEGUN = Seen(Progress.NOT_BEGUN, "0 %")
ON_ITS_WAY = Seen(Progress.ON_ITS_WAY, "25 %")
FINISHED = Seen(Progress.FINISHED, "100 %")


@st.composite
def undertakings(draw: st.DrawFn) -> tuple[Fleet, dict[str, Seen], list[str]]:
    names = [f"s{number}" for number in range(draw(st.integers(1, 8)))]
    cuts = sorted(draw(st.sets(st.integers(1, len(names)), max_size=3)))
    bounds = [0, *cuts, len(names)]
    waves = [names[a:b] for a, b in pairwise(bounds) if a < b]
    declared = {"at_once": draw(st.integers(1, 4))}
    fleet = Fleet.model_validate(declared | ({"waves": waves} if draw(st.booleans()) else {}))
    seen = {name: draw(st.sampled_from([NOT_BEGUN, ON_ITS_WAY, FINISHED])) for name in names}
    open_ = [name for name in names if seen[name] is not FINISHED]
    rising = draw(st.lists(st.sampled_from(open_), unique=True)) if open_ else []
    return fleet, seen, rising


@given(undertakings())
def test_never_too_many_and_never_before_an_earlier_wave(
    of: tuple[Fleet, dict[str, Seen], list[str]],
) -> None:
    fleet, seen, rising = of
    told = waits(fleet, seen, rising)
    going = [name for name in rising if name not in told]
    before = {name for name, one in seen.items() if one is ON_ITS_WAY}
    assert set(told) <= set(rising)
    assert len(going) <= fleet.at_once
    assert len(before | set(going)) <= max(fleet.at_once, len(before))
    assert all(seen[other] is FINISHED for name in going for other in fleet.before(name))


@given(undertakings())
def test_whoever_may_begin_is_not_held_up_for_nothing(
    of: tuple[Fleet, dict[str, Seen], list[str]],
) -> None:
    fleet, seen, rising = of
    told = waits(fleet, seen, rising)
    on_their_way = sum(one is ON_ITS_WAY for one in seen.values())
    free = [
        name
        for name in rising
        if all(seen[other] is FINISHED for other in fleet.before(name))
        and (seen[name] is ON_ITS_WAY or on_their_way < fleet.at_once)
    ]
    assert not free or any(name not in told for name in rising)


def test_a_reason_names_who_is_waited_for() -> None:
    fleet = Fleet.model_validate({"at_once": 2, "waves": [["aa", "bb"], ["cc"], ["dd"]]})
    seen = {"aa": FINISHED, "bb": ON_ITS_WAY, "cc": NOT_BEGUN, "dd": NOT_BEGUN}
    assert waits(fleet, seen, ["bb", "cc", "dd"]) == {
        "cc": "wave 2 rises when the earlier have finished: bb (25 %)",
        "dd": "wave 3 rises when the earlier have finished: bb (25 %), cc (0 %)",
    }
    one = Fleet()
    assert waits(one, seen, ["cc"]) == {"cc": "one service moves at once, and on their way: bb"}
    assert waits(one, seen, ["dd", "bb"]) == {"dd": "one service moves at once, and first come: bb"}
    two = Fleet(at_once=2)
    many = dict.fromkeys([f"s{number}" for number in range(8)], ON_ITS_WAY) | {"aa": NOT_BEGUN}
    assert waits(two, many, ["aa"]) == {
        "aa": "2 services move at once, and on their way: s0, s1, s2, s3, s4 and 3 more"
    }


def at(weight: int, **more: object) -> Standing:
    doors = (edge(weight), dns(weight, weight))
    return standing(**({"deployed": deployed(weight), "doors": doors} | more))


@pytest.mark.parametrize(
    ("seen", "progress"),
    [
        (at(0), Progress.NOT_BEGUN),
        (at(1), Progress.ON_ITS_WAY),
        (at(100), Progress.FINISHED),
        (at(100, deployed=deployed(100, "UPDATE_IN_PROGRESS")), Progress.ON_ITS_WAY),
        (at(100, deployed=deployed(100, "UPDATE_ROLLBACK_FAILED")), Progress.ON_ITS_WAY),
        (at(100, doors=(edge(100.0, THROWN),)), Progress.ON_ITS_WAY),
        (at(100, doors=(edge(100), dns(100, 90))), Progress.ON_ITS_WAY),
        (at(0, doors=(edge(0), dns(0, 10))), Progress.ON_ITS_WAY),
        (at(0, doors=(edge(DENIED),)), Progress.ON_ITS_WAY),
        (at(0, doors=(edge(0, DENIED),)), Progress.ON_ITS_WAY),
        (at(0, deployed=DENIED), Progress.ON_ITS_WAY),
        # With a thrown switch and nothing declared, nobody is on new.
        (at(0, doors=(edge(0.0, THROWN),)), Progress.NOT_BEGUN),
    ],
)
def test_a_service_has_finished_when_everything_is_on_new_and_has_baked(
    seen: Standing, progress: Progress
) -> None:
    assert how_far(seen).progress is progress


def test_a_thrown_switch_is_said() -> None:
    assert (
        how_far(replace(at(25, doors=(edge(25, THROWN),)))).how == "25 %, and its switch is thrown"
    )
