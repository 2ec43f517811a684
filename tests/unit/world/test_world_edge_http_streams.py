"""What never ends passes the local edge as it comes: events, uploads, WebSockets. No rollback ends it."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import WSMsgType, web

from rehearsal.world import edge_websocket
from rehearsal.world.edge import ASKED_HEADER
from rehearsal.world.world import wait_until
from tests.unit.support.behind_edge import Behind, behind_edge

MEGABYTE = bytes(range(256)) * 4096


class Events:
    """An origin that sends an event when it is told to."""

    def __init__(self) -> None:
        self.next = asyncio.Semaphore(0)
        self.began = 0
        self.left = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.began += 1
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        try:
            for number in range(1000):
                await self.next.acquire()
                await response.write(b"data: %d\n\n" % number)
        except asyncio.CancelledError:
            self.left += 1
            raise
        return response


async def event(answer: aiohttp.ClientResponse) -> bytes:
    line = await asyncio.wait_for(answer.content.readline(), timeout=20)
    assert await answer.content.readline() == b"\n"
    return line.strip()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_event_arrives_before_the_next_is_sent(method: str) -> None:
    async def scene(viewer: Behind) -> None:
        waits = []
        async with viewer.session() as session, session.request(method, "/stream") as answer:
            for number in range(20):
                began = time.monotonic()
                new.next.release()
                assert await event(answer) == b"data: %d" % number
                waits.append(time.monotonic() - began)
        assert sorted(waits)[len(waits) // 2] < 1

    new = Events()
    behind_edge(scene, new=new.answer)


def test_a_viewer_that_leaves_ends_what_its_origin_does_for_it() -> None:
    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session:
            answer = await session.get("/stream")
            new.next.release()
            await event(answer)
            answer.close()
        await wait_until(lambda: new.left == 1, seconds=20, what="the end of the stream")

    new = Events()
    behind_edge(scene, new=new.answer)


def test_a_stream_outlives_a_rollback_and_the_next_request_goes_to_old() -> None:
    """The switch is read when a request comes: what is under way ends by itself, or with new."""

    async def old(request: web.Request) -> web.StreamResponse:
        return web.Response(text="old")

    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session, session.get("/stream") as answer:
            new.next.release()
            await event(answer)
            viewer.stage.keys.switch = '{"state":"thrown"}'
            edge = viewer.stage.edge
            await wait_until(lambda: "thrown" in edge.switch, seconds=20, what="the switch")
            new.next.release()
            assert await event(answer) == b"data: 1"
            async with session.get("/stream") as again:
                assert await again.text() == "old"
            assert new.began == 1

    new = Events()
    behind_edge(scene, new=new.answer, old=old)


def test_an_upload_reaches_the_origin_while_it_is_sent() -> None:
    arrived = asyncio.Semaphore(0)

    async def new(request: web.Request) -> web.StreamResponse:
        async for _ in request.content.iter_any():
            arrived.release()
        return web.Response(text="all")

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"part"
            await asyncio.wait_for(arrived.acquire(), timeout=20)

    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session, session.post("/echo", data=parts()) as answer:
            assert await answer.text() == "all"

    behind_edge(scene, new=new)


def test_hundreds_of_megabytes_pass_both_ways_unchanged() -> None:
    megabytes = 200
    whole = hashlib.sha256(MEGABYTE * megabytes).hexdigest()

    async def new(request: web.Request) -> web.StreamResponse:
        if request.method == "POST":
            return web.Response(text=await digest(request.content))
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(megabytes):
            await response.write(MEGABYTE)
        return response

    async def digest(content: aiohttp.StreamReader) -> str:
        summed = hashlib.sha256()
        async for chunk in content.iter_any():
            summed.update(chunk)
        return summed.hexdigest()

    async def sent() -> AsyncIterator[bytes]:
        for _ in range(megabytes):
            yield MEGABYTE

    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session:
            async with session.post("/upload", data=sent()) as answer:
                assert await answer.text() == whole
            async with session.get("/static/film.mp4") as answer:
                assert await digest(answer.content) == whole

    behind_edge(scene, new=new)


def test_what_the_other_end_does_not_take_is_not_held_at_the_edge() -> None:
    """However much one end has, the edge takes no more than the other does and the sockets hold."""
    enough = 64
    taken = {"up": 0, "down": 0}
    go_on = asyncio.Event()

    async def new(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if request.method == "POST":
            await go_on.wait()
            return response
        await response.prepare(request)
        for _ in range(enough):
            await response.write(MEGABYTE)
            taken["down"] += 1
        return response

    async def sent() -> AsyncIterator[bytes]:
        for _ in range(enough):
            yield MEGABYTE
            taken["up"] += 1

    async def stays(which: str) -> int:
        """Return how many megabytes were taken once no more are."""
        before = -1
        while taken[which] != before or before == 0:
            before = taken[which]
            await asyncio.sleep(0.5)
        return before

    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session:
            post = asyncio.create_task(session.post("/echo", data=sent()))
            assert 0 < await stays("up") < enough / 2
            go_on.set()
            (await post).close()
            async with session.get("/stream"):
                assert 0 < await stays("down") < enough / 2

    behind_edge(scene, new=new)


async def echo(request: web.Request) -> web.StreamResponse:
    """A WebSocket that repeats, and closes or vanishes when it is asked to."""
    socket = web.WebSocketResponse(protocols=["chat"], max_msg_size=0)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
        elif message.data == "close":
            await socket.close(code=4001, message=b"enough")
        elif message.data == "vanish":
            assert request.transport is not None
            request.transport.abort()
        else:
            await socket.send_str(message.data)
    closed.append(socket.close_code)
    return socket


closed: list[int | None] = []


def test_a_websocket_passes_with_its_protocol_and_its_codes() -> None:
    async def scene(viewer: Behind) -> None:
        closed.clear()
        async with viewer.session() as session:
            offered = ["superchat", "chat"]
            async with session.ws_connect("/ws", protocols=offered, max_msg_size=0) as socket:
                assert socket.protocol == "chat"
                await socket.send_str("grüß")
                assert await socket.receive_str(timeout=20) == "grüß"
                await socket.send_bytes(MEGABYTE * 5)
                assert await socket.receive_bytes(timeout=20) == MEGABYTE * 5
                await socket.close(code=4002, message=b"done")
            await wait_until(lambda: closed == [4002], seconds=20, what="the viewer's code")
            async with session.ws_connect("/ws") as socket:
                await socket.send_str("close")
                said = await socket.receive(timeout=20)
                assert (said.type, said.data, said.extra) == (WSMsgType.CLOSE, 4001, "enough")
            async with session.ws_connect("/ws") as socket:
                await socket.send_str("vanish")
                await socket.receive(timeout=20)
                assert socket.close_code == 1006

    behind_edge(scene, new=echo)


def test_a_ping_is_answered_by_the_other_end() -> None:
    pings: list[bytes] = []

    async def new(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        async for message in socket:
            assert message.type is WSMsgType.PING
            pings.append(message.data)
            await socket.pong(b"from new")
        return socket

    async def scene(viewer: Behind) -> None:
        async with (
            viewer.session() as session,
            session.ws_connect("/ws", autoping=False) as socket,
        ):
            await socket.ping(b"there?")
            said = await socket.receive(timeout=20)
            assert (said.type, said.data) == (WSMsgType.PONG, b"from new")
            assert pings == [b"there?"]

    behind_edge(scene, new=new)


def test_a_websocket_that_its_origin_refuses_is_refused_with_its_status() -> None:
    async def new(request: web.Request) -> web.StreamResponse:
        return web.Response(status=401)

    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect("/ws")
            assert refused.value.status == 401

    behind_edge(scene, new=new)


def test_a_websocket_opens_at_old_when_new_cannot() -> None:
    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session:
            await viewer.stage.sides["new"].refuse()
            viewer.stage.edge._resolve = {
                "old-lb": viewer.stage.edge._resolve("new-lb"),
                "new-lb": viewer.stage.sides["new"].address,
            }.__getitem__
            async with session.ws_connect("/ws") as socket:
                assert socket._response.headers[ASKED_HEADER] == "new,old"
                await socket.send_str("hello")
                assert await socket.receive_str(timeout=20) == "hello"

    behind_edge(scene, new=echo)


def test_a_websocket_on_which_its_origin_is_silent_is_closed() -> None:
    assert edge_websocket.IDLE_SECONDS == 600

    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session, session.ws_connect("/ws") as socket:
            assert (await socket.receive(timeout=20)).type is WSMsgType.CLOSED
            assert socket.close_code == 1006

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edge_websocket, "IDLE_SECONDS", 0.2)
        behind_edge(scene, new=echo)


def test_a_websocket_outlives_a_rollback_and_the_next_one_opens_at_old() -> None:
    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session, session.ws_connect("/ws") as socket:
            viewer.stage.keys.switch = '{"state":"thrown"}'
            edge = viewer.stage.edge
            await wait_until(lambda: "thrown" in edge.switch, seconds=20, what="the switch")
            await socket.send_str("still there")
            assert await socket.receive_str(timeout=20) == "still there"
            async with session.ws_connect("/ws") as again:
                assert again._response.headers[ASKED_HEADER] == "old"

    behind_edge(scene, new=echo, old=echo)


def test_a_static_path_upgrades_to_nothing() -> None:
    upgrades: list[str | None] = []

    async def new(request: web.Request) -> web.StreamResponse:
        upgrades.append(request.headers.get("upgrade"))
        return web.Response(text="a file")

    async def scene(viewer: Behind) -> None:
        async with viewer.session() as session:
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await session.ws_connect("/static/ws")
            assert refused.value.status == 200
            assert upgrades == [None]

    behind_edge(scene, new=new)
