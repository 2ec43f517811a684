"""report.json keeps to its schema, and all three files can be written whatever a server sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands.report.files import write
from cutover.paths import ROOT
from shared.inference.verdict import Verdict
from shared.readiness.finding import SCHEMA, Check, Finding, Report
from tests.unit.support import report_samples
from tests.unit.support.json_schema import faults

DOCS = ROOT / "docs"
SAMPLES = [
    report_samples.ready,
    report_samples.not_ready,
    report_samples.could_not_tell,
    report_samples.hostile,
]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = (DOCS / "readiness-report.schema.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_report_is_as_its_schema_says(
    sample: Callable[[], Report], schema: dict[str, Any], tmp_path: Path
) -> None:
    write(sample(), tmp_path)
    held = json.loads((tmp_path / "report.json").read_bytes())
    assert list(faults(held, schema, schema)) == []


@pytest.mark.parametrize(
    ("where", "wrong"),
    [
        (("verdict",), "READY"),
        (("schema",), "cutover-readiness/2"),
        (("checks", 2, "figures", "sides", "old", "mean"), [123.0, 120.0]),
        (("checks", 2, "figures", "endpoints", 0, "path"), None),
        (("checks", 3, "figures", "sides", "new", "open", "points", 0, "p50_ms"), "fast"),
        (("checks", 0, "findings", 0, "id"), ""),
    ],
)
def test_a_report_that_is_not_as_its_schema_says_is_seen(
    where: tuple[Any, ...], wrong: Any, schema: dict[str, Any]
) -> None:
    held = report_samples.ready().to_dict()
    place: Any = held
    for step in where[:-1]:
        place = place[step]
    place[where[-1]] = wrong
    assert list(faults(held, schema, schema))


def test_the_schema_and_its_document_name_the_version_that_the_code_writes(
    schema: dict[str, Any],
) -> None:
    assert schema["properties"]["schema"]["const"] == SCHEMA
    assert SCHEMA in (DOCS / "readiness-report.md").read_text(encoding="utf-8")


def test_half_a_character_in_a_header_spoils_no_file(tmp_path: Path) -> None:
    files = write(report_samples.hostile(), tmp_path)
    assert [file.name for file in files] == ["report.html", "report.md", "report.json"]
    texts = [file.read_text(encoding="utf-8") for file in files]
    assert all("\\udc80" in text for text in texts)
    assert json.loads(texts[2])["checks"][2]["skipped"] == report_samples.HOSTILE


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = (
        [file.read_bytes() for file in write(report_samples.not_ready(), tmp_path / name)]
        for name in ("one", "other")
    )
    assert one == other


def test_a_run_that_measured_nothing_still_has_its_reports(tmp_path: Path) -> None:
    checks = (Check("performance"), Check("load"), Check("parity", skipped="no time was left"))
    empty = Report("shop", "http://a", "http://b", "2026-11-24T02:10:07Z", 0.1, checks)
    html = write(empty, tmp_path)[0].read_text(encoding="utf-8")
    assert "Nothing was checked." in html
    assert "<figure>" not in html


def test_no_file_holds_what_cannot_be_seen(tmp_path: Path) -> None:
    hidden = "\x1b[31m\x9b2J\u202e\u200b\x00\ud800"
    finding = Finding(f"parity:/{hidden}", Verdict.FAIL, hidden, hidden, hidden, waived=hidden)
    checks = (Check("parity", (finding,), {"endpoints": [f"/{hidden}"]}, skipped=""),)
    report = Report("shop", f"http://{hidden}", f"http://{hidden}", "2026-11-24", 1.0, checks)
    for file in write(report, tmp_path):
        text = file.read_text(encoding="utf-8")
        assert text.replace("\n", "").isprintable(), file.name
    assert json.loads((tmp_path / "report.json").read_text())["old"] == f"http://{hidden}"
