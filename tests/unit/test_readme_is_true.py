"""What the documents say of the code is what the code says."""

from __future__ import annotations

import re

from cutover.paths import ROOT
from tools.declaration_table import PAGE, with_table

README = ROOT / "README.md"


def test_the_table_of_the_declaration_is_the_declaration_s() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert with_table(text) == text, "run `make docs`"


def test_every_file_that_a_document_links_to_is_there() -> None:
    documents = [README, ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
        if not target.startswith("http") and not (document.parent / target).exists()
    ]
    assert broken == []


def test_constructs_and_lambda_hold_no_init_that_would_shadow_a_library() -> None:
    assert not (ROOT / "constructs" / "__init__.py").exists()
    assert not (ROOT / "lambda" / "__init__.py").exists()
