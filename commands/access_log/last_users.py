"""Who asked old by its own name, counted from the lines of its access log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from commands.access_log.line import Entry, read
from cutover.declaration.service import Service
from cutover.doors.redirect_rules import PROBES, kept_priorities


@dataclass
class LastUsers:
    """What was counted.

    Attributes
    ----------
    requests, redirected, unread : int
        Requests by old's own names without probes; those of them that were sent on; lines that are none.
    lines : int
        All lines.
    clients, agents, paths, methods : Counter
    seen : dict of str
        When each client was last seen.
    """

    requests: int = 0
    redirected: int = 0
    unread: int = 0
    lines: int = 0
    clients: Counter[str] = field(default_factory=Counter)
    agents: Counter[str] = field(default_factory=Counter)
    paths: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    seen: dict[str, str] = field(default_factory=dict)


def count(service: Service, lines: Iterable[str]) -> LastUsers:
    """Count `lines`, one by one: nothing of them is kept."""
    found = LastUsers()
    names, kept = frozenset(service.old_names), kept_priorities(service)
    for line in lines:
        text = line.strip()
        if not text:
            continue
        found.lines += 1
        entry = read(text)
        if entry is None:
            found.unread += 1
        elif entry.host in names and entry.rule not in kept and not is_probe(entry):
            found.requests += 1
            found.redirected += entry.redirected
            found.clients[entry.client] += 1
            found.agents[entry.agent] += 1
            found.paths[entry.path] += 1
            found.methods[entry.method] += 1
            found.seen[entry.client] = max(entry.time, found.seen.get(entry.client, ""))
    return found


def is_probe(entry: Entry) -> bool:
    """Return whether Route 53's checkers, the sentinel or readiness asked."""
    return any(fnmatchcase(entry.agent.lower(), probe.lower()) for probe in PROBES)
