"""When a side is down: the same endpoint, three times in a row, while the other side answers it.

A probe sees one endpoint's bad luck: two failures in a row, of any endpoint, come every few days at 0.1 % of
errors. Three of the *same* endpoint come once in decades (benchmarks/sentinel_false_alarms.py).

And it must be the side, and not the way there: a failure counts only where the other side answered the same
endpoint in the same round. A network that loses now this and now that would still make three in a row one
day. So the other side may hardly have failed lately.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

IN_A_ROW: Final = 3
OTHER_MAY_FAIL: Final = 2
"""So often within LATELY_SECONDS, in all endpoints that it does not fail all the time."""
LATELY_SECONDS: Final = 60.0

Side = Literal["old", "new"]
SIDES: Final[tuple[Side, Side]] = ("old", "new")
_OTHER: Final[Mapping[Side, Side]] = {"old": "new", "new": "old"}

Answer = bool | None
"""Whether it was right; None where that is not known, by our own fault."""


class Pair(NamedTuple):
    """What both sides said to the same question, asked at once."""

    old: Answer
    new: Answer


class Streaks:
    """Counts failures in a row, side by side, endpoint by endpoint."""

    def __init__(self, endpoints: int) -> None:
        self._rows: dict[Side, list[int]] = {side: [0] * endpoints for side in SIDES}
        self._failed: dict[Side, deque[float]] = {side: deque() for side in SIDES}

    def take(self, seen: Mapping[int, Pair], now: float) -> None:
        """Take what both sides answered in one round, by endpoint; `now` is in seconds."""
        for endpoint, pair in seen.items():
            for side in SIDES:
                self._count(side, endpoint, getattr(pair, side), getattr(pair, _OTHER[side]))
                if getattr(pair, side) is False and self._rows[side][endpoint] < IN_A_ROW:
                    self._failed[side].append(now)
        for failed in self._failed.values():
            while failed and failed[0] <= now - LATELY_SECONDS:
                failed.popleft()

    def _count(self, side: Side, endpoint: int, mine: Answer, others: Answer) -> None:
        if mine is None or (others is None and mine is False):
            return
        # Both failed: it may be our own network, and nothing is in a row any more.
        counts = mine is False and others is True
        self._rows[side][endpoint] = self._rows[side][endpoint] + 1 if counts else 0

    def is_down(self, side: Side) -> bool:
        """Return whether the side is down. Each errs to where a mistake costs less: new is, when one endpoint
        is; old, on which a rollback rests, when none of its endpoints answers."""
        if len(self._failed[_OTHER[side]]) > OTHER_MAY_FAIL:
            return False
        rows = self._rows[side]
        return max(rows) >= IN_A_ROW and (side == "new" or min(rows) >= 1)

    def suspect(self) -> int | None:
        """Return the endpoint that is to be asked again soon: it failed, and not yet often enough."""
        rows = [row for side in SIDES if max(row := self._rows[side]) < IN_A_ROW]
        worst = [max(at) for at in zip(*rows, strict=True)]
        return worst.index(max(worst)) if any(worst) else None
