"""The time, and waiting for it; one place, so that a test need not wait."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def sleep(seconds: float) -> None:
    """Wait for `seconds` seconds."""
    time.sleep(seconds)
