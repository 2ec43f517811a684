"""When a minute of the clock ends: metrics go out then, as AWS's do."""

from __future__ import annotations

import asyncio
import time

MINUTE = 60


async def minute_ended() -> float:
    """Wait for the end of the minute that runs, and return when it began (Unix seconds).

    The event loop has a clock of its own, which may wake it a moment early: then the minute still runs.
    """
    began = time.time() // MINUTE * MINUTE
    while (left := began + MINUTE - time.time()) > 0:  # noqa: ASYNC110 - no event comes with the minute
        await asyncio.sleep(left)
    return began
