"""An event loop whose clock jumps to whatever is waited for: seconds pass at once, and exactly."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

# What one end of a loopback connection wrote, the other can read at once.
_SETTLED_SECONDS = 0.02


class _Jumping(selectors.DefaultSelector):
    """A selector that waits `linger` seconds and tells its loop how long it would have waited."""

    loop: VirtualLoop

    def __init__(self, linger: float) -> None:
        super().__init__()
        self._linger = linger

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        began = time.monotonic()
        ready = super().select(self._linger if timeout is None else min(timeout, self._linger))
        if self.loop.has_threads:
            self.loop.pass_by(time.monotonic() - began)
        elif not ready and timeout:
            self.loop.pass_by(timeout)
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """It begins at 1000 s; only what is waited for on this loop passes time."""

    def __init__(self, linger: float = 0) -> None:
        self._now = 1000.0
        jumping = _Jumping(linger)
        jumping.loop = self
        self._threads = 0
        super().__init__(jumping)

    def time(self) -> float:
        return self._now

    @property
    def has_threads(self) -> bool:
        """Whether a thread works for this loop; meanwhile time passes as it does outside."""
        return self._threads > 0

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:
        """Run `func` in a thread, and let time be real until it ends."""
        self._threads += 1
        work = super().run_in_executor(executor, func, *args)
        work.add_done_callback(self._is_done)
        return work

    def _is_done(self, _work: asyncio.Future[Any]) -> None:
        self._threads -= 1

    def pass_by(self, seconds: float) -> None:
        """Let time pass, as it does while the process itself is busy."""
        self._now += seconds


def run(scene: Coroutine[Any, Any, Result]) -> Result:
    """Run `scene` in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(scene)


def run_with_sockets(scene: Coroutine[Any, Any, Result]) -> Result:
    """Run `scene`, whose servers and clients talk over loopback on this one loop.

    No time passes while anybody still has something to read or write, so that a busy machine cannot make
    a limit expire for a side that answers.
    """
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(_SETTLED_SECONDS)) as runner:
        return runner.run(scene)
