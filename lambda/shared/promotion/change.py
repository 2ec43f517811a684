"""What CloudFormation asks the gate: from which weight to which, and which groups join."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.promotion.groups import joining, parse_groups, said_of
from shared.properties import PropertyError, part, whole

HIGHEST = 100


@dataclass(frozen=True)
class Change:
    """A change of new's weight, in percent.

    A stack that is created starts from 0: before it, no viewer reached new. `joins` names the groups that
    come to new with it.
    """

    before: int
    after: int
    joins: tuple[str, ...] = ()

    @property
    def rises(self) -> bool:
        """Whether new gets more traffic; anything else passes without a check."""
        return self.after > self.before or bool(self.joins)

    @property
    def said(self) -> str:
        """It in words, like `new_weight 5 to 10, and the group staff joins`."""
        stays = self.before == self.after and self.joins
        moves = (
            f"new_weight stays at {self.after}"
            if stays
            else f"new_weight {self.before} to {self.after}"
        )
        if not self.joins:
            return moves
        return f"{moves}, and {said_of(self.joins)} join{'s' * (len(self.joins) == 1)}"


def parse_change(event: Mapping[str, Any]) -> Change:
    """Return the change that a custom resource's event asks for (CloudFormation User Guide,
    crpg-ref-requests). A deletion takes new's weight away.

    Nothing rises to 0: a fall to it, and a deletion, are told whatever was there before.

    Raises
    ------
    PropertyError
        When it names no weight from 0 to 100, or a group that cannot be read.
    """
    if part(event, "RequestType") == "Delete":
        return Change(_weight_or_none(event, "ResourceProperties"), 0)
    wanted = part(event, "ResourceProperties")
    after = _weight(wanted)
    earlier: Any = {"NewWeight": 0}
    if event["RequestType"] == "Update":
        if after == 0:
            return Change(_weight_or_none(event, "OldResourceProperties"), 0)
        earlier = part(event, "OldResourceProperties")
    before = _weight(earlier)
    if before == HIGHEST:
        # Everybody is on new, in a group or not.
        return Change(before, after)
    return Change(
        before, after, joining(parse_groups(earlier), before, parse_groups(wanted), after)
    )


def _weight(properties: Any) -> int:
    return whole(properties, "NewWeight", 0, HIGHEST)


def _weight_or_none(event: Mapping[str, Any], where: str) -> int:
    """Return the weight there; 0 where it cannot be read."""
    try:
        return _weight(part(event, where))
    except PropertyError:
        return 0
