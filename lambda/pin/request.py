"""What the pin function may be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from shared.shown import NAME, shown, shown_value

MAX_HOURS: Final = 72


class RequestError(ValueError):
    """The request makes no sense; the message says what it must be."""


@dataclass(frozen=True)
class Request:
    """Who wants to be sent where, and for how many hours (1 to 72)."""

    side: str
    hours: int
    by: str


def parse(event: object) -> Request:
    """Return what `event` asks for: {"side": "new", "hours": 8, "by": "ada"}.

    Raises
    ------
    RequestError
        When it lacks something or is out of bounds.
    """
    if not isinstance(event, Mapping):
        raise RequestError(
            'the payload must be a JSON object like {"side":"new","hours":8,"by":"ada"}'
        )
    side, hours, by = event.get("side"), event.get("hours"), event.get("by")
    if side not in ("old", "new"):
        raise RequestError(f"side is {shown_value(side)}: it must be old or new")
    if not isinstance(hours, int) or isinstance(hours, bool) or not 1 <= hours <= MAX_HOURS:
        raise RequestError(
            f"hours is {shown_value(hours)}: it must be a whole number from 1 to {MAX_HOURS}"
        )
    if not isinstance(by, str) or not by.strip():
        raise RequestError("by is missing: say who asks")
    return Request(side, hours, shown(by.strip(), NAME))
