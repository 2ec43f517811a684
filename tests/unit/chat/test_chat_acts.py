"""Which errors nobody could have spared a viewer, and what a rollback does to streams and sessions."""

from __future__ import annotations

import pytest

from rehearsal.chat.acts import STREAMS, Act, EntranceName, across, could_be_spared, moved
from rehearsal.outage import Outage

FAULT = Outage(struck=100, thrown=103, turned=104, healed=110)


def act(
    what: str,
    began: float,
    ended: float,
    *,
    entrance: EntranceName = "edge",
    side: str = "new",
    failure: str = "500",
    who: str = "ada",
    page: str = "",
) -> Act:
    return Act(who, what, entrance, began, ended, side, failure, page)


@pytest.mark.parametrize(
    ("one", "spared"),
    [
        (act("ask", 101, 102), False),
        (act("upload", 103, 105), False),
        (act("upload", 99, 101), False),
        (act("ask", 103.5, 104), True),
        (act("ask", 90, 99), True),
        (act("ask", 111, 112), True),
        (act("page", 101, 102), True),
        (act("late files", 101, 102), True),
        (act("late files", 104, 105, page="new"), False),
        (act("late files", 104, 105, page="old"), True),
        (act("events", 99, 105), True),
        (act("who am I", 101, 102, entrance="dns"), False),
        (act("ask", 103.5, 105, entrance="dns"), False),
        (act("ask", 104.5, 105, entrance="dns"), True),
        (act("events", 101, 102, failure=""), False),
    ],
)
def test_an_error_is_excused_only_where_nobody_repeats_the_request(one: Act, spared: bool) -> None:
    assert bool(could_be_spared([one], FAULT)) is spared


def test_without_a_fault_every_error_could_be_spared() -> None:
    assert len(could_be_spared([act("ask", 1, 2), act("ask", 1, 2, failure="")])) == 1


def test_streams_that_were_under_way_on_new_are_told_whole_or_cut() -> None:
    acts = [
        act("events", 99, 120, failure=""),
        act("ask", 98, 104),
        act("events", 99, 120, side="old", failure=""),
        act("events", 99, 102, failure=""),
        act("events", 101, 120, failure=""),
        act("page", 99, 120, failure=""),
    ]
    assert across(acts, FAULT, STREAMS) == (2, 1)


def test_who_moved_is_who_was_still_logged_in_on_the_other_side() -> None:
    acts = [
        act("who am I", 1, 2, side="old", failure=""),
        act("who am I", 3, 4, side="new", failure=""),
        act("who am I", 3, 4, side="old", failure="", who="bob"),
        act("who am I", 5, 6, side="new", failure="401", who="bob"),
    ]
    assert moved(acts, "old", "new") == {"ada"}
    assert moved(acts, "new", "old") == set()
