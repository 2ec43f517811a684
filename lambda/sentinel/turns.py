"""Which endpoints are asked when: the first every two seconds, the others in turn, each within ten."""

from __future__ import annotations

from typing import Final

EVERY_SECONDS: Final = 2.0
FEWEST_ROUNDS, MOST_ROUNDS = 3, 5
"""In so many rounds each endpoint is asked. Few come round sooner, in three rounds at least: what is asked is
in a side's metrics, and nobody's (decision 071)."""


def rounds(endpoints: int) -> int:
    """Return in how many rounds each of `endpoints` is asked."""
    return max(FEWEST_ROUNDS, min(MOST_ROUNDS, endpoints - 1))


class Turns:
    """Says what is due, round by round. Each round asks about as many, because a small function that asks all
    of twenty at once is slow by itself."""

    def __init__(self, endpoints: int) -> None:
        self._endpoints = endpoints
        self._rounds = rounds(endpoints)
        self._round = 0

    def next(self) -> list[int]:
        """Return which endpoints the next round asks, by number."""
        self._round += 1
        turn = self._round % self._rounds
        return [0, *(one for one in range(1, self._endpoints) if one % self._rounds == turn)]
