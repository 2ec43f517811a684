"""What was seen of a drill: moments in time, and every request."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from rehearsal.world.stream import Seen

Kind = Literal[
    "fault",
    "alarm",
    "called",
    "decided",
    "edge",
    "dns",
    "deploy",
    "told",
    "person",
    "healed",
    "note",
]
DOORS: Final = ("edge", "dns")


@dataclass(frozen=True)
class Event:
    """Something that happened at `at` (Unix seconds).

    `kind` is fault, alarm (one went into ALARM), called (the rollback function started), decided (the
    switch's own record), edge or dns (the switch is in force there, or no longer), deploy, told (a person
    got a message), person (a person did something), healed, note.
    """

    at: float
    kind: Kind
    what: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as results.json holds it."""
        return {"at": self.at, "kind": self.kind, "what": self.what}


@dataclass(frozen=True)
class Recording:
    """All that was seen from `began` to `ended` (Unix seconds).

    Attributes
    ----------
    events : sequence of Event
        In their order.
    requests : mapping of str to sequence of Seen
        By door: edge and dns.
    """

    began: float
    ended: float
    events: Sequence[Event] = ()
    requests: Mapping[str, Sequence[Seen]] = field(default_factory=dict)

    def first(self, kind: str, since: float, containing: str = "") -> Event | None:
        """Return the first event of `kind` since then whose words contain `containing`."""
        return next(
            (e for e in self.events if e.kind == kind and e.at >= since and containing in e.what),
            None,
        )

    def series(self, door: str) -> dict[str, list[int]]:
        """Return how many requests ended in each second since `began`, by old, new and failed."""
        seconds = max(1, int(self.ended - self.began) + 1)
        counted: dict[str, list[int]] = {key: [0] * seconds for key in ("old", "new", "failed")}
        for seen in self.requests.get(door, ()):
            second = math.floor(seen.at - self.began)
            if 0 <= second < seconds:
                side = seen.side if seen.side in counted else "failed"
                counted["failed" if seen.failure else side][second] += 1
        return counted


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return the events by time."""
    return sorted(events, key=lambda event: event.at)
