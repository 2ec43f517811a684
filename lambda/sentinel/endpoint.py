"""What is asked, and what is the right answer: the rule that calls the function says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class EventError(ValueError):
    """The event names no endpoints; the message says what it must hold."""


@dataclass(frozen=True)
class Endpoint:
    """One declared endpoint.

    Attributes
    ----------
    path : str
        Path and query.
    status : int
        The status that it must answer with.
    contains : str
        What must stand in the first part of the body; empty: any body is right.
    """

    path: str
    status: int
    contains: str = ""

    def is_right(self, status: int, body: bytes) -> bool:
        """Return whether a side that answers so answers as declared."""
        return status == self.status and self.contains.encode() in body


def endpoints_in(event: object) -> list[Endpoint]:
    """Return what the event {"endpoints": [{"path": …, "status": …, "contains": …}, …]} names.

    Raises
    ------
    EventError
        When it names none.
    """
    told = event.get("endpoints") if isinstance(event, Mapping) else None
    try:
        found = [
            Endpoint(_path(one["path"]), int(one["status"]), _text(one.get("contains", "")))
            for one in told or ()
        ]
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError) as error:
        raise EventError(f"an endpoint needs a path and a status: {error!r}") from error
    if not found:
        raise EventError(
            'the event must name endpoints, like {"endpoints": [{"path": "/ping", "status": 200}]}: '
            "deploy the Environment stack"
        )
    return found


def _path(told: object) -> str:
    path = str(told)
    if not path.startswith("/") or not path.isascii() or not path.isprintable() or " " in path:
        raise ValueError(f"{path[:80]!r} is no path")
    return path


def _text(told: object) -> str:
    # Half a character is in no body, and cannot be looked for.
    return str(told).encode().decode()
