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


@dataclass(frozen=True)
class Seen:
    """What one viewer got.

    `at` is when the answer came and `began` when it was asked for (Unix seconds), `side` who served it,
    `failure` why it did not do, `asked` the sides that the edge turned to, in this order.
    """

    at: float
    side: str
    failure: str = ""
    began: float = 0.0
    method: str = "GET"
    asked: tuple[str, ...] = ()


class Viewers:
    """Sends requests at a steady rate, each due when it is due whatever became of the last.

    Most come from viewers never seen before, so that each is a draw of its own; one in ten comes
    back with the cookie that it got, from another address.
    """

    def __init__(self, edge: tuple[str, int], paths: list[str], *, a_second: float = 70) -> None:
        self._url = f"http://{edge[0]}:{edge[1]}"
        self._paths = [("GET", path) for path in paths]
        self._paths += [("POST", "/echo"), ("GET", "/static/app.js")]
        self._pause = 1 / a_second
        self._random = random.Random(0)
        self._cookies: list[tuple[str, str]] = []
        self._running: set[asyncio.Task[None]] = set()
        self._stream: asyncio.Task[None] | None = None
        self._numbers = itertools.count()
        self.seen: list[Seen] = []
        self.strayed = 0
        self.paused = False

    async def start(self) -> None:
        """Begin the stream."""
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=_REQUEST_SECONDS),
        )
        self._stream = asyncio.create_task(self._send())

    async def stop(self) -> None:
        """End the stream and wait for what is under way."""
        if self._stream is not None:
            self._stream.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=5)
        await self._session.close()

    def share(self, declared: int, since: float) -> Share:
        """Return the share that was served by new since then (Unix seconds)."""
        sides = [seen.side for seen in self.seen if seen.at >= since and not seen.failure]
        return Share(declared, sides.count("new"), len(sides))

    def failures(self, since: float) -> list[Seen]:
        """Return what failed since then."""
        return [seen for seen in self.seen if seen.at >= since and seen.failure]

    async def _send(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            if not self.paused:
                task = asyncio.create_task(self._one())
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            due += self._pause
            await asyncio.sleep(max(0.0, due - loop.time()))

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
        self.seen.append(Seen(time.time(), side, failure, began, method, sides))


class Resolvers:
    """Asks the DNS server for the weighted name at a steady rate, as resolvers without a cache."""

    def __init__(
        self, port: int, name: str, sides: dict[str, str], *, a_second: float = 60
    ) -> None:
        self._port = port
        self._name = name
        self._sides = sides
        self._pause = 1 / a_second
        self._stream: asyncio.Task[None] | None = None
        self.seen: list[Seen] = []

    async def start(self) -> None:
        """Begin to ask."""
        self._stream = asyncio.create_task(self._ask())

    async def stop(self) -> None:
        """Ask no more."""
        if self._stream is not None:
            self._stream.cancel()

    def share(self, declared: int, since: float) -> Share:
        """Return the share of answers that named new since then (Unix seconds)."""
        sides = [seen.side for seen in self.seen if seen.at >= since and not seen.failure]
        return Share(declared, sides.count("new"), len(sides))

    def failures(self, since: float) -> list[Seen]:
        """Return what failed since then."""
        return [seen for seen in self.seen if seen.at >= since and seen.failure]

    async def _ask(self) -> None:
        while True:
            for kind in ("A", "AAAA"):
                try:
                    (address,) = await ask(self._port, self._name, kind)
                    self.seen.append(Seen(time.time(), self._sides[address]))
                except (TimeoutError, OSError, ValueError, KeyError) as error:
                    self.seen.append(Seen(time.time(), "", f"{kind}: {error!r}"))
                await asyncio.sleep(self._pause)
