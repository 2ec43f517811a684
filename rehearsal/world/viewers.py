"""A steady stream of viewers: HTTP requests through the edge, and questions to the DNS server."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from dataclasses import dataclass
from typing import Final

import aiohttp

from rehearsal.world.dns_server import ask
from rehearsal.world.edge import ASKED_HEADER, VIEWER_IP_HEADER
from rehearsal.world.shares import Share

_REQUEST_SECONDS: Final = 90
_RETURNING: Final = 0.1
_MADE_UP_SECONDS: Final = 0.5
"""What was due longer ago is not sent any more: nobody would be helped by a flood."""


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
            await asyncio.wait(self._running, timeout=5)

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


class Viewers(Stream):
    """Sends requests through the edge.

    Most come from viewers never seen before, so that each is a draw of its own; one in ten comes
    back with the cookie that it got, from another address.

    Attributes
    ----------
    strayed : int
        How many came back from new to old.
    """

    def __init__(self, edge: tuple[str, int], paths: list[str], *, a_second: float) -> None:
        super().__init__(a_second)
        self._url = f"http://{edge[0]}:{edge[1]}"
        self._paths = [("GET", path) for path in paths]
        self._paths += [("POST", "/echo"), ("GET", "/static/app.js")]
        self._random = random.Random(0)
        self._cookies: list[tuple[str, str]] = []
        self._numbers = itertools.count()
        self.strayed = 0

    async def start(self) -> None:
        """Begin the stream."""
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=_REQUEST_SECONDS),
        )
        await super().start()

    async def stop(self) -> None:
        """End the stream and wait for what is under way."""
        await super().stop()
        await self._session.close()

    async def _one(self) -> None:
        number = next(self._numbers)
        method, path = self._random.choice(self._paths)
        headers = {
            VIEWER_IP_HEADER: f"198.{18 + number // 65536 % 2}.{number // 256 % 256}.{number % 256}",
            "user-agent": f"viewer-{number}",
        }
        before = ""
        if self._cookies and self._random.random() < _RETURNING:
            cookie, before = self._random.choice(self._cookies)
            headers["cookie"] = cookie
        began, asked = time.time(), ""
        try:
            async with self._session.request(method, self._url + path, headers=headers) as answer:
                side = answer.headers.get("x-served-by", "")
                asked = answer.headers.get(ASKED_HEADER, "")
                failure = "" if answer.status == 200 else f"{method} {path}: {answer.status}"
                cookie = answer.headers.get("set-cookie", "").split(";")[0]
                if cookie and not before:
                    self._cookies.append((cookie, side))
                    del self._cookies[:-200]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            side, failure = "", f"{method} {path}: {type(error).__name__}"
        # Only forward: who has been on new stays there while the weight grows.
        self.strayed += before == "new" and side == "old"
        sides = tuple(filter(None, asked.split(",")))
        returns = bool(before)
        self.seen.append(Seen(time.time(), side, failure, began, method, sides, returns))


class Resolvers(Stream):
    """Asks the DNS server for the weighted name, as resolvers without a cache."""

    def __init__(self, port: int, name: str, sides: dict[str, str], *, a_second: float) -> None:
        super().__init__(a_second)
        self._port = port
        self._name = name
        self._sides = sides
        self._kinds = itertools.cycle(("A", "AAAA"))

    async def _one(self) -> None:
        began, side, failure, kind = time.time(), "", "", next(self._kinds)
        try:
            (address,) = await ask(self._port, self._name, kind)
            side = self._sides[address]
        except (TimeoutError, OSError, ValueError, KeyError) as error:
            failure = f"{kind}: {error!r}"
        self.seen.append(Seen(time.time(), side, failure, began, kind))
