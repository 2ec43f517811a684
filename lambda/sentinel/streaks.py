"""When a side is down: the same endpoint, four times in a row, while the other side answers it.

A probe sees one endpoint's bad luck: two failures in a row, of any endpoint, come every few days at 0.1 % of
errors. Four of the *same* endpoint come less than once a year at 1 % (benchmarks/sentinel_false_alarms.py).
An endpoint that is seen to fail more often, or in fits, needs up to eight (`sentinel.usual`).

And it must be the side, and not the way there: a failure counts only where the other side answered the same
endpoint in the same round. A network that loses now this and now that would still make four in a row one
day. So the other side may hardly have failed more than it usually does lately.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final, NamedTuple

from sentinel.turns import EVERY_SECONDS, rounds
from sentinel.usual import LEAST_IN_A_ROW, SIDES, Side, Usual

OTHER_MAY_FAIL: Final = LEAST_IN_A_ROW - 1
"""So often within LATELY_SECONDS, in all endpoints that it does not fail all the time, and..."""
TIMES_USUAL: Final = 3.0
"""... so many times as often as it usually does besides."""
LATELY_SECONDS: Final = 60.0

_OTHER: Final[Mapping[Side, Side]] = {"old": "new", "new": "old"}

Answer = bool | None
"""Whether it was right; None where that is not known, by our own fault."""


class Pair(NamedTuple):
    """What both sides said to the same question, asked at once."""

    old: Answer
    new: Answer


class Streaks:
    """Counts failures in a row, side by side, endpoint by endpoint, and adds to `usual` what was chance."""

    def __init__(self, endpoints: int, usual: Usual) -> None:
        self._usual = usual
        self._rows: dict[Side, list[int]] = {side: [0] * endpoints for side in SIDES}
        self._failed: dict[Side, deque[float]] = {side: deque() for side in SIDES}
        often = LATELY_SECONDS / EVERY_SECONDS
        self._asked = {
            one: often if one == 0 else often / rounds(endpoints) for one in range(endpoints)
        }

    def take(self, seen: Mapping[int, Pair], now: float) -> None:
        """Take what both sides answered in one round, by endpoint; `now` is in seconds."""
        for endpoint, pair in seen.items():
            for side in SIDES:
                self._count(side, endpoint, getattr(pair, side), getattr(pair, _OTHER[side]))
                row = self._rows[side][endpoint]
                if getattr(pair, side) is False and row < LEAST_IN_A_ROW:
                    self._failed[side].append(now)
        for failed in self._failed.values():
            while failed and failed[0] <= now - LATELY_SECONDS:
                failed.popleft()

    def _count(self, side: Side, endpoint: int, mine: Answer, others: Answer) -> None:
        if mine is None or (others is None and mine is False):
            return
        row = self._rows[side][endpoint]
        if mine and not self._is_enough(side, endpoint):
            self._usual.right(side, endpoint, row)
        # Both failed: it may be our own network, and nothing is in a row any more.
        counts = mine is False and others is True
        self._rows[side][endpoint] = row + 1 if counts else 0

    def _is_enough(self, side: Side, endpoint: int) -> bool:
        return self._rows[side][endpoint] >= self._usual.needed(side, endpoint)

    def is_down(self, side: Side) -> bool:
        """Return whether the side is down. Each errs to where a mistake costs less: new is, when one endpoint
        is; old, on which a rollback rests, when none of its endpoints answers."""
        other = _OTHER[side]
        may_fail = OTHER_MAY_FAIL + TIMES_USUAL * self._usual.failures(other, self._asked)
        if len(self._failed[other]) > may_fail:
            return False
        rows = self._rows[side]
        is_enough = any(self._is_enough(side, endpoint) for endpoint in range(len(rows)))
        return is_enough and (side == "new" or min(rows) >= 1)

    def missing(self) -> dict[int, tuple[int, int]]:
        """Return, of each endpoint that has failed and not yet often enough, how often in a row it has, and
        how often it must fail yet."""
        found: dict[int, tuple[int, int]] = {}
        for side in SIDES:
            rows = self._rows[side]
            if any(self._is_enough(side, endpoint) for endpoint in range(len(rows))):
                continue
            for endpoint, row in enumerate(rows):
                if row > found.get(endpoint, (0, 0))[0]:
                    found[endpoint] = (row, self._usual.needed(side, endpoint) - row)
        return found

    def needed(self, endpoint: int) -> int:
        """Return how often an endpoint must fail from now on, if it has not failed yet."""
        return max(self._usual.needed(side, endpoint) for side in SIDES)
