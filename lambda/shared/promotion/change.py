"""What CloudFormation asks the gate: from which weight to which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

HIGHEST = 100


@dataclass(frozen=True)
class Change:
    """A change of new's weight, in percent.

    A stack that is created starts from 0: before it, no viewer reached new.
    """

    before: int
    after: int

    @property
    def rises(self) -> bool:
        """Whether new gets more traffic; anything else passes without a check."""
        return self.after > self.before


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
    before = _weight(event["OldResourceProperties"]) if event["RequestType"] == "Update" else 0
    return Change(before, _weight(event["ResourceProperties"]))


def _weight(properties: Mapping[str, Any]) -> int:
    weight = int(properties["NewWeight"])
    if not 0 <= weight <= HIGHEST:
        raise ValueError(f"NewWeight is {weight}: it must be from 0 to {HIGHEST}")
    return weight
