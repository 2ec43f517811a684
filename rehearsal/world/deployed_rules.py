"""Keeps a side's listener rules as they are deployed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from rehearsal.world.listener_rules import Rule
from rehearsal.world.side import LocalSide

_LOG = logging.getLogger("listener-rules")
_SECONDS: Final = 10
"""Between two looks: how long a change takes in AWS is not documented."""


class DeployedRules:
    """Gives `side` what `read` returns, which blocks for a moment, now and ever again."""

    def __init__(self, side: LocalSide, read: Callable[[], tuple[Rule, ...]]) -> None:
        self._side = side
        self._read = read
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()

    async def look(self) -> None:
        """Look once."""
        self._side.rules = await asyncio.to_thread(self._read)

    async def _follow(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # the rules of the last look go on
                _LOG.warning("cannot read the rules of %s: %s", self._side.name, error)
            await asyncio.sleep(_SECONDS)
