"""The two minutes, phase by phase, as one drill spent them, and what an AWS account adds to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

ADDS: Final = {
    "until the minute is over": "nothing: load balancers report once a minute there too",
    "metric and alarm": "the metric's delivery (no documented figure) and up to 60 s: an alarm of one "
    "minute is evaluated each minute, here each second",
    "calling the function": "SNS, the asynchronous call and a cold start (no documented figure)",
    "deciding": "the network; what is not known within 3 s is done without",
    "writing, and in force at the edge": "a key reaches every edge in a few seconds (AWS News Blog, 2023)",
    "writing, and in force at the dns door": "up to 60 s at Route 53's servers and 60 s in resolvers, "
    "unless the health check was there before",
    "last answer of the broken side at the edge": "nothing: requests that are under way end",
}


@dataclass(frozen=True)
class Part:
    """One phase: from `since` to `until`, in seconds after the fault."""

    name: str
    since: float
    until: float
    adds: str


def budget(result: Mapping[str, Any]) -> list[Part]:
    """Return the phases of one drill that threw the switch; none where it did not."""
    zero = result.get("fault_at")
    events = result.get("events") or []
    if zero is None:
        return []

    def first(kind: str, containing: str = "") -> float | None:
        found = (e["at"] for e in events if e["kind"] == kind and containing in e["what"])
        return next((at - zero for at in found if at >= zero), None)

    alarm, called, decided = first("alarm"), first("called"), first("decided", "thrown")
    edge, dns = first("edge", "thrown"), first("dns", "thrown")
    if None in {alarm, called, decided, edge, dns}:
        return []
    assert alarm is not None
    assert called is not None
    assert decided is not None
    assert edge is not None
    assert dns is not None
    minute = min(alarm, 60 - zero % 60)
    last = (result["phases"]["last_wrong"] or {}).get("edge") or edge
    steps = (
        ("until the minute is over", 0.0, minute),
        ("metric and alarm", minute, alarm),
        ("calling the function", alarm, called),
        ("deciding", called, decided),
        ("writing, and in force at the edge", decided, edge),
        ("writing, and in force at the dns door", decided, dns),
        ("last answer of the broken side at the edge", edge, last),
    )
    return [Part(name, since, max(since, until), ADDS[name]) for name, since, until in steps]
