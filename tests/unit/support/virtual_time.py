"""An event loop whose clock jumps to whatever is waited for: seconds pass at once, and exactly."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class _Jumping(selectors.DefaultSelector):
    """A selector that waits for nothing and tells its loop how long it would have."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.loop.pass_by(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """It begins at 1000 s; only what is waited for on this loop passes time."""

    def __init__(self) -> None:
        self._now = 1000.0
        jumping = _Jumping()
        jumping.loop = self
        super().__init__(jumping)

    def time(self) -> float:
        return self._now

    def pass_by(self, seconds: float) -> None:
        """Let time pass, as it does while the process itself is busy."""
        self._now += seconds


def run(scene: Coroutine[Any, Any, Result]) -> Result:
    """Run `scene` in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(scene)
