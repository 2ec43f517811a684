"""The sentinel's two sides in made-up time: its own code runs, and nobody waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from sentinel.streaks import Pair

LIMIT_SECONDS = 1.5
ANSWERS_IN_SECONDS = 0.1

Answers = Callable[[float, int], tuple[Pair | None, float]]
"""What both sides say to an endpoint that is asked at a time, in seconds, and how long that takes; no pair
where the round does not count."""


class MadeUpTime:
    """A clock from `at` on, and both sides, which answer as `answers` says."""

    def __init__(
        self, answers: Answers, at: float = 0.0, limit_seconds: float = LIMIT_SECONDS
    ) -> None:
        self.limit_seconds = limit_seconds
        self.at = at
        self._answers = answers
        self._rounds: deque[tuple[float, dict[int, Pair] | None]] = deque()

    def now(self) -> float:
        """Return the time."""
        return self.at

    def begin(self, asked: Sequence[int]) -> None:
        """Ask both sides."""
        said = {one: self._answers(self.at, one) for one in asked}
        over = self.at + max(seconds for _, seconds in said.values())
        known = {one: pair for one, (pair, _) in said.items() if pair is not None}
        self._rounds.append((over, known if len(known) == len(said) else None))

    def wait(self, seconds: float) -> list[Mapping[int, Pair] | None]:
        """Let time pass."""
        until = self.at + seconds
        self.at = until if not self._rounds else max(self.at, min(until, self._rounds[0][0]))
        seen: list[Mapping[int, Pair] | None] = []
        while self._rounds and self._rounds[0][0] <= self.at:
            seen.append(self._rounds.popleft()[1])
        return seen
