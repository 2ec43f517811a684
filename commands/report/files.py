"""A report's three files: report.json for machines, report.md for a pull request, report.html for people."""

from __future__ import annotations

import json
from pathlib import Path

from commands.report.html import html
from commands.report.markdown import markdown
from shared.readiness.finding import Report
from shared.shown import shown_json


def write(report: Report, folder: Path) -> list[Path]:
    """Write the three into `folder`, which is made where it is missing, and return their paths.

    Raises
    ------
    OSError
        When one cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plainly = json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    data = shown_json(plainly) + "\n"
    texts = {"report.html": html(report), "report.md": markdown(report), "report.json": data}
    for name, text in texts.items():
        # Half a character that a header held (U+DC80) becomes its escape, which JSON knows too.
        (folder / name).write_bytes(text.encode("utf-8", errors="backslashreplace"))
    return [folder / name for name in texts]
