"""What the documents say of the code is what the code says."""

from __future__ import annotations

import argparse
import importlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from commands.__main__ import COMMANDS, module_of
from cutover.paths import ROOT
from rehearsal.drill.__main__ import picked
from rehearsal.drill.catalogue import CATALOGUE
from tools.declaration_table import PAGE, with_table

README: Final = ROOT / "README.md"
CONTRIBUTING: Final = ROOT / "CONTRIBUTING.md"
DOCS: Final = ROOT / "docs"
DECISIONS: Final = DOCS / "decisions"
DOCUMENTS: Final = sorted(
    [*ROOT.glob("*.md"), *DOCS.rglob("*.md"), ROOT / "constructs" / "README.md"]
)
ROOMS: Final = "benchmarks|commands|constructs|docs|examples|lambda|rehearsal|stacks|tests|tools"
PATH: Final = re.compile(rf"(?<![\w./-])(?:{ROOMS})/[\w./*-]*[\w/*]")
"""A path of this project, in prose or in a command; one of another project has its name in front."""
LONGEST_LINE: Final = 120


@pytest.fixture(params=DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def document(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def links(document: Path) -> Iterator[tuple[str, str]]:
    """Yield file and anchor of each link inside the project; either may be empty."""
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            file, _, anchor = target.partition("#")
            yield file, anchor


def anchors(document: Path) -> set[str]:
    """Return the anchors of the headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def paths(document: Path) -> list[str]:
    """Return the paths that the text names; links have a test of their own."""
    text = document.read_text(encoding="utf-8")
    return PATH.findall(re.sub(r"\[[^\]]*\]\([^)]*\)", "", text))


def rows(document: Path) -> dict[str, list[str]]:
    """Return the paths in each lettered row of the table "to change … open …"."""
    text = document.read_text(encoding="utf-8")
    return {
        letter: PATH.findall(row) for letter, row in re.findall(r"^\| ([a-z]) \|(.+)$", text, re.M)
    }


def test_the_table_of_the_declaration_is_the_declaration_s() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_table(text) == text, "run `make docs`"


def test_every_file_that_a_document_links_to_is_there(document: Path) -> None:
    broken = [file for file, _ in links(document) if not (document.parent / file).exists()]
    assert broken == []


def test_every_heading_that_a_document_links_to_is_there(document: Path) -> None:
    broken = [
        f"{file}#{anchor}"
        for file, anchor in links(document)
        if anchor and anchor not in anchors(document.parent / file if file else document)
    ]
    assert broken == []


def test_every_path_that_a_document_names_is_there(document: Path) -> None:
    assert [path for path in paths(document) if not any(ROOT.glob(path.rstrip("/")))] == []


def test_paths_are_found_in_the_documents_at_all() -> None:
    named = {path for each in DOCUMENTS for path in paths(each)}
    assert {
        "lambda/edge/router.js",
        "tests/unit/support/",
        "benchmarks/readiness_power.py",
    } <= named
    assert PATH.findall("`flagger/docs/gitbook/usage/metrics.md`, build/docs/x.md") == []


@pytest.mark.parametrize("table", [README, CONTRIBUTING], ids=lambda path: path.name)
def test_each_of_the_twelve_changes_names_its_file(table: Path) -> None:
    assert "".join(rows(table)) == "abcdefghijkl"
    first = {letter: named[0] for letter, named in rows(table).items()}
    assert [path for path in first.values() if not (ROOT / path).is_file()] == []


def test_both_tables_give_the_same_answer() -> None:
    readme, contributing = rows(README), rows(CONTRIBUTING)
    assert {letter: named[0] for letter, named in readme.items()} == {
        letter: named[0] for letter, named in contributing.items()
    }


def test_every_document_is_in_the_index() -> None:
    indexed = {(DOCS / file).resolve() for file, _ in links(DOCS / "README.md")}
    decisions = set(DECISIONS.glob("[0-9]*.md"))
    assert set(DOCS.rglob("*.md")) - decisions - {DOCS / "README.md"} <= indexed


def test_every_decision_is_in_its_index_once_and_in_order() -> None:
    listed = [file for file, _ in links(DECISIONS / "README.md")]
    assert listed == sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))


def test_readme_says_how_many_drills_there_are() -> None:
    said = re.findall(r"`make drill` plays (\d+) faults", README.read_text(encoding="utf-8"))
    assert said == [str(len(picked("")))]


def test_wherever_a_document_counts_the_drills_it_counts_right(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    right = {str(len(CATALOGUE)), str(len(picked("")))}
    assert set(re.findall(r"\b(\d+)\s+(?:drills|faults)\b", text)) <= right


def test_commands_are_called_by_the_console_script_only(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    if document.name != "CHANGELOG.md":  # it says what went
        assert "PYTHONPATH=lambda" not in text
        assert "python -m commands" not in text
    assert set(re.findall(r"`cutover ([a-z-]+)", text)) <= set(COMMANDS)


def test_a_command_in_a_box_works_as_it_is_printed(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    if document.name == "CHANGELOG.md":
        return
    for line in re.findall(r"^ {4,}(?:\$ )?cutover ([a-z-]+ ?[^|\n]*)$", text, re.MULTILINE):
        name, *words = shlex.split(line, comments=True)
        if name in COMMANDS:
            parser_of(name).parse_args(words)


def test_an_option_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    if document.name == "CHANGELOG.md":
        return
    for name, rest in re.findall(r"`cutover\s+([a-z-]+)\s([^`]*)`", text):
        named = set(re.findall(r"(?<!\S)--[a-z-]+", rest))
        assert named <= set(parser_of(name)._option_string_actions), (name, rest)


def parser_of(command: str) -> argparse.ArgumentParser:
    found: argparse.ArgumentParser = importlib.import_module(module_of(command))._parser()
    return found


def test_no_line_of_prose_is_too_long(document: Path) -> None:
    lines = document.read_text(encoding="utf-8").splitlines()
    assert [
        line for line in lines if len(line) > LONGEST_LINE and not line.startswith(("|", "    "))
    ] == []


def test_constructs_and_lambda_hold_no_init_that_would_shadow_a_library() -> None:
    assert not (ROOT / "constructs" / "__init__.py").exists()
    assert not (ROOT / "lambda" / "__init__.py").exists()
