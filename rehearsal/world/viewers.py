"""Viewers: HTTP requests through the edge, and questions to the DNS server."""

from __future__ import annotations

import itertools
import random
import time
from typing import Final

import aiohttp

from rehearsal.world.dns_server import ask
from rehearsal.world.edge import ASKED_HEADER, VIEWER_IP_HEADER
from rehearsal.world.stream import RequestStream, Seen, Stream
from rehearsal.world.world import SIDE_AT

_REQUEST_SECONDS: Final = 90
_RETURNING: Final = 0.1


class Viewers(RequestStream):
    """Sends requests through the edge.

    Most come from viewers never seen before, so that each is a draw of its own; one in ten comes
    back with the cookie that it got, from another address.

    Attributes
    ----------
    strayed : int
        How many came back from new to old.
    """

    def __init__(self, edge: tuple[str, int], paths: list[str], *, a_second: float) -> None:
        super().__init__(a_second, seconds=_REQUEST_SECONDS, anew=False)
        self._url = f"http://{edge[0]}:{edge[1]}"
        self._paths = [("GET", path) for path in paths]
        self._paths += [("POST", "/echo"), ("GET", "/static/app.js")]
        self._random = random.Random(0)
        self._cookies: list[tuple[str, str]] = []
        self._numbers = itertools.count()
        self.strayed = 0

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

    def __init__(self, port: int, name: str, *, a_second: float) -> None:
        super().__init__(a_second)
        self._port = port
        self._name = name
        self._kinds = itertools.cycle(("A", "AAAA"))

    async def _one(self) -> None:
        began, side, failure, kind = time.time(), "", "", next(self._kinds)
        try:
            (address,) = await ask(self._port, self._name, kind)
            side = SIDE_AT[address]
        except (TimeoutError, OSError, ValueError, KeyError) as error:
            failure = f"{kind}: {error!r}"
        self.seen.append(Seen(time.time(), side, failure, began, kind))
