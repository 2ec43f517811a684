"""Whose turn it is, where several services are declared: so many on their way at once, wave after wave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from cutover.declaration.fleet import Fleet


class Progress(Enum):
    """How far a service is."""

    NOT_BEGUN = auto()
    ON_ITS_WAY = auto()
    FINISHED = auto()


@dataclass(frozen=True)
class Seen:
    """One service; `how` says it in words, like `25 %`."""

    progress: Progress
    how: str


def waits(fleet: Fleet, seen: Mapping[str, Seen], rising: Iterable[str]) -> dict[str, str]:
    """Return which of `rising` must wait, and why.

    Nobody rises before all of the earlier waves have finished. At most `at_once` services rise together, and
    at most so many are on their way: whoever has begun keeps a place until it has finished, thrown switch or
    not.

    Parameters
    ----------
    fleet : Fleet
    seen : mapping of str to Seen
        Every declared service.
    rising : iterable of str
        Who is to rise. Those on their way go first, else the earlier.
    """
    on_their_way = [name for name, one in seen.items() if one.progress is Progress.ON_ITS_WAY]
    going: list[str] = []
    told: dict[str, str] = {}
    for name in sorted(rising, key=lambda name: name not in on_their_way):
        unfinished = [
            other for other in fleet.before(name) if seen[other].progress is not Progress.FINISHED
        ]
        begins = name not in on_their_way
        taken = [*on_their_way, *(one for one in going if one not in on_their_way)]
        if unfinished:
            others = _listed([f"{other} ({seen[other].how})" for other in unfinished])
            told[name] = (
                f"wave {fleet.wave_of(name)} rises when the earlier have finished: {others}"
            )
        elif len(going) >= fleet.at_once:
            told[name] = f"{_many(fleet.at_once)} at once, and first come: {_listed(going)}"
        elif begins and len(taken) >= fleet.at_once:
            told[name] = f"{_many(fleet.at_once)} at once, and on their way: {_listed(taken)}"
        else:
            going.append(name)
    return told


def _many(at_once: int) -> str:
    return "one service moves" if at_once == 1 else f"{at_once} services move"


def _listed(names: Sequence[str]) -> str:
    most = 5
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
