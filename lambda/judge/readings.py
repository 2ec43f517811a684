"""One question, asked of what probes may have been among the requests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from judge.minutes import Minute, untimed_without

Reading = tuple[Sequence[Minute], Sequence[Minute]]
"""The minutes of old and of new."""


def users_of(old: Sequence[Minute], new: Sequence[Minute], probes: int) -> list[Reading]:
    """Return both sides without so many probes a minute; nothing where there are none."""
    if not probes or not any(minute.probed for minute in old):
        return []
    return [(untimed_without(old, probes), untimed_without(new, probes))]


class _Evidence(Protocol):
    @property
    def p_value(self) -> float: ...


_E = TypeVar("_E", bound=_Evidence)


@dataclass(frozen=True)
class Weighed(Generic[_E]):
    """The evidence of every reading of what probes may have been.

    `passes` where no reading is against new; FAIL must hold in `every` one, also where the doubts are.
    """

    passes: bool
    every: Sequence[_E]

    @property
    def least_sure(self) -> _E:
        """The evidence with the largest p-value."""
        return max(self.every, key=lambda evidence: evidence.p_value)


def weighed(
    weigh: Callable[[Sequence[Minute], Sequence[Minute]], _E],
    readings: Sequence[Reading],
    doubts: Sequence[Reading],
    level: float,
) -> Weighed[_E]:
    """Return what `weigh` says of each reading, and whether none of `readings` is sure at `level`."""
    found = [weigh(old, new) for old, new in readings]
    passes = all(evidence.p_value > level for evidence in found)
    return Weighed(passes, found + [weigh(old, new) for old, new in doubts])
