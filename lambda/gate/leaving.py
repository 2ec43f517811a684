"""Whether old leaves the doors or returns to them, and what is said when it may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gate.request import DECOMMISSION
from shared.promotion.change import HIGHEST, Change
from shared.properties import part


@dataclass(frozen=True)
class PhaseChange:
    """Whether old was out of the doors, and whether it is to be."""

    before: bool
    after: bool

    @property
    def leaves(self) -> bool:
        """Whether old is to leave."""
        return self.after and not self.before

    @property
    def returns(self) -> bool:
        """Whether old is to come back."""
        return self.before and not self.after

    @property
    def moves(self) -> bool:
        """Whether either."""
        return self.before is not self.after


def parse_phase(event: Mapping[str, Any]) -> PhaseChange:
    """Return what a custom resource's event asks for; a deletion leaves the doors as they are."""
    if event["RequestType"] == "Delete":
        return PhaseChange(False, False)
    # Where there are no earlier properties old was at the doors.
    earlier = event.get("OldResourceProperties")
    before = isinstance(earlier, Mapping) and DECOMMISSION in earlier
    return PhaseChange(before, DECOMMISSION in part(event, "ResourceProperties"))


def leaving_too_fast(change: Change) -> str:
    """Return why old may not leave in a deploy that moves the weight as well, or nothing."""
    if change.before == change.after == HIGHEST:
        return ""
    return (
        f"old may not leave the doors in the deploy that moves new_weight from {change.before} to "
        f"{change.after}: deploy 100 first, and let it be watched"
    )


def returning_too_fast(change: Change) -> str:
    """Return why old may not return in a deploy that moves the weight as well, or nothing.

    Edge locations get the function's new code and the distribution's origins each at their own time: one that
    sends viewers to old before it knows the origin would answer them with an error.
    """
    if change.after == HIGHEST:
        return ""
    return (
        f"old returns to the doors first, and gets viewers afterwards: deploy phase cutover at "
        "new_weight 100, "
        f"then {change.after}"
    )


def said_of_missing(lacks: Sequence[str]) -> str:
    """Return the refusal, or nothing where nothing is missing."""
    if not lacks:
        return ""
    return (
        f"old may not leave the doors yet, and no door was changed: {'; '.join(lacks)}. cutover "
        "decommission shows "
        "all of it. While you wait, take rollback.point_of_no_return out again, so that an alarm still "
        "rolls back"
    )
