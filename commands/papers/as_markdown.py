"""A document as Markdown, as code hosts show it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from commands.papers.blocks import Block, Command, Heading, Listed, Paper, Table, Words
from commands.report.markdown import text

_BOX = "☐"
_TO_FILL_IN = "\\_\\_\\_\\_\\_\\_\\_\\_"


def as_markdown(paper: Paper) -> str:
    """Return it; the same paper gives the same text."""
    parts = [
        f"# {text(paper.title)}",
        f"**{text(paper.said)}**",
        *(part for block in paper.blocks for part in _shown(block)),
        f"*{text(paper.made)}*",
    ]
    return "\n\n".join(parts) + "\n"


def _shown(block: Block) -> Iterator[str]:
    match block:
        case Heading():
            yield f"## {text(block.text)}"
        case Words():
            yield text(block.text, 4000)
        case Listed():
            yield "\n".join(
                f"{f'{number}.' if block.numbered else '-'} {text(point, 1000)}"
                for number, point in enumerate(block.points, start=1)
            )
        case Command():
            yield "\n".join(f"    {line}" for line in block.lines.splitlines())
        case Table():
            if block.rows:
                yield _table(block)
            else:
                yield "none"


def _table(table: Table) -> str:
    head = [*([""] if table.boxes else []), *map(text, table.head)]
    lines = [_row(head), _row(["---"] * len(head))]
    for row in table.rows:
        cells = [text(cell, 600) if cell else _TO_FILL_IN for cell in row]
        lines.append(_row([*([_BOX] if table.boxes else []), *cells]))
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
