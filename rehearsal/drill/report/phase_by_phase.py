"""The seconds of one drill, phase by phase, and what an AWS account adds to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_SEEN: Final = {
    "probe-down": (
        "wrong answers in a row, and the alarm's next look",
        "nothing: both are as long there, with a metric that is visible after a few seconds",
    ),
    "-fast-": (
        "ten seconds of the edge's log, and the alarm's next look",
        "nothing: both are as long there, and lines come 1 to 4 s late here too",
    ),
}
"""By what the name of the first alarm holds."""
_BY_THE_MINUTE: Final = (
    "the minute's metric, and the alarm's look",
    "the metric's delivery (no documented figure) and up to 60 s: an alarm of one minute is evaluated each "
    "minute, here each second",
)


@dataclass(frozen=True)
class Part:
    """One phase: from `since` to `until`, in seconds after the fault."""

    name: str
    since: float
    until: float
    adds: str


def phase_by_phase(result: Mapping[str, Any]) -> list[Part]:
    """Return the phases of one drill that threw the switch; none where it did not."""
    zero = result.get("fault_at")
    events = result.get("events") or []
    if zero is None:
        return []

    def first(kind: str, containing: str = "") -> Mapping[str, Any] | None:
        found = (e for e in events if e["kind"] == kind and containing in e["what"])
        return next((event for event in found if event["at"] >= zero), None)

    alarm = first("alarm")
    moments = (
        alarm,
        first("called"),
        first("decided", "thrown"),
        first("edge", "thrown"),
        first("dns", "thrown"),
    )
    known = [moment["at"] - zero for moment in moments if moment is not None]
    if alarm is None or len(known) < len(moments):
        return []
    fired, called, decided, edge, dns = known
    last = result["phases"]["last_wrong"]["edge"] or edge
    seen = next((said for part, said in _SEEN.items() if part in alarm["what"]), _BY_THE_MINUTE)
    steps = (
        (*seen, 0.0, fired),
        (
            "calling the function",
            "SNS, the asynchronous call and a cold start (no documented figure)",
            fired,
            called,
        ),
        (
            "deciding",
            "the network; what is not known within 3 s is done without",
            called,
            decided,
        ),
        (
            "writing, and in force at the edge",
            "a key reaches every edge in a few seconds (AWS News Blog, 2023)",
            decided,
            edge,
        ),
        (
            "writing, and in force at the dns door",
            "up to 60 s at Route 53's servers and 60 s in resolvers, unless the health check was there "
            "before",
            decided,
            dns,
        ),
        (
            "last answer of the broken side at the edge",
            "nothing: requests that are under way end",
            edge,
            last,
        ),
    )
    return [Part(name, since, max(since, until), adds) for name, adds, since, until in steps]
