"""Several services side by side, made from the one in cdk.json."""

from __future__ import annotations

import copy
from typing import Any


def several(context: dict[str, Any], *names: str, **weights: int) -> dict[str, Any]:
    """Return a declaration of services `names`, each with load balancers of its own; those of `weights`
    declare so many percent for new, the others none."""
    like = context["cutover"]["chatmrpt"]
    found = {}
    for number, name in enumerate(names):
        service = copy.deepcopy(like)
        service["new_weight"] = weights.get(name, 0)
        for side in ("old", "new"):
            for key, value in service[side].items():
                if isinstance(value, str):
                    service[side][key] = value.replace("chatmrpt", f"{name}{number}")
        found[name] = service
    return found
