"""A steady stream of people who ask for something, and what each of them got."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import aiohttp

from rehearsal.world.shares import Share

_MADE_UP_SECONDS: Final = 0.5
"""What was due longer ago is not sent any more: nobody would be helped by a flood."""
_STOPS_SECONDS: Final = 5


@dataclass(frozen=True)
class Seen:
    """What one viewer got.

    `at` is when the answer came and `began` when it was asked for (Unix seconds), `side` who served it,
    `failure` why it did not do, `asked` the sides that the edge turned to, in this order, `returns` whether
    it had been there before.
    """

    at: float
    side: str
    failure: str = ""
    began: float = 0.0
    method: str = "GET"
    asked: tuple[str, ...] = ()
    returns: bool = False


class Stream:
    """Does one thing after the other at a steady rate, each when it is due whatever became of the last.

    A machine that cannot do as many does fewer.

    Attributes
    ----------
    a_second : float
        How many; it may be changed at any time.
    paused : bool
        Whether nothing is done meanwhile.
    seen : list of Seen
        What came of each.
    """

    def __init__(self, a_second: float) -> None:
        self.a_second = a_second
        self.paused = False
        self.seen: list[Seen] = []
        self._running: set[asyncio.Task[None]] = set()
        self._stream: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin the stream."""
        self._stream = asyncio.create_task(self._go_on())

    async def stop(self) -> None:
        """End the stream and wait for what is under way."""
        if self._stream is not None:
            self._stream.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=_STOPS_SECONDS)

    def share(self, declared: int, since: float) -> Share:
        """Return the share that new served of what was asked for since then (Unix seconds).

        Of 0 and 100 percent everybody is a part; else only who comes for the first time, because who returns
        is no draw of its own.
        """
        everybody = declared in {0, 100}
        sides = [
            seen.side
            for seen in self.seen
            if seen.began >= since and not seen.failure and (everybody or not seen.returns)
        ]
        return Share(declared, sides.count("new"), len(sides))

    def failures(self, since: float) -> list[Seen]:
        """Return what failed since then."""
        return [seen for seen in self.seen if seen.at >= since and seen.failure]

    async def _one(self) -> None:
        """Do it once, and add what was seen."""
        raise NotImplementedError

    async def _go_on(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if not self.paused:
                task = asyncio.create_task(self._one())
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            due = max(due + 1 / self.a_second, loop.time() - _MADE_UP_SECONDS)
            await asyncio.sleep(max(0.0, due - loop.time()))


class RequestStream(Stream):
    """A stream of HTTP requests, each of which may take `seconds`; it keeps no cookies by itself.

    With `anew` each request has a connection of its own, as people have who come from everywhere.
    """

    def __init__(self, a_second: float, *, seconds: float, anew: bool) -> None:
        super().__init__(a_second)
        self._seconds = seconds
        self._anew = anew

    async def start(self) -> None:
        """Begin the stream."""
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(force_close=self._anew, limit=0),
            timeout=aiohttp.ClientTimeout(total=self._seconds),
        )
        await super().start()

    async def stop(self) -> None:
        """End the stream and wait for what is under way."""
        await super().stop()
        await self._session.close()
