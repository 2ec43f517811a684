"""Every drill of the catalogue says all that it must, and can be picked by name."""

from __future__ import annotations

import json
import re

import pytest
from pydantic import ValidationError

from cutover.declaration.service import Service
from cutover.paths import CDK_JSON
from rehearsal.drill.__main__ import picked, side_by_side
from rehearsal.drill.catalogue import CATALOGUE, HARD
from rehearsal.drill.declared import AVERAGE_MS, P95_MS, merged
from rehearsal.drill.drill import Drill
from rehearsal.drill.report.results import in_words

NAMES = [drill.name for drill in CATALOGUE]


def every() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("drill", CATALOGUE, ids=NAMES)


def test_there_are_more_than_twenty_and_no_two_share_a_name() -> None:
    assert len(CATALOGUE) > 20
    assert len(set(NAMES)) == len(NAMES)


@every()
def test_a_drill_says_what_happens_what_it_shows_and_how_it_ends(drill: Drill) -> None:
    assert re.fullmatch(r"[a-z0-9-]{4,30}", drill.name)
    assert drill.title
    assert drill.shows.endswith(".")
    assert drill.moments
    assert drill.moments[0].kind in {"fault", "deploy", "before"}
    assert in_words(drill)


@every()
def test_a_person_acts_in_a_drill_only_where_it_is_declared(drill: Drill) -> None:
    acts = any(moment.kind == "person" for moment in drill.moments)
    nobody_serves = drill.expected.serves == "nobody"
    assert bool(drill.expected.person) == (acts or nobody_serves)


@every()
def test_a_drill_expects_as_many_deploys_as_it_starts(drill: Drill) -> None:
    started = sum("deploy" in moment.what for moment in drill.moments)
    assert len(drill.expected.deploys) == started


@every()
def test_a_drill_that_never_has_a_viewer_expects_that_nobody_asks(drill: Drill) -> None:
    assert drill.viewers or drill.expected.serves == "unasked"


@every()
def test_patterns_are_patterns(drill: Drill) -> None:
    expected = drill.expected
    for pattern in (*expected.told, *expected.not_told, *expected.deploys):
        re.compile(pattern)


@every()
def test_what_a_drill_declares_is_a_declaration(drill: Drill) -> None:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    declared = merged(context["cutover"]["chatmrpt"], drill.declared)
    try:
        Service.model_validate(declared)
    except ValidationError as error:
        pytest.fail(str(error))


@every()
def test_a_drill_in_which_somebody_is_rolled_back_or_called_has_a_budget(drill: Drill) -> None:
    expected = drill.expected
    called = any(pattern != "released" for pattern in expected.told)
    assert (expected.budget is not None) == (expected.switch == "thrown" or called)


def test_a_budget_counts_from_a_moment_of_its_drill_and_to_a_message_that_it_expects() -> None:
    for drill in CATALOGUE:
        budget = drill.expected.budget
        if budget is not None:
            assert budget.since in {"", *(moment.what for moment in drill.moments)}, drill.name
            assert budget.of in {"", *drill.expected.told}, drill.name
            assert budget.seconds < drill.within + drill.lasts, drill.name


def test_whatever_the_sentinel_sees_has_the_budget_of_the_hard_failure() -> None:
    hard = [drill.name for drill in CATALOGUE if drill.expected.budget == HARD]
    assert {"new-500-at-50", "new-hangs", "new-refuses", "new-wrong-content"} <= set(hard)
    assert (HARD.seconds, HARD.median) == (20, 15)


@every()
def test_a_drill_is_like_an_older_one_with_the_same_words_of_its_fault(drill: Drill) -> None:
    faults = {other.name: other.moments[0].what for other in CATALOGUE}
    assert not drill.like or faults[drill.like] == drill.moments[0].what


def test_drills_are_picked_by_name_in_the_order_given() -> None:
    assert [drill.name for drill in picked("both-die, new-slow")] == ["both-die", "new-slow"]
    assert picked("") == [drill for drill in CATALOGUE if not drill.by_name]
    with pytest.raises(ValueError, match=r"no drill is called old-sings\. Known: new-500-at-50"):
        picked("both-die,old-sings")


def test_a_drill_of_an_hour_is_played_by_name_only() -> None:
    by_name = [drill.name for drill in CATALOGUE if drill.within > 1800]
    assert by_name == ["slow-leak"]
    assert [drill.name for drill in CATALOGUE if drill.by_name] == by_name
    assert [drill.name for drill in picked("slow-leak")] == by_name


def test_a_change_of_the_declaration_goes_all_the_way_down_and_leaves_the_rest() -> None:
    base = {"promotion": {"bake_minutes": 5, "time_zone": "UTC"}, "notify": ["a"]}
    assert merged(base, {"promotion": {"bake_minutes": 2}}) == {
        "promotion": {"bake_minutes": 2, "time_zone": "UTC"},
        "notify": ["a"],
    }
    assert base["promotion"] == {"bake_minutes": 5, "time_zone": "UTC"}


def test_response_times_have_room_for_a_busy_machine_and_a_slow_new_is_still_above() -> None:
    assert 4 * 80 < AVERAGE_MS < 80 + 400
    assert P95_MS > AVERAGE_MS


def test_a_name_that_is_given_twice_is_played_once() -> None:
    assert [drill.name for drill in picked("both-die,both-die")] == ["both-die"]


@pytest.mark.parametrize("names", [",", " ", " , "])
def test_what_names_no_drill_does_not_mean_all(names: str) -> None:
    with pytest.raises(ValueError, match="names no drill: leave it out to play all"):
        picked(names)


@pytest.mark.parametrize("jobs", ["0", "-1", "x", "1.5", "٢", "17", "9" * 5000, " "])
def test_how_many_are_played_at_once_is_a_number(jobs: str) -> None:
    with pytest.raises(ValueError, match=r"^JOBS=.* It must be: a whole number from 1 to 16$"):
        side_by_side(jobs)


def test_two_are_played_at_once_where_nothing_is_said() -> None:
    assert (side_by_side(""), side_by_side("3")) == (2, 3)
