"""Both sides' minutes as the edge's real-time log counted them: viewers alone, where it tells of a minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from judge.minutes import Minute


@dataclass(frozen=True)
class Told:
    """One minute of both sides.

    Attributes
    ----------
    old, new : Minute
        Not `probed`; what is neither an error nor `refused` counts as succeeded.
    of_groups : int
        Of new's requests, those of viewers who are there as one of a group.
    """

    old: Minute
    new: Minute
    of_groups: int = 0


@dataclass(frozen=True)
class Viewers:
    """What the log tells.

    Attributes
    ----------
    told : sequence of Told or None
        Oldest first; None where the log is not to be taken for whole.
    everybody : bool
        Whether all users come through the edge: not where there is a dns door too.
    """

    told: Sequence[Told | None]
    everybody: bool = True

    def in_place_of(
        self, old: Sequence[Minute], new: Sequence[Minute]
    ) -> tuple[list[Minute], list[Minute]]:
        """Return the minutes of both sides, as many as there are here, by the log where it tells of them."""
        pairs = [
            (by_old, by_new) if told is None else (told.old, told.new)
            for told, by_old, by_new in zip(self.told, old, new, strict=True)
        ]
        return [by_old for by_old, _ in pairs], [by_new for _, by_new in pairs]

    def newest(self, count: int) -> Viewers:
        """Return so many of the newest minutes, 1 at least, or all where there are fewer."""
        return replace(self, told=self.told[-count:])
