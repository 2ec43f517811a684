"""A WebSocket through the edge: what one end sends, the other gets, its close code too.

"WebSocket functionality is automatically enabled to work with any distribution", where all headers of the
viewer are forwarded, or Sec-WebSocket-Key and -Version at least (CloudFront Developer Guide,
distribution-working-with.websockets).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, Final

import aiohttp
from aiohttp import web

IDLE_SECONDS: Final = 600.0
"""So long an origin may send nothing: "If CloudFront hasn't detected any bytes sent from the origin to the
client within the past 10 minutes, the connection is assumed to be idle and is closed" (CloudFront Developer
Guide, cloudfront-limits)."""
_NO_CODE: Final = 1000

End = aiohttp.ClientWebSocketResponse | web.WebSocketResponse


def is_asked_for(request: web.Request) -> bool:
    """Return whether the viewer asks for a WebSocket (RFC 6455, 4.2.1)."""
    options = request.headers.get("connection", "").lower().split(",")
    return (
        request.method == "GET"
        and request.headers.get("upgrade", "").lower() == "websocket"
        and "upgrade" in {option.strip() for option in options}
    )


def protocols(request: web.Request) -> tuple[str, ...]:
    """Return the subprotocols that the viewer offers."""
    offered = ",".join(request.headers.getall("sec-websocket-protocol", []))
    return tuple(name.strip() for name in offered.split(",") if name.strip())


async def join(
    request: web.Request, of_origin: aiohttp.ClientWebSocketResponse, headers: dict[str, str]
) -> web.WebSocketResponse:
    """Take the viewer's upgrade and pass messages both ways until one end closes."""
    of_viewer = web.WebSocketResponse(
        autoclose=False,
        autoping=False,
        compress=False,
        max_msg_size=0,
        protocols=[of_origin.protocol] if of_origin.protocol else [],
    )
    of_viewer.headers.update(headers)
    await of_viewer.prepare(request)
    passing = [
        asyncio.create_task(_pass(of_origin, of_viewer, IDLE_SECONDS)),
        asyncio.create_task(_pass(of_viewer, of_origin, None)),
    ]
    try:
        await asyncio.wait(passing, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)
    if not of_viewer.closed and request.transport is not None:
        # The origin went without a word, and so do we: the viewer sees 1006.
        request.transport.abort()
    return of_viewer


async def _pass(source: End, sink: End, idle_seconds: float | None) -> None:
    with contextlib.suppress(ConnectionError, aiohttp.ClientError, TimeoutError):
        while True:
            message: Any = await source.receive(timeout=idle_seconds)
            if message.type is aiohttp.WSMsgType.CLOSE:
                said: dict[str, Any] = {
                    "code": message.data or _NO_CODE,
                    "message": (message.extra or "").encode(),
                }
                await asyncio.gather(sink.close(**said), source.close(**said))
                return
            if message.type is aiohttp.WSMsgType.TEXT:
                await sink.send_str(message.data)
            elif message.type is aiohttp.WSMsgType.BINARY:
                await sink.send_bytes(message.data)
            elif message.type is aiohttp.WSMsgType.PING:
                await sink.ping(message.data)
            elif message.type is aiohttp.WSMsgType.PONG:
                await sink.pong(message.data)
            else:
                return
