"""Times for people at 3 a.m.: in UTC, to the second."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str) -> datetime | None:
    """Return the time that an ISO 8601 text with a time zone says, else None."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if at.tzinfo is None else at.astimezone(UTC)


def shown(text: str) -> str:
    """Return `text`, an ISO 8601 time, like 2026-11-24 03:10:41 UTC; anything else unchanged."""
    at = moment(text)
    return text if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"
