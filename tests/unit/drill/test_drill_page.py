"""The page of the drills: complete, harmless whatever a drill says, and no two words overlap."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from commands.report.plots import Scale
from rehearsal.drill.report.page import page
from rehearsal.drill.report.results import kept
from rehearsal.drill.report.timeline import Mark, in_lanes, timeline

FAULT = 1_000_002.0
EVIL = '<script>alert("x")</script>\x1b[31m'


def result(name: str = "new-500-at-50", **changes: Any) -> dict[str, Any]:
    events = [
        {"at": FAULT, "kind": "fault", "what": "new breaks"},
        {"at": FAULT + 57, "kind": "alarm", "what": "chatmrpt-new-5xx-hard"},
        {"at": FAULT + 57.1, "kind": "called", "what": "the rollback function started"},
        {"at": FAULT + 58, "kind": "decided", "what": "thrown by alarm:chatmrpt-new-5xx-hard"},
        {"at": FAULT + 58.4, "kind": "edge", "what": "the switch at the edge door: thrown"},
        {"at": FAULT + 58.5, "kind": "dns", "what": "the switch at the dns door: thrown"},
        {"at": FAULT + 58.6, "kind": "told", "what": "chatmrpt: ROLLED BACK to old"},
    ]
    series = {
        "old": [10] * 80,
        "new": [10] * 60 + [0] * 20,
        "failed": [0] * 10 + [2] * 50 + [0] * 20,
    }
    of_lost = {"reads": 1, "writes": 30, "where_healthy": 0}
    return {
        "name": name,
        "began": FAULT - 10,
        "ended": FAULT + 70,
        "fault_at": FAULT,
        "seconds": 190.0,
        "complaints": [],
        "phases": {
            "detect": 57.0,
            "decide": 1.0,
            "act": {"edge": 0.4, "dns": 0.5},
            "last_wrong": {"edge": 58.3, "dns": 17.0},
            "health": 17.0,
            "told": 58.6,
            "lost": {"edge": of_lost, "dns": of_lost},
        },
        "events": events,
        "series": {"edge": series, "dns": series},
        **changes,
    }


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.ids += [value for key, value in attrs if key == "id" and value]
        if tag not in {"meta", "br", "path", "circle"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in {"path", "circle"}:
            assert self.open.pop() == tag


def parsed(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids))
    return tags


def test_the_page_holds_every_drill_its_figures_and_nothing_from_elsewhere() -> None:
    text = page(kept([result(), result("new-slow")], 2))
    tags = parsed(text)
    assert {"new-500-at-50", "new-slow"} <= set(tags.ids)
    assert "script" not in tags.seen
    assert "http" not in re.sub(r"Content-Security-Policy|http-equiv", "", text)
    assert "2 drills, each ended as it must" in text
    assert "phase by phase" in text


def test_whatever_a_drill_says_stays_text() -> None:
    told = [{"at": FAULT + 1, "kind": "fault", "what": EVIL}]
    text = page(kept([result(complaints=[EVIL], events=told)], 1))
    assert "script" not in parsed(text).seen
    assert "\x1b" not in text
    assert "&lt;script&gt;" in text
    assert "1 of 1 drill did not end as it must" in text


def test_a_drill_that_could_not_be_played_still_has_its_place() -> None:
    text = page(kept([{"name": "both-die", "complaints": ["it could not be played: no port"]}], 1))
    parsed(text)
    assert "it could not be played: no port" in text


def test_the_same_results_give_the_same_page() -> None:
    results = kept([result()], 2)
    assert page(results) == page(results)


def test_an_empty_drawing_of_a_drill_without_a_single_request_is_still_a_drawing() -> None:
    nothing = {"old": [0] * 80, "new": [0] * 80, "failed": [0] * 80}
    drawn = timeline(kept([result(series={"edge": nothing, "dns": nothing})], 1)["drills"][0], "t")
    parsed(drawn)
    assert 'class="served' not in drawn


@given(
    st.lists(
        st.tuples(st.floats(-15, 300, allow_nan=False), st.text(min_size=1, max_size=60)),
        max_size=25,
    )
)
def test_no_two_words_overlap_wherever_the_moments_fall(moments: list[tuple[float, str]]) -> None:
    marks = [Mark(at, words, "fault") for at, words in moments]
    placed = in_lanes(marks, Scale(-15, 300, 88, 926))
    assert len(placed) == len(marks)
    for i, one in enumerate(placed):
        for other in placed[i + 1 :]:
            apart = (
                one.lane != other.lane
                or one.start + one.width <= other.start
                or other.start + other.width <= one.start
            )
            assert apart
