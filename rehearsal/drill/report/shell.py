"""What the pages of drills and story have in common: one page, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Final

import commands.report
from commands.report.wording import plain

_STYLES: Final = (
    Path(commands.report.__file__).with_name("report.css"),
    Path(__file__).with_name("drill.css"),
)
KEYS: Final = "".join(
    f'<span class="key"><span class="swatch {kind}"></span>{words}</span>'
    for kind, words in (
        ("old", "answered by old"),
        ("new", "answered by new"),
        ("failed", "failed"),
    )
)
"""What the colours of a timeline say."""


def shell(title: str, parts: Iterable[str]) -> str:
    """Return the page that holds `parts`."""
    styles = "".join(style.read_text(encoding="utf-8") for style in _STYLES)
    return "".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{shown(title)}</title><style>{styles}</style></head><body><main>",
            *parts,
            "</main></body></html>\n",
        ]
    )


def shown(text: str) -> str:
    """Return text that a page may hold, whoever wrote it."""
    return escape(plain(text))
