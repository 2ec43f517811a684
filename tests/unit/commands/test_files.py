"""Files that a person names, or that another run left: read to their end, or refused in a sentence."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from commands import __main__ as cutover
from commands.declared import declaration_file
from commands.documents import PAPERS
from commands.files import LARGEST_BYTES, json_in, named
from commands.papers.as_html import as_html
from commands.papers.facts import Facts
from commands.pipeline.assembly import stacks_of
from commands.pipeline.errors import CouldNotTellError
from commands.readiness_report import read_report
from cutover.declaration.reading.context import cdk_json_context, read_context
from tests.unit.support.places import places, with_at

REPORT: dict[str, Any] = {
    "service": "chatmrpt",
    "started": "2026-11-24T03:00:00+00:00",
    "verdict": "FAIL",
    "said": "new is slow",
    "checks": [
        {
            "name": "performance",
            "verdict": "FAIL",
            "skipped": "",
            "findings": [{"id": "a", "verdict": "FAIL", "said": "slow"}],
            "figures": {"sides": {"old": {"mean": [1.0, 0.5, None]}, "new": {"mean": None}}},
        }
    ],
}
WRONG: list[Any] = [None, True, 5, 1e300, "x", "half \ud800", [], [5], {}, {"x": 1}]


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_no_name_is_not_this_folder(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="the name of a file or folder"):
        named(text)


@pytest.mark.parametrize(
    "given",
    [
        *(("documents", "--output="), ("readiness", "--output="), ("plan", "--output=")),
        *(("apply", ""), ("adopt", "--folder="), ("comment", "--app="), ("declare", "--output=")),
    ],
)
def test_each_command_refuses_it(
    given: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--old=a", "--new=b") if given[0] == "declare" else ()
    with pytest.raises(SystemExit) as ended:
        cutover.main([*given, *more])
    assert ended.value.code == 2
    assert "nothing is given. It must be" in capsys.readouterr().err


def test_an_empty_option_is_no_other_way_to_say_cdk_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUTOVER_DECLARATION", "")
    assert declaration_file(None) is None
    assert declaration_file("") == ""
    monkeypatch.setenv("CUTOVER_DECLARATION", "a.json")
    assert [declaration_file(None), declaration_file("b.json")] == ["a.json", "b.json"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" * 100_000, "it is nested too deeply"),
        (b"[" * 102 + b"]" * 102, "it is nested too deeply"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, "it is nested too deeply"),
        (b"\xff", "invalid start byte"),
        (b" " * (LARGEST_BYTES + 1), "it is larger than 20,000,000 bytes"),
        (b"{", "Expecting property name"),
    ],
)
def test_what_is_no_json_says_why(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=said):
        json_in(file)


def test_what_a_template_has_is_not_too_deep(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"[" * 100 + b"]" * 100)
    assert json_in(file)


def test_a_device_that_never_ends_is_not_read() -> None:
    with pytest.raises(ValueError, match="it is not a file"):
        json_in(Path("/dev/zero"))


def test_stacks_that_need_each_other_in_a_circle_are_no_assembly(tmp_path: Path) -> None:
    one = {"type": "aws:cloudformation:stack", "dependencies": ["b"]}
    both = {"artifacts": {"a": one, "b": {**one, "dependencies": ["a"]}}}
    (tmp_path / "manifest.json").write_text(json.dumps(both), encoding="utf-8")
    with pytest.raises(CouldNotTellError, match="an assembly that cannot be read"):
        stacks_of(tmp_path)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    def write(report: dict[str, Any]) -> Path:
        file = tmp_path / "report.json"
        file.write_text(json.dumps(report), encoding="utf-8")
        return file

    return write


def test_the_report_of_this_test_is_one(written: Callable[[dict[str, Any]], Path]) -> None:
    assert read_report(written(REPORT), "chatmrpt").report == REPORT


@pytest.mark.parametrize("place", list(places(REPORT))[1:], ids=str)
def test_from_a_damaged_report_documents_are_made_or_it_is_none(
    place: tuple[Any, ...], written: Callable[[dict[str, Any]], Path]
) -> None:
    (declared,) = read_context(cdk_json_context())
    for wrong in WRONG:
        report = with_at(REPORT, place, wrong)
        read = read_report(written(report), "chatmrpt")
        assert (read.report is None) is bool(read.why)
        facts = Facts(declared, datetime(2026, 11, 24, 4, tzinfo=UTC), read.report, read.why)
        if read.report is not None:
            for make in PAPERS:
                as_html(make(facts))
