"""What is published each minute goes on, whatever becomes of one."""

from __future__ import annotations

import asyncio
import logging

import pytest

from rehearsal.world import minutes
from rehearsal.world.minutes import each_minute


def test_a_minute_that_cannot_be_published_does_not_end_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    to_come = [60.0, 120.0, 180.0]
    published: list[float] = []

    async def minute_ended() -> float:
        if not to_come:
            raise asyncio.CancelledError
        return to_come.pop(0)

    async def publish(at: float) -> None:
        published.append(at)
        if at == 120.0:
            raise OSError("no cloud")

    monkeypatch.setattr(minutes, "minute_ended", minute_ended)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(each_minute(publish, logging.getLogger("edge")))
    assert published == [60.0, 120.0, 180.0]
    assert "cannot publish: no cloud" in caplog.text
