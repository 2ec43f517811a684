"""What CloudFormation asks the gate: from which weight to which, and which groups join."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.promotion.groups import joining, parse_groups, said_of

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

    Raises
    ------
    ValueError
        When it names no weight from 0 to 100.
    """
    if event["RequestType"] == "Delete":
        return Change(_weight(event["ResourceProperties"]), 0)
    earlier: Mapping[str, Any] = {"NewWeight": 0}
    if event["RequestType"] == "Update":
        earlier = event["OldResourceProperties"]
    wanted = event["ResourceProperties"]
    before, after = _weight(earlier), _weight(wanted)
    if before == HIGHEST:
        # Everybody is on new, in a group or not.
        return Change(before, after)
    return Change(
        before, after, joining(parse_groups(earlier), before, parse_groups(wanted), after)
    )


def _weight(properties: Mapping[str, Any]) -> int:
    weight = int(properties["NewWeight"])
    if not 0 <= weight <= HIGHEST:
        raise ValueError(f"NewWeight is {weight}: it must be from 0 to {HIGHEST}")
    return weight
