"""What every part of the declaration has in common."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, WithJsonSchema


class Model(BaseModel):
    """A part of the declaration: no unknown key, no silent conversion, no change afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _is_a_date(text: str) -> str:
    """Return `text`.

    Raises
    ------
    ValueError
        When it is not a day like 2026-11-30.
    """
    # Python reads 20261130 and 2026-W48-1 too, and another reader of the same day may not.
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is None:
        raise ValueError("is not a day like 2026-11-30")
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is not a day like 2026-11-30") from error
    return text


def _says_something(text: str) -> str:
    """Return `text` without the blanks around it.

    Raises
    ------
    ValueError
        When nothing is left, or it holds what no terminal and no mail should get.
    """
    said = text.strip()
    if not said:
        raise ValueError("is blank")
    if not said.isprintable():
        raise ValueError("holds a control character or a line break")
    return said


Day = Annotated[
    str,
    AfterValidator(_is_a_date),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]
"""A day like 2026-11-30."""

Said = Annotated[
    str, AfterValidator(_says_something), WithJsonSchema({"type": "string", "pattern": r"\S"})
]
"""What a person says in one line, like a name or a reason."""
