"""An earlier run beside this one: the same fault, drawn and counted in the same way."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from rehearsal.drill.__main__ import main
from rehearsal.drill.catalogue import CATALOGUE, HARD
from rehearsal.drill.report.before import KEPT, pairs, trimmed
from rehearsal.drill.report.commit import UNKNOWN_COMMIT
from rehearsal.drill.report.markdown import BEGIN, DOCUMENT, END, markdown, with_tables
from rehearsal.drill.report.page import page
from rehearsal.drill.report.results import completed, in_words, kept
from tests.unit.drill.test_drill_page import parsed, result

BEFORE = json.loads(KEPT.read_text(encoding="utf-8"))


def after(*names: str) -> dict[str, Any]:
    return {**kept([result(name) for name in names], 2), "commit": "abc1234"}


def test_the_same_fault_is_found_by_its_name_or_by_the_drill_that_it_is_like() -> None:
    found = pairs(after("new-500-at-50", "fast-log-500-at-20", "no-traffic")["drills"], BEFORE)
    assert [(pair.drill["name"], pair.before["name"]) for pair in found] == [
        ("new-500-at-50", "new-500-at-50"),
        ("fast-log-500-at-20", "new-500-at-50"),
    ]
    assert [pair.took for pair in found] == [pytest.approx(58.4)] * 2
    assert [pair.took_before for pair in found] == [pytest.approx(59.91)] * 2
    assert found[0].ratio == pytest.approx(59.91 / 58.4)


def test_without_an_earlier_run_nothing_stands_beside() -> None:
    results = after("new-500-at-50")
    assert pairs(results["drills"], None) == []
    assert "<b>before</b>" not in page(results)
    assert "before and after" not in page(results)


def test_the_page_draws_both_runs_with_their_commits_and_on_the_same_seconds() -> None:
    text = page(after("new-500-at-50"), BEFORE)
    parsed(text)
    assert "before: commit 9bf28df; after: commit abc1234" in text
    assert "<b>before</b>, commit 9bf28df" in text
    assert "<b>after</b>, commit abc1234" in text
    drawn = {
        word: text.split(f'<title id="title-{word}-new-500-at-50">')[1].split("</svg>")[0]
        for word in ("before", "after")
    }
    ticks = {word: re.findall(r'x="([\d.]+)"[^>]*>(-?\d+ s)<', svg) for word, svg in drawn.items()}
    assert ticks["before"] == ticks["after"] != []


def test_the_tables_name_both_commits_and_the_ratio() -> None:
    text = markdown(after("new-500-at-50"), BEFORE)
    assert "at commit abc1234" in text
    assert "before, at commit 9bf28df, 28 November 2026, 3 at a time, and after, at abc1234" in text
    assert "| `new-500-at-50` | off the air | 60 | 58 | 1.0 | new-endpoint-ping |" in text
    assert "| **58 of 20, off the air** |" in text


def test_results_that_are_older_than_a_budget_get_it_with_its_complaint() -> None:
    old = after("new-500-at-50", "both-die")
    for drill in old["drills"]:
        del drill["budget"], drill["like"]
    del old["commit"]
    new = completed(old)
    assert new["commit"] == UNKNOWN_COMMIT
    assert completed(old, "abc1234")["commit"] == "abc1234"
    assert new["drills"][0]["budget"] == asdict(HARD)
    (said,) = new["drills"][0]["complaints"]
    assert said.startswith("after 58.4 s was the broken side off the air")
    assert completed(new) == new


def test_a_drill_that_the_catalogue_no_longer_has_is_still_shown() -> None:
    old = {**after("new-500-at-50")}
    gone = {**old["drills"][0], "name": "gone"}
    del gone["budget"], gone["like"]
    parsed(page(completed({**old, "drills": [gone]}), BEFORE))


def test_what_is_kept_of_a_run_is_drawn_as_the_run_itself() -> None:
    results = after("new-500-at-50", "no-traffic")
    small = trimmed(results)
    assert [drill["name"] for drill in small["drills"]] == ["new-500-at-50"]
    (whole,) = pairs(results["drills"], results)[:1]
    (trim,) = pairs(results["drills"], small)
    assert trim.took_before == pytest.approx(whole.took_before, abs=0.02)
    assert trim.before["fault_at"] % 60 == pytest.approx(whole.before["fault_at"] % 60, abs=0.01)


def test_the_kept_run_names_its_commit_and_no_path_of_a_machine() -> None:
    assert BEFORE["commit"] == "9bf28df"
    assert {drill["name"] for drill in BEFORE["drills"]} <= {drill.name for drill in CATALOGUE}
    text = KEPT.read_text(encoding="utf-8")
    assert not any(path in text for path in ("/tmp", "/work", "/home", "/root", "/usr"))


def test_tables_go_between_their_marks_and_leave_the_rest() -> None:
    page_before = f"# Drills\n{BEGIN}an old table\n{END}after\n"
    once = with_tables(page_before, "| a |")
    assert once == f"# Drills\n{BEGIN}\n| a |\n{END}after\n"
    assert with_tables(once, "| a |") == once


@pytest.mark.parametrize(
    ("holds", "said"),
    [(None, "cannot be read"), ("{", "cannot be read"), ("[]", 'it has no list "drills"')],
)
def test_a_file_that_holds_no_results_gets_a_sentence(
    holds: str | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "before.json"
    if holds is not None:
        file.write_text(holds, encoding="utf-8")
    with pytest.raises(SystemExit) as exit_:
        main(["--list", "--before", str(file)])
    assert exit_.value.code == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert str(file) in shown


def test_the_tables_of_the_document_say_of_each_drill_what_the_catalogue_says() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    table = text.split(BEGIN)[1].split(END)[0]
    ends = {drill.name: in_words(drill) for drill in CATALOGUE}
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| `")]
    # A row of all drills, not one of those beside an earlier run.
    rows = [row for row in rows if "switch" in row[1]]
    assert rows
    assert {row[0].strip("`") for row in rows} <= set(ends)
    assert [row for row in rows if row[1].split("; ")[0] != ends[row[0].strip("`")]] == []


def test_a_budget_that_only_slack_holds_is_bold_and_no_failure() -> None:
    late = replace(HARD, seconds=55)
    results = after("new-500-at-50")
    results["drills"][0]["budget"] = asdict(late)
    assert "| as expected | **58 of 55, off the air** |" in markdown(results, BEFORE)
