"""One run: asks both sides by the clock, a little longer than until the next run begins."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from sentinel.again import Again
from sentinel.streaks import Pair, Streaks
from sentinel.turns import EVERY_SECONDS, Turns
from sentinel.usual import SIDES, Side, Usual

RUN_SECONDS: Final = 70.0
"""A run begins each minute and counts from nothing: two overlap for as long as the answers that never come
take, and the seconds by which a run may begin late (EventBridge User Guide, eb-create-rule-schedule: "within
that minute, but not on the precise 0th second")."""
TRUST_AFTER_SECONDS: Final = 20.0
"""Then the run says whether it sees anything."""


class Clock(Protocol):
    """Time in seconds."""

    def now(self) -> float:
        """Return the seconds since some moment, always the same one."""


class Asks(Protocol):
    """Asks both sides.

    Attributes
    ----------
    limit_seconds : float
        An answer that takes longer is none.
    """

    limit_seconds: float

    def begin(self, asked: Sequence[int]) -> None:
        """Begin a round that asks both sides for these endpoints at once."""

    def wait(self, seconds: float) -> list[Mapping[int, Pair] | None]:
        """Wait so long, 0 or more, or until the oldest round under way is over. Return what rounds have seen,
        oldest first, up to the first that is not over; None where one was slow by its own fault."""


class Told(Protocol):
    """Tells the world."""

    def down(self, sides: Sequence[Side], now: float) -> None:
        """Tell which sides are down after a round, if any is; `now` is in seconds of the clock."""

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


def watch(endpoints: int, asks: Asks, told: Told, clock: Clock, usual: Usual) -> Watched:
    """Watch for RUN_SECONDS and return what became of it; what failed by chance is added to `usual`."""
    usual.fade()
    streaks, turns, watched = Streaks(endpoints, usual), Turns(endpoints), Watched()
    again = Again(streaks, asks.limit_seconds)
    under_way: deque[Sequence[int]] = deque()
    began = due = clock.now()
    has_said = False
    while (now := clock.now()) < began + RUN_SECONDS:
        asked: list[int] = []
        if now >= due:
            asked = turns.next()
            due = max(due + EVERY_SECONDS, now)
        suspect = again.next()
        if suspect is not None and suspect[0] <= now and suspect[1] not in asked:
            asked.append(suspect[1])
            again.asked_again()
        if asked:
            asks.begin(asked)
            again.began(asked, now)
            under_way.append(asked)
            suspect = again.next()
        soon = due if suspect is None else min(due, suspect[0])
        for seen in asks.wait(max(0.0, soon - clock.now())):
            of = under_way.popleft()
            _take(seen, streaks, watched, clock.now())
            again.ended(of, seen)
            down = [side for side in SIDES if streaks.is_down(side)]
            watched.down.update(down)
            told.down(down, clock.now())
        if not has_said and clock.now() >= began + TRUST_AFTER_SECONDS:
            told.watches(watched.sees)
            has_said = True
    return watched


def _take(seen: Mapping[int, Pair] | None, streaks: Streaks, watched: Watched, now: float) -> None:
    watched.rounds += 1
    if seen is None:
        watched.late += 1
        return
    watched.blind += not any(answer for pair in seen.values() for answer in pair)
    streaks.take(seen, now)
