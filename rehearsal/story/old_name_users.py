"""People who never came through a door: they ask old's load balancer by its own name."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Final, Self
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from rehearsal.world.dns_server import ask
from rehearsal.world.stream import RequestStream, Seen
from rehearsal.world.world import SIDE_AT, World

REDIRECTED: Final = frozenset({301, 302})
_MOST_HOPS: Final = 5
_REQUEST_SECONDS: Final = 60
_WAYS: Final = (
    ("GET", "Mozilla/5.0 (a bookmark)"),
    ("POST", "nightly-import/2.1"),
)


class OldNameUsers(RequestStream):
    """By turns a browser that reads, and follows wherever it is sent, and a script that writes.

    What was seen of one names the sides that were asked, in their order: old, then new for who was sent on.

    Attributes
    ----------
    moved : bool
        Whether they were told the new address and use it.
    """

    def __init__(
        self,
        own: str,
        front_door: str,
        path: str,
        *,
        resolver: int,
        reach: Callable[[str], tuple[str, int]],
        a_second: float,
    ) -> None:
        """`own` is the name that they use, `front_door` the one they should; `path` is what they read.

        `resolver` is the port of the DNS server that knows the front door, `reach` returns where a side
        listens.
        """
        super().__init__(a_second, seconds=_REQUEST_SECONDS, anew=True)
        self.moved = False
        self._own = own
        self._front_door = front_door
        self._path = path
        self._resolver = resolver
        self._reach = reach
        self._ways = itertools.cycle(_WAYS)

    @classmethod
    def of(cls, world: World, own: str, front_door: str, path: str, *, a_second: float) -> Self:
        """Return those who ask old of `world`."""
        return cls(
            *(own, front_door, path),
            resolver=world.dns.port,
            reach=lambda side: world.sides[side].address,
            a_second=a_second,
        )

    async def _one(self) -> None:
        method, agent = next(self._ways)
        path = "/echo" if method == "POST" else self._path
        name = self._front_door if self.moved else self._own
        began, sides = time.time(), []
        side = failure = ""
        try:
            while True:
                asked = await self._who_is(name)
                sides.append(asked)
                status, side, leads_to = await self._ask(asked, method, name, path, agent)
                if status not in REDIRECTED:
                    failure = "" if status == 200 else f"{method} {path}: {status}"
                    break
                if len(sides) > _MOST_HOPS:
                    failure = f"{method} {path}: sent in circles, at last to {leads_to}"
                    break
                to = urlsplit(leads_to)
                name, path = to.hostname or "", f"{to.path}{'?' if to.query else ''}{to.query}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
            failure = f"{method} {path}: {type(error).__name__}"
        self.seen.append(Seen(time.time(), side, failure, began, method, tuple(sides)))

    async def _who_is(self, name: str) -> str:
        """Return the side to which `name` leads."""
        if name == self._own:
            return "old"
        (address,) = await ask(self._resolver, name)
        return SIDE_AT[address]

    async def _ask(
        self, side: str, method: str, name: str, path: str, agent: str
    ) -> tuple[int, str, str]:
        """Return status, who served, and where it leads to."""
        host, port = self._reach(side)
        async with self._session.request(
            method,
            URL(f"http://{host}:{port}{path}", encoded=True),
            headers={"host": name, "user-agent": agent},
            allow_redirects=False,
        ) as answer:
            told = answer.headers
            return answer.status, told.get("x-served-by", ""), told.get("location", "")
