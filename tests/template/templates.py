"""Templates as tests read them."""

from __future__ import annotations

from typing import Any

Templates = dict[str, dict[str, Any]]
"""Templates by stack name."""


def resources(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of each resource of type `kind` by logical id."""
    return {
        logical_id: resource.get("Properties", {})
        for logical_id, resource in template["Resources"].items()
        if resource["Type"] == kind
    }
