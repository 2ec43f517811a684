"""How often each endpoint of each side fails without being down, and how many failures in a row that takes.

A function remembers this for as long as its process lives (Lambda Developer Guide,
lambda-runtime-environment: what is declared outside the handler stays as it is from call to call). Without a
memory an endpoint counts as one that fails once in a thousand times.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

Side = Literal["old", "new"]
SIDES: Final[tuple[Side, Side]] = ("old", "new")

LEAST_IN_A_ROW: Final = 4
MOST_IN_A_ROW: Final = 8
"""An endpoint that fails so often by itself that these are not enough is the rates' to judge: a dead new must
be seen in seconds still."""
MAY_BE_CHANCE: Final = 1e-8
"""So rarely, for each time it is asked, may an endpoint that is not down fail as often in a row as it takes:
the first is asked 18 million times a year."""
KEEPS: Final = 0.99
"""Of what is remembered, from run to run: a hundred runs count."""

_SHARE: Final = 0.001
_ASKED: Final = 200.0
_AGAIN: Final = 10.0
"""What is taken for known before anything is: this share, as if seen in so many questions; and that an
endpoint that has just failed fails no more often than else, as if seen in so many."""


class _Tally:
    """What one endpoint of one side did while it was not down.

    Attributes
    ----------
    share : float
        How often it fails, 0 to 1, when it has not just failed.
    needed : int
        How many failures in a row are no chance any more.
    """

    def __init__(self) -> None:
        self._asked = self._failed = self._again = self._continued = 0.0
        self._learn()

    def right(self, row: int) -> None:
        """Take a right answer after `row` failures."""
        self._asked += 1
        if row:
            self._failed += 1
            self._again += row
            self._continued += row - 1
            self._learn()

    def fade(self) -> None:
        """Let all of it count less."""
        self._asked *= KEEPS
        self._failed *= KEEPS
        self._again *= KEEPS
        self._continued *= KEEPS
        self._learn()

    def _learn(self) -> None:
        self.share = (self._failed + _ASKED * _SHARE) / (self._asked + _ASKED)
        stays = (self._continued + _AGAIN * self.share) / (self._again + _AGAIN)
        wanted, chance = 1, self.share
        while wanted < MOST_IN_A_ROW and (wanted < LEAST_IN_A_ROW or chance > MAY_BE_CHANCE):
            wanted, chance = wanted + 1, chance * stays
        self.needed = wanted


class Usual:
    """Remembers how both sides' endpoints fail by chance: what became a side that is down is not among it."""

    def __init__(self, endpoints: int) -> None:
        self._tallies: Mapping[Side, list[_Tally]] = {
            side: [_Tally() for _ in range(endpoints)] for side in SIDES
        }

    def right(self, side: Side, endpoint: int, row: int) -> None:
        """Remember a right answer after `row` failures that were too few to mean anything."""
        self._tallies[side][endpoint].right(row)

    def fade(self) -> None:
        """Begin a run: what is long ago counts less."""
        for tallies in self._tallies.values():
            for tally in tallies:
                tally.fade()

    def needed(self, side: Side, endpoint: int) -> int:
        """Return how many failures of this endpoint in a row it takes: LEAST_IN_A_ROW to MOST_IN_A_ROW."""
        return self._tallies[side][endpoint].needed

    def failures(self, side: Side, asked: Mapping[int, float]) -> float:
        """Return how many failures of the side are to be expected when each endpoint is asked so often."""
        return sum(self._tallies[side][one].share * often for one, often in asked.items())
