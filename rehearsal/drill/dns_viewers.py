"""Viewers at the dns door: each asks the DNS server, without a cache, and then the side that it was told."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Final, Self

import aiohttp

from rehearsal.world.dns_server import ask
from rehearsal.world.stream import RequestStream, Seen
from rehearsal.world.world import SIDE_AT, World

_REQUEST_SECONDS: Final = 10
_REQUESTS: Final = (("GET", "A"), ("GET", "AAAA"), ("GET", "A"), ("POST", "AAAA"))


class DnsViewers(RequestStream):
    """Asks, and sends a request to whom it was told.

    `reach` returns where a side listens, `unreachable` is told when it does not: the load balancer that
    stands before it counts such requests. There is no failover at this door, as in a browser.
    """

    def __init__(
        self,
        port: int,
        name: str,
        path: str,
        *,
        reach: Callable[[str], tuple[str, int]],
        unreachable: Callable[[str], None],
        a_second: float,
    ) -> None:
        super().__init__(a_second, seconds=_REQUEST_SECONDS, anew=True)
        self._port = port
        self._name = name
        self._path = path
        self._reach = reach
        self._unreachable = unreachable
        self._requests = itertools.cycle(_REQUESTS)

    @classmethod
    def of(cls, world: World, name: str, path: str, *, a_second: float) -> Self:
        """Return those who ask the DNS server of `world` for `name`, and its sides for `path`."""
        return cls(
            world.dns.port,
            name,
            path,
            reach=lambda side: world.sides[side].address,
            unreachable=lambda side: world.sides[side].note_connection_error(),
            a_second=a_second,
        )

    async def _one(self) -> None:
        method, kind = next(self._requests)
        began, asked, failure = time.time(), "", ""
        try:
            (address,) = await ask(self._port, self._name, kind)
            asked = SIDE_AT[address]
            host, port = self._reach(asked)
            path = "/echo" if method == "POST" else self._path
            async with self._session.request(method, f"http://{host}:{port}{path}") as answer:
                if answer.status != 200:
                    failure = f"{method} {path}: {answer.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
            failure = f"{method}: {type(error).__name__}"
            if asked and isinstance(error, aiohttp.ClientConnectorError):
                self._unreachable(asked)
        sides = (asked,) if asked else ()
        # DNS decides at this door: whoever was named counts as the one who serves, well or badly.
        self.seen.append(Seen(time.time(), asked, failure, began, method, sides))
