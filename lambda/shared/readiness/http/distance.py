"""How far away a side is, whatever it does: a load balancer takes a connection by itself."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import Final

from shared.readiness.spec import Side

_TRIES: Final = 5


async def seconds_to(side: Side, timeout_seconds: float) -> float:
    """Return the seconds there and back: the quickest of five TCP handshakes, each of which is one (RFC
    9293, 3.5), without the look-up of the name.

    Raises
    ------
    OSError
        When the name is not known, or nobody takes the connection within `timeout_seconds`.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(side.host, side.port, type=socket.SOCK_STREAM)
    refused: list[OSError] = []
    for *_, reached_at in found:
        address, port = reached_at[:2]
        try:
            return await _quickest(str(address), int(port), timeout_seconds)
        except OSError as error:
            # An address of a kind that is not spoken here: another may be.
            refused.append(error)
    raise refused[0]


async def _quickest(address: str, port: int, timeout_seconds: float) -> float:
    quickest = timeout_seconds
    for _ in range(_TRIES):
        began = time.perf_counter()
        async with asyncio.timeout(timeout_seconds):
            _, writer = await asyncio.open_connection(address, port)
        quickest = min(quickest, time.perf_counter() - began)
        writer.close()
    return quickest
