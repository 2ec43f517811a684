"""One hash for what CloudFormation would do, the same however AWS orders its answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

_OF_THE_CHANGE_SET: Final = (
    *("ChangeSetType", "OnStackFailure", "RollbackConfiguration", "NotificationARNs"),
    *("IncludeNestedStacks", "ImportExistingResources", "DeploymentMode"),
)
_OF_A_CHANGE: Final = (
    *("Action", "LogicalResourceId", "ResourceType", "Replacement", "PolicyAction", "Scope"),
    "Details",
)


def canonical(value: Any) -> str:
    """Return `value` as JSON with sorted keys and no space: equal values, equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def fingerprint(value: Any) -> str:
    """Return the SHA-256 of `value`, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def of_change_set(template: Any, described: Mapping[str, Any], changes: Iterable[Any]) -> str:
    """Return the fingerprint of everything that a change set would do.

    Parameters
    ----------
    template : object
        The change set's own template, as GetTemplate with its name returns it. The names of assets are hashes
        of what they hold, so this covers them too.
    described : mapping
        The answer of DescribeChangeSet.
    changes : iterable
        Its changes, of every page. CloudFormation promises no order.
    """
    return fingerprint(
        {
            "template": template,
            "parameters": _sorted(described.get("Parameters", ())),
            "tags": _sorted(described.get("Tags", ())),
            "capabilities": sorted(described.get("Capabilities", ())),
            "options": {key: described[key] for key in _OF_THE_CHANGE_SET if described.get(key)},
            "changes": _sorted(_change(change.get("ResourceChange", change)) for change in changes),
        }
    )


def _change(change: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: change[key] for key in _OF_A_CHANGE if key in change}
    for key in ("Scope", "Details"):
        if key in kept:
            kept[key] = _sorted(kept[key])
    return kept


def _sorted(values: Iterable[Any]) -> list[Any]:
    return sorted(values, key=canonical)
