"""What a play tells at a terminal: each line with its second, and meanwhile what is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.status import Status

from rehearsal.pace import Pace, measure
from rehearsal.world.world import wait_until

_WAIT_SECONDS: Final = 120.0


class Telling:
    """Tells people what happens.

    Attributes
    ----------
    began : float
        From when the seconds are counted (Unix seconds): now, or whatever it is set to later.
    """

    def __init__(self, console: Console, status: Status, pace: Pace) -> None:
        self._console = console
        self._status = status
        self._pace = pace
        self.began = time.time()

    def say(self, what: str) -> None:
        """Print what happens, and show it until something else does."""
        self._console.print(
            f"[dim]{time.time() - self.began:5.0f} s[/dim]  {what}", highlight=False
        )
        self._status.update(what)

    def head(self, name: str, what: str) -> None:
        """Print what begins."""
        self._console.print(f"[bold]{name}[/bold]: {what}", highlight=False)

    def show(self, what: str) -> None:
        """Show what is under way, until something else is."""
        self._status.update(what)

    async def wait(
        self, condition: Callable[[], bool], what: str, seconds: float = _WAIT_SECONDS
    ) -> float:
        """Wait until `condition()` holds, and return for how many seconds that was; `seconds` at most at the
        full pace, and longer on a machine that is slower.

        Raises
        ------
        TimeoutError
            When it does not hold by then; the message says what was waited for.
        """
        self.show(f"waiting for {what}")
        return await wait_until(condition, seconds=self._pace.longer(seconds), what=what)


async def measured(console: Console, status: Status) -> Pace:
    """Measure this machine, say what follows from it, and return the pace that it can hold."""
    status.update("measuring this machine")
    pace = await measure()
    if pace.said:
        console.print(pace.said, highlight=False)
    status.update("starting the embedded cloud and both sides")
    return pace
