"""What is in force at both doors, looked at ten times a second: the switch, and new's health in DNS."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from rehearsal.declared import RECORD
from rehearsal.drill.recording import Event
from rehearsal.stage import Stage
from rehearsal.world.world import World

_LOOK_SECONDS: Final = 0.1
_UNREADABLE: Final = "unreadable, so thrown"


class DoorsInForce:
    """Writes down each change, and when the function that wrote the switch says that it decided.

    `functions_ahead` is by how many seconds its clock is wrong.

    Attributes
    ----------
    seen : list of Event
    """

    def __init__(self, stage: Stage, switch_check_id: str, functions_ahead: float) -> None:
        self._world = stage.world
        self._ahead = functions_ahead
        self._looks: dict[str, Callable[[], str]] = {
            "edge": lambda: edge_switch(stage.world),
            "dns": lambda: dns_switch(stage.world, switch_check_id),
            "health": self._health,
        }
        self._last = {what: look() for what, look in self._looks.items()}
        self._looking: asyncio.Task[None] | None = None
        self.seen: list[Event] = []

    def start(self) -> None:
        """Begin to look."""
        self._looking = asyncio.create_task(self._look())

    def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()

    def states(self) -> dict[str, str]:
        """Return what the switch says now, by door, as it is in force."""
        return {door: self._looks[door]() for door in ("edge", "dns")}

    async def _look(self) -> None:
        while True:
            for what, look in self._looks.items():
                now = look()
                if now != self._last[what]:
                    self._last[what] = now
                    self._note(what, now)
            await asyncio.sleep(_LOOK_SECONDS)

    def _note(self, what: str, now: str) -> None:
        at = time.time()
        if what == "health":
            self.seen.append(Event(at, "note", f"health check at the dns door: new is {now}"))
        elif what == "edge":
            self.seen.append(Event(at, "edge", f"the switch at the edge door: {now}"))
            self._note_decision()
        else:
            self.seen.append(Event(at, "dns", f"the switch at the dns door: {now}"))

    def _note_decision(self) -> None:
        held = json.loads(self._world.edge.switch or "{}")
        if held.get("at"):
            at = datetime.fromisoformat(held["at"]).timestamp() - self._ahead
            self.seen.append(Event(at, "decided", f"{held['state']} by {held.get('by')}"))

    def _health(self) -> str:
        healthy = self._world.dns.takes_for_healthy(RECORD, "A", "new")
        return "healthy" if healthy else "unhealthy"


def edge_switch(world: World) -> str:
    """Return what the edge goes by."""
    if not world.edge.switch:
        return _UNREADABLE
    state: str = json.loads(world.edge.switch)["state"]
    return state


def dns_switch(world: World, check_id: str) -> str:
    """Return what the dns door goes by."""
    check = world.checkers.deployed(check_id)
    flags = (check.disabled, check.inverted) if check is not None else None
    return {(True, True): "thrown", (False, False): "released"}.get(
        flags or (True, False), f"half-way: {check}"
    )
