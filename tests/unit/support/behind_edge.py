"""Plays a scene behind the local edge with origins that a test writes itself."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from rehearsal.world.listener import Listener
from tests.unit.world.test_world_edge import FakeCloudFront, Play, play

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Said:
    """An answer as it stands on the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    interim: list[int]
    hung_up: bool

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


class Behind:
    """A viewer of an edge whose sides are `old` and `new`."""

    def __init__(self, stage: Play) -> None:
        self.stage = stage

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*self.stage.edge.address)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        async with aiohttp.ClientSession(
            self.url, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
        ) as session:
            yield session

    async def raw(self, sent: bytes) -> Said:
        """Send these bytes and read one answer, until the edge hangs up or for a quarter of a second of
        silence."""
        reader, writer = await asyncio.open_connection(*self.stage.edge.address)
        try:
            writer.write(sent)
            await writer.drain()
            received, hung_up = b"", False
            while not hung_up:
                try:
                    more = await asyncio.wait_for(
                        reader.read(65536), timeout=0.25 if received else 20
                    )
                except TimeoutError:
                    break
                hung_up = not more
                received += more
            return _said(received, hung_up)
        finally:
            writer.close()


def _said(received: bytes, hung_up: bool) -> Said:
    interim = []
    while (found := re.match(rb"HTTP/1\.1 (1\d\d)[^\r]*\r\n\r\n", received)) is not None:
        interim.append(int(found.group(1)))
        received = received[found.end() :]
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    return Said(int(first.split()[1]), headers, body, interim, hung_up)


def behind_edge(
    scene: Callable[[Behind], Awaitable[None]],
    *,
    new: Handler,
    old: Handler | None = None,
    weight: int = 100,
) -> None:
    """Play `scene` with these handlers as the sides; without `old`, old is the rehearsal's own. No error is
    kept, as the product deploys it."""
    deployed = FakeCloudFront(weight)
    deployed.errors = [
        {"ErrorCode": code, "ErrorCachingMinTTL": 0} for code in (403, 404, 502, 504)
    ]

    async def run(stage: Play) -> None:
        sides = {"new-lb": _listener(new)}
        if old is not None:
            sides["old-lb"] = _listener(old)
        for side in sides.values():
            await side.open()
        addresses = {"old-lb": stage.sides["old"].address} | {
            name: side.address for name, side in sides.items()
        }
        stage.edge._resolve = addresses.__getitem__
        try:
            await scene(Behind(stage))
        finally:
            for side in sides.values():
                await side.end()

    play(run, cloudfront=deployed)


def _listener(handler: Handler) -> Listener:
    app = web.Application(client_max_size=2**40)
    app.router.add_route("*", "/{path:.*}", handler)
    return Listener(
        app,
        auto_decompress=False,
        handler_cancellation=True,
        max_line_size=65536,
        max_field_size=65536,
    )
