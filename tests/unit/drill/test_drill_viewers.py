"""Viewers at the dns door: what DNS says decides whom they ask, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web
from dnslib import AAAA, QTYPE, RR, A, DNSRecord

from rehearsal.drill.dns_viewers import DnsViewers
from rehearsal.world.listener import Listener
from rehearsal.world.world import ADDRESSES, wait_until


class Names(asyncio.DatagramProtocol):
    """Answers every question with one side's addresses."""

    def __init__(self, side: str) -> None:
        self.side = side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = DNSRecord.parse(data)
        reply = query.reply()
        v4, v6 = ADDRESSES[self.side]
        kind = QTYPE[query.q.qtype]
        rdata = A(v4) if kind == "A" else AAAA(v6)
        reply.add_answer(RR(query.q.qname, query.q.qtype, rdata=rdata, ttl=60))
        self._transport.sendto(reply.pack(), addr)


@asynccontextmanager
async def named(side: str) -> AsyncIterator[int]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Names(side), local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


@asynccontextmanager
async def served(status: int) -> AsyncIterator[tuple[str, int]]:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(status=status, text="chatmrpt\n")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    listener = Listener(app)
    await listener.open()
    try:
        yield listener.address
    finally:
        await listener.end()


async def seen_by(side: str, status: int, *, closed: bool = False) -> tuple[DnsViewers, list[str]]:
    gone: list[str] = []
    async with named(side) as port, served(status) as address:
        reach = ("127.0.0.1", 1) if closed else address
        viewers = DnsViewers(
            port,
            "app.test",
            "/ping",
            reach=lambda _side: reach,
            unreachable=gone.append,
            a_second=100,
        )
        await viewers.start()
        await wait_until(lambda: len(viewers.seen) >= 8, seconds=10, what="eight requests")
        await viewers.stop()
    return viewers, gone


def test_a_viewer_asks_the_side_that_dns_names() -> None:
    viewers, gone = asyncio.run(seen_by("new", 200))
    assert {(s.side, s.asked, s.failure) for s in viewers.seen} == {("new", ("new",), "")}
    assert {s.method for s in viewers.seen} == {"GET", "POST"}
    assert gone == []


def test_what_a_side_fails_is_lost_for_there_is_no_failover_at_this_door() -> None:
    viewers, _ = asyncio.run(seen_by("old", 500))
    assert {s.failure for s in viewers.seen} == {"GET /ping: 500", "POST /echo: 500"}
    assert {s.asked for s in viewers.seen} == {("old",)}


def test_a_side_that_refuses_is_charged_to_it_and_its_load_balancer_counts_it() -> None:
    viewers, gone = asyncio.run(seen_by("old", 200, closed=True))
    assert all("ClientConnectorError" in s.failure for s in viewers.seen)
    assert set(gone) == {"old"}
    assert len(gone) == len(viewers.seen)
