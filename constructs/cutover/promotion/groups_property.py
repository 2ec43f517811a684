"""The groups as gate and bake are given them, whatever the weight: its change shows nothing of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cutover.declaration.groups import Group


def groups_property(groups: Sequence[Group]) -> dict[str, Any]:
    """Return the property that holds them; without groups, none."""
    if not groups:
        return {}
    return {
        "Groups": [
            {
                "Name": group.name,
                "FromWeight": group.first_weight,
                "By": group.by,
                "Values": list(group.values),
            }
            for group in groups
        ]
    }
