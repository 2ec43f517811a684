"""A fault that grows: how much fails how long after it began."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from rehearsal.world.leak import Leak
from rehearsal.world.side import LocalSide
from tests.unit.support.virtual_time import run_with_sockets

LEAK = Leak(first=0.001, last=0.01, seconds=3600)


@pytest.mark.parametrize(
    ("after", "share"),
    [(-5, 0.001), (0, 0.001), (1800, 0.0055), (3600, 0.01), (7200, 0.01)],
)
def test_a_leak_grows_evenly_and_then_stays(after: float, share: float) -> None:
    assert LEAK.share(after) == pytest.approx(share)


def test_a_side_that_leaks_fails_more_as_time_passes_and_none_once_it_is_healed() -> None:
    async def scene() -> list[set[int]]:
        side = LocalSide("new", ["/ping"], mean_latency_ms=1)
        await side.start()
        host, port = side.address

        async def get() -> int:
            async with aiohttp.request("GET", f"http://{host}:{port}/ping") as answer:
                return answer.status

        statuses = []
        try:
            side.leak(Leak(first=0.0, last=1.0, seconds=10_000))
            statuses.append({await get() for _ in range(3)})
            await asyncio.sleep(10_000)
            statuses.append({await get() for _ in range(3)})
            await side.heal()
            statuses.append({await get() for _ in range(3)})
        finally:
            await side.stop()
        return statuses

    assert run_with_sockets(scene()) == [{200}, {500}, {200}]
