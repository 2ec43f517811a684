"""Sets the functions' clock ahead, as far as a drill says: a host's clock may be wrong."""

from __future__ import annotations

import datetime as datetime_module
import os
import time
from datetime import datetime, timedelta, tzinfo
from typing import Final, Self

VARIABLE: Final = "REHEARSAL_CLOCK_AHEAD_SECONDS"


def teach() -> None:
    """Let this process see another time if it is a function's; nothing where none is named."""
    ahead = float(os.environ.get(VARIABLE) or 0)
    # The cloud's own process inherits the variable, and its clock is right.
    if not ahead or "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return
    true_time, shift = time.time, timedelta(seconds=ahead)

    class Ahead(datetime):
        """Like any other, but for what it takes as now."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + shift

        @classmethod
        def utcnow(cls) -> Self:
            return super().now(datetime_module.UTC).replace(tzinfo=None) + shift

    time.time = lambda: true_time() + ahead
    datetime_module.datetime = Ahead  # type: ignore[misc]
