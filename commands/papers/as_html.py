"""A document as one page without a script or anything from elsewhere, for the screen and for A4."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

from commands.papers.blocks import Block, Command, Heading, Known, Listed, Paper, Table, Words
from commands.report.wording import plain

_STYLES: Final = (
    Path(__file__).parents[1] / "report" / "report.css",
    Path(__file__).with_name("papers.css"),
)
_CHIP: Final = {
    Known.DECLARED: "none",
    Known.MEASURED: "pass",
    Known.ATTESTED: "unsure",
    Known.OPEN: "fail",
    Known.NOBODY: "fail",
}


def as_html(paper: Paper) -> str:
    """Return the page; the same paper gives the same bytes."""
    style = "\n".join(file.read_text(encoding="utf-8") for file in _STYLES)
    return "".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            # Nothing that somebody typed can run or call out, even if it got past the escaping.
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_e(paper.title)}</title><style>{style}</style></head><body><main class=paper>",
            f'<header><h1>{_e(paper.title)}</h1><p class="said">{_e(paper.said)}</p></header>',
            *_chapters(paper),
            f"<footer>{_e(paper.made)}</footer></main></body></html>\n",
        ]
    )


def _chapters(paper: Paper) -> list[str]:
    parts: list[str] = []
    for block in paper.blocks:
        if isinstance(block, Heading):
            parts.append(f"{'</section>' if parts else ''}<section><h2>{_e(block.text)}</h2>")
        else:
            parts.append(_shown(block))
    return [*parts, "</section>"] if parts else []


def _shown(block: Block) -> str:
    match block:
        case Words():
            return f"<p>{_e(block.text)}</p>"
        case Listed():
            kind = "ol" if block.numbered else "ul"
            return f"<{kind}>{''.join(f'<li>{_e(point)}</li>' for point in block.points)}</{kind}>"
        case Command():
            lines = "\n".join(_e(line) for line in block.lines.splitlines())
            return f"<pre>{lines}</pre>"
        case Table():
            return _table(block) if block.rows else "<p>none</p>"
        case Heading():
            raise AssertionError("a heading begins a chapter")


def _table(table: Table) -> str:
    box = '<th scope="col"><span class="unseen">done</span></th>' if table.boxes else ""
    head = "".join(f'<th scope="col">{_e(cell)}</th>' for cell in table.head)
    rows = "".join(
        f"<tr>{'<td><span class=box></span></td>' if table.boxes else ''}"
        f"{''.join(_cell(cell, first=number == 0) for number, cell in enumerate(row))}</tr>"
        for row in table.rows
    )
    return (
        f'<div class="table"><table class="columns{len(table.head)}"><thead><tr>{box}{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _cell(cell: str, *, first: bool) -> str:
    if isinstance(cell, Known):
        return f'<td><span class="chip {_CHIP[cell]}">{cell.value}</span></td>'
    if not cell:
        return '<td class="blank"><span class="unseen">to be filled in</span></td>'
    return f'<th scope="row">{_e(cell)}</th>' if first else f"<td>{_e(cell)}</td>"


def _e(text: str) -> str:
    return escape(plain(text, 4000))
