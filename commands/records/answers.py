"""Asks a name's authoritative servers over and over, and says whether each answer leads where it must."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from commands.records.dns_question import Answer, Ask, Server, SilentError

EVERY_SECONDS: Final = 0.5
_KEPT: Final = 20

Resolve = Callable[[str, str], frozenset[str]]
"""Returns the addresses that a load balancer's name has now, by its type: A or AAAA."""


class Place:
    """Where an answer may lead: the load balancer of one side, old or new, whose addresses come and go.

    Every address that it had while this ran counts as its own: servers that answer a second later may still
    give an earlier one.
    """

    def __init__(self, side: str, name: str, resolve: Resolve) -> None:
        self.side = side
        self.name = name
        self._resolve = resolve
        self._known: dict[str, set[str]] = {}

    def addresses(self, kind: str) -> frozenset[str]:
        """Return the addresses of type `kind` that it has or had."""
        self._known.setdefault(kind, set()).update(self._resolve(self.name, kind))
        return frozenset(self._known[kind])

    def holds(self, answer: Answer, kind: str) -> bool:
        """Return whether `answer` leads here and nowhere else; asks for its addresses where some are new."""
        if answer.names:
            return {name.removeprefix("dualstack.") for name in answer.names} <= {self.name}
        return bool(answer.addresses) and (
            answer.addresses <= self._known.get(kind, set())
            or answer.addresses <= self.addresses(kind)
        )


def wrong(answer: Answer, kind: str, right: Place, other: Place, *, expected: bool) -> str | None:
    """Return what is wrong with `answer`, or None.

    Parameters
    ----------
    right, other : Place
        The side that it must lead to, and the other one.
    expected : bool
        Whether there is an answer of type `kind` at all; without one there must be none, and no error either.
    """
    if answer.code != "NOERROR":
        return f"answered {answer.code}"
    if not answer.addresses and not answer.names:
        return "answered nothing" if expected else None
    if right.holds(answer, kind):
        return None if expected or answer.names else "answered where nothing was before"
    if other.holds(answer, kind):
        return f"leads to {other.side}"
    said = ", ".join(sorted(answer.names or answer.addresses))
    return f"leads to {said}, which is neither old nor new"


@dataclass
class Watched:
    """What the servers answered.

    Attributes
    ----------
    asked, silent : int
        Questions, and those that nobody answered: the way there may have lost them.
    wrong : list of str
        A sentence for each wrong answer, the first ones of all.
    """

    asked: int = 0
    silent: int = 0
    wrong: list[str] = field(default_factory=list)
    wrong_count: int = 0
    by_server: Counter[str] = field(default_factory=Counter)


class AnswerWatch:
    """Asks every server for every type, round by round.

    Parameters
    ----------
    kinds : mapping
        By type, A and AAAA, whether there is an answer of it.
    right, other : Place
        The side that every answer must lead to, and the other one.
    """

    def __init__(
        self,
        ask: Ask,
        servers: Sequence[Server],
        name: str,
        kinds: Mapping[str, bool],
        *,
        right: Place,
        other: Place,
    ) -> None:
        self._ask = ask
        self._servers = servers
        self._name = name
        self._kinds = kinds
        self._right, self._other = right, other
        self._seen = Watched()
        self._lock = threading.Lock()

    @property
    def seen(self) -> Watched:
        """What was answered until now."""
        return self._seen

    def round(self) -> None:
        """Ask every server once for every type."""
        for server in self._servers:
            for kind, expected in self._kinds.items():
                self._one(server, kind, expected=expected)

    def _one(self, server: Server, kind: str, *, expected: bool) -> None:
        seen = self._seen
        try:
            answer = self._ask(server, self._name, kind)
        except SilentError:
            with self._lock:
                seen.asked += 1
                seen.silent += 1
            return
        fault = wrong(answer, kind, self._right, self._other, expected=expected)
        with self._lock:
            seen.asked += 1
            seen.by_server[server[0]] += 1
            if fault is not None:
                seen.wrong_count += 1
                if len(seen.wrong) < _KEPT:
                    seen.wrong.append(f"{server[0]} {fault} for {self._name} {kind}")

    @contextmanager
    def running(self) -> Iterator[Watched]:
        """Ask round by round until the block ends; the round under way is then finished."""
        ended = threading.Event()

        def rounds() -> None:
            while not ended.is_set():
                self.round()
                ended.wait(EVERY_SECONDS)

        thread = threading.Thread(target=rounds, name="answers", daemon=True)
        thread.start()
        try:
            yield self._seen
        finally:
            ended.set()
            thread.join()
