"""The page of the story: whole, deterministic, and as true as its counts."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from rehearsal.drill.recording import Event, Recording
from rehearsal.story.counts import Act, rows
from rehearsal.story.told import page, table, write_story
from rehearsal.world.stream import Seen

SEEN = {
    "edge": [Seen(1.0, "old", began=0.5), Seen(2.0, "new", began=1.5), Seen(3.0, "new", began=2.5)],
    "dns": [Seen(1.0, "old", began=0.5), Seen(2.0, "", "A: TimeoutError", began=1.5)],
    "own name": [
        Seen(1.0, "new", began=0.5, asked=("old", "new")),
        Seen(1.0, "old", began=0.5, method="POST", asked=("old",)),
        Seen(2.0, "new", began=1.5, asked=("new",)),
    ],
}
ACTS = [Act("adopt", "the plain <record>", 0.0, 4.0, 0)]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def told(folder: Path, seen: dict[str, list[Seen]]) -> dict[str, Any]:
    recording = Recording(0.0, 4.0, [Event(1.0, "person", "the record is adopted")], seen)
    files = write_story(recording, rows(ACTS, seen, None), folder)
    assert [file.name for file in files] == ["index.html", "story.md", "story.json"]
    held: dict[str, Any] = json.loads(files[2].read_text(encoding="utf-8"))
    assert files[0].read_text(encoding="utf-8") == page(held)
    return held


def test_the_page_is_whole_and_shows_the_marks(tmp_path: Path) -> None:
    text = page(told(tmp_path, SEEN))
    tags = _Tags()
    tags.feed(text)
    assert tags.open == []
    assert "script" not in tags.seen
    assert "the record is adopted" in text
    assert "the plain &lt;record&gt;" in text


def test_a_missing_answer_is_never_told_as_nothing_lost(tmp_path: Path) -> None:
    held = told(tmp_path, SEEN)
    assert "1 dns" not in table(held)
    assert page(held).count("were lost that a healthy side") == 1
    assert "Not one request" not in table(held)
    well = {door: [one for one in seen if not one.failure] for door, seen in SEEN.items()}
    assert table(told(tmp_path, well)).startswith("Not one request was lost")
    circled = Seen(2.0, "", "GET /: sent in circles", began=1.5, asked=("old",) * 6)
    lost = well | {"own name": [circled]}
    assert table(told(tmp_path, lost)).startswith("1 requests were lost")


def test_a_story_that_broke_off_is_never_told_as_well(tmp_path: Path) -> None:
    well = {door: [one for one in seen if not one.failure] for door, seen in SEEN.items()}
    recording = Recording(0.0, 4.0, [], well)
    page_file, table_file, _ = write_story(recording, rows(ACTS, well, None), tmp_path, whole=False)
    for file in (page_file, table_file):
        text = file.read_text(encoding="utf-8")
        assert "The story broke off: the act after adopt did not end as it must" in text
        assert "Not one request" not in text


def test_the_table_has_a_line_for_each_act(tmp_path: Path) -> None:
    lines = table(told(tmp_path, SEEN)).splitlines()
    assert (
        lines[-1]
        == "| adopt | the plain <record> | 4 | 3 | 66.7 % | 0 | 0 | 2 | 0.0 % | 1 | 1 | 1 | 2 | 1 | 0 |"
    )
    assert {line.count("|") for line in lines if line.startswith("|")} == {16}


def test_the_picture_names_the_alarm_that_followed_the_fault_and_none_before_it(
    tmp_path: Path,
) -> None:
    events = [
        Event(0.5, "alarm", "chatmrpt-edge-silent"),
        Event(0.6, "told", "deployed"),
        Event(2.0, "fault", "new answers 500"),
        Event(2.5, "alarm", "chatmrpt-new-probe-down"),
        Event(2.6, "called", "the rollback function started"),
    ]
    recording = Recording(0.0, 4.0, events, SEEN)
    (text, *_) = (
        file.read_text(encoding="utf-8")
        for file in write_story(recording, rows(ACTS, SEEN, None), tmp_path)
    )
    assert ">alarm new-probe-down</text>" in text
    assert ">alarm edge-silent</text>" not in text
    assert ">a person is told</text>" not in text
    assert text.count('class="dot alarm"') == 2
    assert text.count('class="dot called"') == 1
