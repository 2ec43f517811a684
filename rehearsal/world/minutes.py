"""When a minute of the clock ends: metrics go out then, as AWS's do."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

MINUTE = 60


async def minute_ended() -> float:
    """Wait for the end of the minute that runs, and return when it began (Unix seconds).

    The event loop has a clock of its own, which may wake it a moment early: then the minute still runs.
    """
    began = time.time() // MINUTE * MINUTE
    while (left := began + MINUTE - time.time()) > 0:  # noqa: ASYNC110 - no event comes with the minute
        await asyncio.sleep(left)
    return began


async def each_minute(publish: Callable[[float], Awaitable[None]], log: logging.Logger) -> None:
    """Publish each minute once it is over, until cancelled; `publish` is told when it began (Unix seconds).
    One that fails is logged, and the next one is published all the same."""
    while True:
        at = await minute_ended()
        try:
            await publish(at)
        except Exception as error:  # a minute without metrics must not end it
            log.warning("cannot publish: %s", error)
