"""The phases of a drill, read off a recording made up for it."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.drill.phases import Lost, lost, phases_of
from rehearsal.drill.recording import Event, Recording, in_order
from rehearsal.drill.report.phase_by_phase import phase_by_phase
from rehearsal.world.stream import Seen

BEGAN = 1_000_000.0
FAULT = BEGAN + 10
EVENTS = in_order(
    [
        Event(FAULT + 61.2, "edge", "the switch at the edge door: thrown"),
        Event(FAULT + 60.9, "dns", "the switch at the dns door: thrown"),
        Event(FAULT, "fault", "new breaks"),
        Event(FAULT + 17, "note", "health check at the dns door: new is unhealthy"),
        Event(FAULT + 59, "alarm", "chatmrpt-new-5xx-hard"),
        Event(FAULT + 59.4, "called", "the rollback function started"),
        Event(FAULT + 60.4, "decided", "thrown by alarm:chatmrpt-new-5xx-hard"),
        Event(FAULT + 61.5, "told", "chatmrpt: ROLLED BACK to old"),
        Event(BEGAN + 2, "alarm", "chatmrpt-before-the-fault"),
    ]
)


def served(at: float, side: str, failure: str = "", asked: str = "", method: str = "GET") -> Seen:
    return Seen(at, side, failure, at - 0.1, method, tuple(filter(None, asked.split(","))))


def recording(edge: list[Seen] | None = None) -> Recording:
    return Recording(BEGAN, FAULT + 90, EVENTS, {"edge": edge or [], "dns": []})


def test_each_phase_ends_where_the_next_begins() -> None:
    edge = [served(FAULT - 1, "new"), served(FAULT + 61.3, "new"), served(FAULT + 80, "old")]
    phases = phases_of(recording(edge), "new", {"new"}, FAULT)
    assert phases.detect == pytest.approx(59)
    assert phases.decide == pytest.approx(1.4)
    assert phases.act == {"edge": pytest.approx(0.8), "dns": pytest.approx(0.5)}
    assert phases.last_wrong == {"edge": pytest.approx(61.3), "dns": None}
    assert phases.health == pytest.approx(17)
    assert phases.told == pytest.approx(61.5)


def test_what_happened_before_the_fault_is_no_phase_of_it() -> None:
    quiet = Recording(BEGAN, FAULT + 90, [Event(BEGAN + 2, "alarm", "an old story")])
    phases = phases_of(quiet, None, frozenset(), FAULT)
    assert (phases.detect, phases.decide, phases.told) == (None, None, None)
    assert phases.act == {"edge": None, "dns": None}


def test_a_door_that_moved_before_the_functions_clock_says_so_took_no_time() -> None:
    early = Recording(
        BEGAN,
        FAULT + 90,
        in_order(
            [
                Event(FAULT + 20, "edge", "the switch at the edge door: unreadable, so thrown"),
                Event(FAULT + 59, "alarm", "a"),
                Event(FAULT + 61, "decided", "thrown by alarm:a"),
            ]
        ),
    )
    assert phases_of(early, "new", {"new"}, FAULT).act["edge"] == 0


def test_a_loss_counts_for_the_healthy_side_unless_the_broken_one_was_asked() -> None:
    seen = [
        served(FAULT - 1, "", "GET /: 500", "old"),
        served(FAULT + 1, "new", "POST /echo: 500", "new", "POST"),
        served(FAULT + 2, "old", "GET /: 503", "new,old"),
        served(FAULT + 3, "old", "GET /: 503", "old"),
        served(FAULT + 4, "", "GET /: ClientConnectorError"),
        served(FAULT + 5, "old", asked="old"),
    ]
    assert lost(seen, {"new"}, FAULT) == Lost(reads=3, writes=1, where_healthy=2)


def test_the_series_counts_each_second_and_leaves_out_what_came_before() -> None:
    edge = [
        served(BEGAN - 0.5, "old"),
        served(BEGAN + 0.5, "old"),
        served(BEGAN + 1.5, "new"),
        served(BEGAN + 1.6, "new", "POST /echo: 500"),
    ]
    series = Recording(BEGAN, BEGAN + 2.5, (), {"edge": edge}).series("edge")
    assert series == {"old": [1, 0, 0], "new": [0, 1, 0], "failed": [0, 1, 0]}


def as_result(alarm: str) -> dict[str, Any]:
    events = [
        Event(e.at, e.kind, alarm if e.at == FAULT + 59 else e.what).to_dict() for e in EVENTS
    ]
    return {"fault_at": FAULT, "events": events, "phases": {"last_wrong": {"edge": 61.3}}}


@pytest.mark.parametrize(
    ("alarm", "seen"),
    [
        ("chatmrpt-new-5xx-hard", "the minute's metric"),
        ("chatmrpt-new-probe-down", "wrong answers in a row"),
        ("chatmrpt-new-fast-5xx-burst", "ten seconds of the edge's log"),
    ],
)
def test_the_phases_begin_with_who_saw_it_and_go_to_the_last_answer_of_the_broken_side(
    alarm: str, seen: str
) -> None:
    parts = phase_by_phase(as_result(alarm))
    assert parts[0].name.startswith(seen)
    assert parts[0].until == parts[1].since == pytest.approx(59)
    assert parts[-1].until == pytest.approx(61.3)
    assert all(part.since <= part.until for part in parts)


def test_a_drill_that_threw_nothing_has_no_phases() -> None:
    assert phase_by_phase({"fault_at": FAULT, "events": [], "phases": {"last_wrong": {}}}) == []
    assert phase_by_phase({"fault_at": None}) == []
