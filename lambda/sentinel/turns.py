"""Which endpoints are asked when: the first every two seconds, each other every ten, a few at a time."""

from __future__ import annotations

from typing import Final

EVERY_SECONDS: Final = 2.0
ROUNDS: Final = 5
"""In so many rounds each endpoint is asked."""


class Turns:
    """Says what is due, round by round. Each round asks about as many, because a small function that asks all
    of twenty at once is slow by itself."""

    def __init__(self, endpoints: int) -> None:
        self._endpoints = endpoints
        self._round = 0

    def next(self) -> list[int]:
        """Return which endpoints the next round asks, by number."""
        self._round += 1
        turn = self._round % ROUNDS
        return [0, *(one for one in range(1, self._endpoints) if one % ROUNDS == turn)]
