"""The world around the embedded cloud, on a loop of its own, for tests that wait for a CLI."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cutover.declaration.reading.context import Cutover
from rehearsal.cloud.process import EmbeddedCloud
from rehearsal.world.world import World

QUICK = {"old": 8.0, "new": 8.0}
_SECONDS = 120
"""Far more than any of it takes, on any machine."""


class Surroundings:
    """A world that another thread plays."""

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self.world = world
        self._loop = loop

    def tell(self, order: Callable[[World], Any]) -> None:
        """Do `order` to the world, in its own thread, and wait until it is done."""

        async def carry_out() -> None:
            done = order(self.world)
            if asyncio.iscoroutine(done):
                await done

        asyncio.run_coroutine_threadsafe(carry_out(), self._loop).result(timeout=_SECONDS)


@contextmanager
def surroundings(cloud: EmbeddedCloud, cutover: Cutover) -> Iterator[Surroundings]:
    """Run both sides, their load balancers and the health checkers, without doors."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="world")
    thread.start()
    try:
        world = World(cloud, cutover, mean_latency_ms=QUICK)
        asyncio.run_coroutine_threadsafe(world.__aenter__(), loop).result(timeout=_SECONDS)
        try:
            yield Surroundings(world, loop)
        finally:
            asyncio.run_coroutine_threadsafe(world.__aexit__(), loop).result(timeout=_SECONDS)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
