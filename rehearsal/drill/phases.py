"""How long each phase took, and what was lost, read off a recording."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rehearsal.drill.recording import DOORS, Recording
from rehearsal.world.stream import Seen

Side = Literal["old", "new"]


@dataclass(frozen=True)
class Lost:
    """Requests that failed: reads, writes, and those of both that only the healthy side was asked for."""

    reads: int = 0
    writes: int = 0
    where_healthy: int = 0


@dataclass(frozen=True)
class Phases:
    """In seconds; None where there was none.

    Attributes
    ----------
    detect : float or None
        From the fault to the first alarm in ALARM.
    decide : float or None
        From that alarm to the decision, which is the time in the switch's own record.
    act : dict of str to float or None
        From the decision to the switch in force, by door.
    last_wrong : dict of str to float or None
        From the fault to the last answer of the broken side, by door.
    health : float or None
        From the fault to the health check that turned the dns door.
    told : float or None
        From the fault to the first message to a person.
    lost : dict of str to Lost
        By door.
    """

    detect: float | None
    decide: float | None
    act: dict[str, float | None]
    last_wrong: dict[str, float | None]
    health: float | None
    told: float | None
    lost: dict[str, Lost]

    def to_dict(self) -> dict[str, Any]:
        """Return it as results.json holds it."""
        return asdict(self)


def phases_of(
    recording: Recording, wrong: Side | None, broken: Collection[Side], fault_at: float | None
) -> Phases:
    """Return the phases after the fault at `fault_at`; `wrong` is the side that should serve nobody."""
    since = recording.began if fault_at is None else fault_at
    alarm = recording.first("alarm", since)
    decided = recording.first("decided", since, "thrown")
    told = recording.first("told", since)
    health = recording.first("note", since, "health check")
    act: dict[str, float | None] = dict.fromkeys(DOORS)
    if decided is not None:
        for door in DOORS:
            # A door may be seen thrown before the clock of the function says that it decided.
            in_force = recording.first(door, since, "thrown")
            act[door] = None if in_force is None else max(0.0, in_force.at - decided.at)
    return Phases(
        detect=None if alarm is None else alarm.at - since,
        decide=None if alarm is None or decided is None else decided.at - alarm.at,
        act=act,
        last_wrong={
            door: _last(recording.requests.get(door, ()), wrong, since) if wrong else None
            for door in DOORS
        },
        health=None if health is None else health.at - since,
        told=None if told is None else told.at - since,
        lost={door: lost(recording.requests.get(door, ()), broken, since) for door in DOORS},
    )


def _last(seen: Sequence[Seen], wrong: Side, since: float) -> float | None:
    ends = [s.at for s in seen if s.at > since and s.side == wrong]
    return max(ends) - since if ends else None


def lost(seen: Iterable[Seen], broken: Collection[Side], since: float) -> Lost:
    """Return what failed since then.

    A request is lost on the healthy side where no broken side was asked: also where nobody tells whom
    the door asked.
    """
    failed = [s for s in seen if s.at >= since and s.failure]
    writes = sum(s.method == "POST" for s in failed)
    healthy = sum(not set(s.asked) & set(broken) for s in failed)
    return Lost(len(failed) - writes, writes, healthy)
