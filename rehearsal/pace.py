"""How fast this machine is, measured before anything is declared, and at what pace it is played on.

A rehearsal plays known sides. What it declares and plays must leave so much room that a slow machine is
slower and never red.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import aiohttp
from aiohttp import web

from rehearsal.world.listener import Listener
from shared.inference.quantiles import quantile

WANTED_A_SECOND: Final = 600.0
"""Requests a second, eight at a time, that a machine answers on which the full pace is no effort: twice what
all viewers, health checkers and the gate send at most, edge and side counted."""
LATE_MS: Final = 25.0
"""So late may 19 of 20 answers be at the full pace."""
ROOM_MS: Final = 100.0
"""So late they may be before limits are moved: a quarter of the room between what a side takes on average and
what it may take."""
SLOWEST: Final = 10.0
_SECONDS: Final = 0.6
_AT_ONCE: Final = 8
_KNOWN_MS: Final = 20.0
_PAUSE: Final = 1 / 60


@dataclass(frozen=True)
class Pace:
    """At what pace it is played.

    Attributes
    ----------
    slowness : float
        1 on a machine that is fast enough, 3 on one that is three times too slow, at most `SLOWEST`.
    lateness : float
        1 on a machine that adds so little to an answer that the usual limits leave room, 3 on one that adds
        three times as much, at most `SLOWEST`.
    said : str
        What was measured and what follows, as a sentence; empty at the full pace.
    """

    slowness: float = 1.0
    lateness: float = 1.0
    said: str = ""

    def longer(self, usual: float) -> float:
        """Return how long to wait for what is waited for `usual` seconds at the full pace."""
        return usual * self.slowness

    def roomier(self, usual: float) -> float:
        """Return the limit, or the fault that must exceed it, that is `usual` at the full pace."""
        return usual * self.lateness

    def fewer(self, usual: float) -> float:
        """Return how many a second of what are `usual` at the full pace: for viewers and loads."""
        return usual / self.slowness


FULL: Final = Pace()


def pace_for(answered_a_second: float, late_ms: float) -> Pace:
    """Return the pace for a machine that answers so many requests a second, and is so late with 19 of 20 of
    those whose time is known."""
    slowness = max(1.0, WANTED_A_SECOND / max(answered_a_second, 1.0), late_ms / LATE_MS)
    slowness = min(slowness, SLOWEST)
    lateness = min(max(1.0, late_ms / ROOM_MS), SLOWEST)
    if slowness == 1:
        return FULL
    said = (
        f"this machine is slow or busy: it answers {answered_a_second:.0f} requests a second "
        f"({WANTED_A_SECOND:.0f} would do), up to {late_ms:.0f} ms late ({LATE_MS:.0f} would do). So "
        f"{100 / slowness:.0f} % of the viewers come, waits may be {slowness:.1f} times as long, and limits "
        f"on latency are {lateness:.1f} times as far away"
    )
    return Pace(slowness, lateness, said)


async def measure() -> Pace:
    """Measure this machine as it is now, for a good second, and return the pace that it can hold."""

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/known":
            await asyncio.sleep(_KNOWN_MS / 1000)
        return web.Response(text="ok\n")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    listener = Listener(app)
    await listener.open()
    host, port = listener.address
    try:
        async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
            return pace_for(await _answered_a_second(session), await _late_ms(session))
    finally:
        await listener.end()


async def _get(session: aiohttp.ClientSession, path: str) -> float:
    """Return the seconds that a request took."""
    began = time.perf_counter()
    async with session.get(path) as answer:
        await answer.read()
    return time.perf_counter() - began


async def _answered_a_second(session: aiohttp.ClientSession) -> float:
    began, answered = time.perf_counter(), 0

    async def worker() -> None:
        nonlocal answered
        while time.perf_counter() - began < _SECONDS:
            await _get(session, "/")
            answered += 1

    await asyncio.gather(*(worker() for _ in range(_AT_ONCE)))
    return answered / (time.perf_counter() - began)


async def _late_ms(session: aiohttp.ClientSession) -> float:
    tasks = []
    began = time.perf_counter()
    while time.perf_counter() - began < _SECONDS:
        tasks.append(asyncio.create_task(_get(session, "/known")))
        await asyncio.sleep(_PAUSE)
    taken = await asyncio.gather(*tasks)
    return 1000 * quantile(sorted(taken), 0.95) - _KNOWN_MS
