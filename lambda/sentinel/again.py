"""When an endpoint is asked again out of turn: it has failed, or it takes long to answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

from sentinel.streaks import Pair, Streaks

AGAIN_SECONDS: Final = 2 / 3
"""So soon an endpoint that has failed is asked again: four failures take two seconds."""
MOST_AGAIN: Final = 12
"""So often in a run at most: a side that is in trouble must not get more to do."""
LONG: Final = 0.5
"""Who has taken so much of the limit may not answer at all, and is asked again without waiting for the rest:
else each question of a hang would cost the whole limit."""


class Again:
    """Says which endpoint is asked next out of turn, and when.

    One at a time, and the one that has failed most often: where all fail, one must soon be told from bad
    luck.
    """

    def __init__(self, streaks: Streaks, limit_seconds: float) -> None:
        self._streaks = streaks
        self._long = LONG * limit_seconds
        self._left = MOST_AGAIN
        self._under_way: dict[int, deque[float]] = {}
        self._last: dict[int, float] = {}
        self._slow: set[int] = set()

    def began(self, asked: Sequence[int], now: float) -> None:
        """Note that these were asked, `now` in seconds of the clock."""
        for endpoint in asked:
            self._under_way.setdefault(endpoint, deque()).append(now)
            self._last[endpoint] = now

    def asked_again(self) -> None:
        """Note that one of them was asked out of turn."""
        self._left -= 1

    def ended(self, asked: Sequence[int], seen: Mapping[int, Pair] | None) -> None:
        """Note what came of the oldest round under way, which asked these; None: it does not count."""
        for endpoint in asked:
            under_way = self._under_way[endpoint]
            under_way.popleft()
            pair = (seen or {}).get(endpoint)
            if under_way and pair is not None and all(pair):
                # It was asked again while it answered: it is slow, and does not hang.
                self._slow.add(endpoint)

    def next(self) -> tuple[float, int] | None:
        """Return when which endpoint is to be asked again; None if none is."""
        if not self._left:
            return None
        missing = self._streaks.missing()
        due: list[tuple[int, bool, int, float]] = []
        for endpoint, (row, more) in missing.items():
            under_way = len(self._under_way.get(endpoint, ()))
            if under_way < more:
                soon = self._last[endpoint] + AGAIN_SECONDS
                due.append((-row - under_way, False, endpoint, soon))
        for endpoint, asked in self._under_way.items():
            if endpoint in missing or endpoint in self._slow or not asked:
                continue
            if len(asked) < self._streaks.needed(endpoint):
                long = max(asked[0] + self._long, self._last[endpoint] + AGAIN_SECONDS)
                due.append((-len(asked), True, endpoint, long))
        if not due:
            return None
        *_, endpoint, at = min(due)
        return at, endpoint
