"""What every part of the declaration has in common."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


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
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is not a day like 2026-11-30") from error
    return text


Day = Annotated[str, AfterValidator(_is_a_date)]
"""A day like 2026-11-30."""
