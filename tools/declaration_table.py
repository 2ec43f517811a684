"""Print the table of the declaration from the declaration itself: `make docs`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from cutover.declaration.service import Service
from cutover.paths import ROOT

PAGE = ROOT / "docs" / "declaration.md"
BEGIN, END = "<!-- declaration table: begin -->\n", "<!-- declaration table: end -->\n"


def table() -> str:
    """Return the table as Markdown, one row a key, in the order of the declaration."""
    rows = [
        f"| `{key}` | {field.description} | {_default(field)} |"
        for key, field in _keys(Service, "")
    ]
    return "\n".join(["| key | what it says | default |", "| --- | --- | --- |", *rows, ""])


def _keys(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        yield prefix + name, field
        inner = _model_in(field.annotation)
        if inner is not None and name != "new":
            many = "[]" if "tuple" in str(field.annotation) else ""
            shown = "old" if name == "old" else name
            yield from _keys(inner, f"{prefix}{shown}{many}.")


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    if field.default is None:
        return "none"
    if isinstance(field.default, BaseModel):
        return "as below"
    return f"`{json.dumps(field.default, default=_as_written)}`"


def _as_written(part: Any) -> Any:
    """Return a part of the declaration as a person would write it."""
    return part.model_dump(mode="json", exclude_defaults=True)


def with_table(text: str) -> str:
    """Return `text` with the table between its two marks renewed."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write(table())
