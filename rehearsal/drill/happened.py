"""What the embedded cloud wrote down, as events: alarms, starts of the rollback function, injected faults."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rehearsal.drill.recording import Event

ALERTING: Final = "ALARM"


def as_events(entries: Iterable[Mapping[str, Any]], rollback: str) -> list[Event]:
    """Return an event for each alarm that went into ALARM and each start of the function `rollback`, and one
    for each kind of injected fault, at its first time.

    `entries` are those of `rehearsal.cloud.faults.Told.happened`.
    """
    events = []
    injected: dict[tuple[str, str], list[float]] = {}
    for entry in entries:
        if entry["what"] == "alarm":
            if entry["after"] == ALERTING:
                events.append(Event(entry["at"], "alarm", entry["of"]))
        elif entry["what"] == "started":
            if entry["of"] == rollback:
                events.append(Event(entry["at"], "called", "the rollback function started"))
        else:
            injected.setdefault((entry["what"], entry["of"]), []).append(entry["at"])
    return events + [
        Event(times[0], "note", f"{what}: {of}" + f", {len(times)} times" * (len(times) > 1))
        for (what, of), times in injected.items()
    ]
