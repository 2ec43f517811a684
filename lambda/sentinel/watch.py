"""One run: asks both sides by the clock, a little longer than until the next run begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from sentinel.streaks import SIDES, Pair, Side, Streaks
from sentinel.turns import EVERY_SECONDS, Turns

RUN_SECONDS: Final = 70.0
"""A run begins each minute and counts from nothing: two overlap for as long as three answers that never come
take, and the seconds by which a run may begin late (EventBridge User Guide, eb-create-rule-schedule: "within
that minute, but not on the precise 0th second")."""
AGAIN_SECONDS: Final = 1.0
"""So soon an endpoint that has failed is asked again."""
MOST_AGAIN: Final = 12
"""So often in a run at most: a side that is in trouble must not get more to do."""
TRUST_AFTER_SECONDS: Final = 20.0
"""Then the run says whether it sees anything."""

Ask = Callable[[Sequence[int]], Mapping[int, Pair] | None]
"""Asks both sides for these endpoints at once; None where it was slow by its own fault."""


class Clock(Protocol):
    """Time in seconds, and waiting for it."""

    def now(self) -> float:
        """Return the time since some moment."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Told(Protocol):
    """Tells the world."""

    def down(self, sides: Sequence[Side], now: float) -> None:
        """Tell which sides are down after a round, if any is."""

    def watches(self, sees: bool) -> None:
        """Tell whether the run sees both sides."""


@dataclass
class Watched:
    """What became of a run.

    Attributes
    ----------
    rounds : int
    blind : int
        Rounds in which neither side answered anything.
    late : int
        Rounds that do not count, because this function itself was too slow.
    down : set of str
        The sides that were down at any time.
    """

    rounds: int = 0
    blind: int = 0
    late: int = 0
    down: set[Side] = field(default_factory=set)

    @property
    def sees(self) -> bool:
        """Whether at least half of the rounds that should have been made by now tell something."""
        wanted = TRUST_AFTER_SECONDS / EVERY_SECONDS / 2
        return self.rounds - self.blind - self.late >= wanted


def watch(endpoints: int, ask: Ask, told: Told, clock: Clock) -> Watched:
    """Watch for RUN_SECONDS and return what became of it."""
    streaks, turns, watched = Streaks(endpoints), Turns(endpoints), Watched()
    began = due = clock.now()
    again, has_said = MOST_AGAIN, False
    while (now := clock.now()) < began + RUN_SECONDS:
        asked: list[int] = []
        if now >= due:
            asked = turns.next()
            due = max(due + EVERY_SECONDS, now)
        suspect = streaks.suspect() if again else None
        if suspect is not None and suspect not in asked:
            asked.append(suspect)
            again -= 1
        if asked:
            _round(ask(asked), streaks, watched, clock.now())
        down = [side for side in SIDES if streaks.is_down(side)]
        watched.down.update(down)
        told.down(down, clock.now())
        if not has_said and clock.now() >= began + TRUST_AFTER_SECONDS:
            told.watches(watched.sees)
            has_said = True
        soon = now + AGAIN_SECONDS if again and streaks.suspect() is not None else due
        clock.sleep(max(0.0, min(due, soon) - clock.now()))
    return watched


def _round(seen: Mapping[int, Pair] | None, streaks: Streaks, watched: Watched, now: float) -> None:
    watched.rounds += 1
    if seen is None:
        watched.late += 1
        return
    watched.blind += not any(answer for pair in seen.values() for answer in pair)
    streaks.take(seen, now)
