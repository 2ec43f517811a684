"""A drill fails with a sentence for each way in which it did not end as it must."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rehearsal.drill.budget import SLACK, Budget
from rehearsal.drill.drill import Drill, Expected
from rehearsal.drill.outcome import Deployed, End, complaints, serves
from rehearsal.drill.phases import Lost, Phases
from rehearsal.world.shares import Share

ROLLED_BACK = "chatmrpt: ROLLED BACK to old by alarm:chatmrpt-new-5xx-hard"
DRILL = Drill(
    "new-500",
    "New breaks",
    "what it shows",
    50,
    (),
    Expected("old", "thrown", 50, told=("ROLLED BACK",), rollbacks=1, budget=Budget(20)),
    frozenset({"new"}),
)
PHASES = Phases(
    detect=50.0,
    decide=1.0,
    act={"edge": 0.3, "dns": 0.4},
    last_wrong={"edge": 61.0, "dns": 17.0},
    health=17.0,
    told=52.0,
    lost={"edge": Lost(writes=12), "dns": Lost(reads=9, writes=3)},
)
END = End(
    shares={"edge": Share(50, 0, 240), "dns": Share(50, 0, 120)},
    failed={"edge": 0, "dns": 0},
    switch={"edge": "thrown", "dns": "thrown"},
    weights={"edge": 50, "dns": 50},
    told=[ROLLED_BACK],
)


TOOK = 12.0


def expecting(**changes: Any) -> Drill:
    return replace(DRILL, expected=replace(DRILL.expected, **changes))


def test_a_drill_that_ended_as_it_must_has_no_complaint() -> None:
    assert complaints(DRILL, PHASES, END, TOOK) == []


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ({"shares": {"edge": Share(50, 3, 240), "dns": Share(50, 0, 120)}}, "at the edge door the"),
        ({"shares": {"edge": Share(50, 240, 240), "dns": Share(50, 0, 120)}}, "new serves"),
        ({"shares": {"edge": Share(50, 0, 0), "dns": Share(50, 0, 120)}}, "nobody asked"),
        (
            {"switch": {"edge": "thrown", "dns": "released"}},
            "the switch of the dns door is released",
        ),
        ({"weights": {"edge": 20, "dns": 50}}, "the edge door holds weight 20, expected 50"),
        ({"told": []}, "no person was told 'ROLLED BACK'; told was: nothing"),
        ({"told": [ROLLED_BACK, ROLLED_BACK]}, "people were told of 2 rollbacks, expected 1"),
        ({"failed": {"edge": 2, "dns": 0}}, "at the edge door 2 requests failed at the very end"),
        ({"diff": "6 weights differ"}, "cdk diff is not empty afterwards: 6 weights differ"),
        ({"next_change": "refused"}, "the next weight change did not do what it says: refused"),
        ({"reached": False}, "was not reached within 200 s"),
        ({"deploys": [Deployed(60)]}, "1 deploys ended, expected 0"),
    ],
)
def test_whatever_is_otherwise_at_the_end_is_said(end: dict[str, Any], said: str) -> None:
    found = complaints(DRILL, PHASES, replace(END, **end), TOOK)
    assert len(found) == 1
    assert said in found[0]


def test_a_request_lost_on_the_healthy_side_is_said_unless_the_drill_allows_it() -> None:
    lossy = replace(PHASES, lost={"edge": Lost(reads=2, where_healthy=2), "dns": Lost()})
    assert complaints(DRILL, lossy, END, TOOK) == [
        "at the edge door 2 requests were lost on a healthy side"
    ]
    assert complaints(expecting(lost_where_healthy=2), lossy, END, TOOK) == []


def test_a_deploy_that_must_fail_must_say_why() -> None:
    drill = expecting(deploys=("may not rise",))
    refused = replace(END, deploys=[Deployed(80, "new_weight may not rise from 50 to 80")])
    assert complaints(drill, PHASES, refused, TOOK) == []
    through = complaints(drill, PHASES, replace(END, deploys=[Deployed(80)]), TOOK)
    assert through == ["the deploy of 80 should have failed with 'may not rise': it went through"]


def test_an_alarm_that_was_over_counts_as_no_rollback() -> None:
    over = "chatmrpt: NOT ROLLED BACK: the alarm is OK again (chatmrpt-new-5xx-hard)"
    assert complaints(DRILL, PHASES, replace(END, told=[ROLLED_BACK, over]), TOOK) == []


def test_a_deploy_that_must_go_through_and_fails_is_said_with_its_words() -> None:
    failed = replace(END, deploys=[Deployed(30, "no space left")])
    assert complaints(expecting(deploys=("",)), PHASES, failed, TOOK) == [
        "the deploy of 30 failed: no space left"
    ]


def test_a_quiet_drill_in_which_somebody_is_told_is_said() -> None:
    drill = expecting(told=(), rollbacks=None, quiet=True)
    assert complaints(drill, PHASES, END, TOOK) == [
        f"nobody should have been told, but a person got: {ROLLED_BACK}"
    ]


def test_a_message_that_must_not_be_sent_is_said_once() -> None:
    drill = expecting(told=(), rollbacks=None, not_told=("ROLLED BACK",))
    found = complaints(drill, PHASES, replace(END, told=[ROLLED_BACK, ROLLED_BACK]), TOOK)
    assert found == [f"a person was told {ROLLED_BACK!r}, which should not have been"]


def test_where_nobody_serves_failures_at_the_end_are_no_complaint() -> None:
    drill = replace(expecting(serves="nobody"), broken=frozenset({"old", "new"}))
    dead = replace(
        END,
        shares={"edge": Share(50, 0, 0), "dns": Share(50, 0, 0)},
        failed={"edge": 240, "dns": 120},
    )
    assert complaints(drill, PHASES, dead, TOOK) == []


def test_where_no_viewer_is_left_nobody_is_asked_who_serves() -> None:
    nobody = replace(END, shares={"edge": Share(50, 0, 0), "dns": Share(50, 0, 0)})
    assert complaints(expecting(serves="unasked"), PHASES, nobody, TOOK) == []
    assert "expected unasked" in complaints(expecting(serves="unasked"), PHASES, END, TOOK)[0]


@pytest.mark.parametrize(
    ("share", "failed", "who"),
    [
        (Share(50, 0, 100), 0, "old"),
        (Share(50, 100, 100), 0, "new"),
        (Share(50, 52, 100), 3, "declared"),
        (Share(50, 0, 0), 9, "nobody"),
        (Share(50, 0, 0), 0, "unasked"),
        (Share(50, 90, 100), 0, "new 90.0 % of 100, declared 50 %"),
    ],
)
def test_who_serves_is_told_from_the_share(share: Share, failed: int, who: str) -> None:
    assert serves(share, failed) == who


def test_a_drill_that_takes_longer_than_its_budget_and_the_slack_is_a_complaint() -> None:
    assert complaints(DRILL, PHASES, END, 20.0 + SLACK) == []
    (said,) = complaints(DRILL, PHASES, END, 30.5)
    assert said == (
        "after 30.5 s was the broken side off the air at the edge, and 20 s are allowed, with 10 s more for "
        "a busy machine"
    )
    (said,) = complaints(DRILL, PHASES, END, None)
    assert said.startswith(
        "never was the broken side off the air at the edge, and 20 s are allowed"
    )


def test_a_drill_without_a_budget_may_take_what_it_takes() -> None:
    assert complaints(expecting(budget=None), PHASES, END, None) == []


def test_a_person_who_is_told_too_late_is_a_complaint_that_says_of_what() -> None:
    drill = expecting(budget=Budget(120, "told", of="sentinel-silent"))
    (said,) = complaints(drill, PHASES, END, 131.0)
    assert said.startswith(
        "after 131.0 s was a person told 'sentinel-silent', and 120 s are allowed"
    )


def test_noise_may_fail_some_requests_at_the_end_and_nothing_else_may() -> None:
    end = replace(END, failed={"edge": 0, "dns": 3})
    (said,) = complaints(DRILL, PHASES, end, TOOK)
    assert said == "at the dns door 3 requests failed at the very end"
    assert complaints(expecting(noise_at_the_end=3), PHASES, end, TOOK) == []
