"""`$schema`, by which an editor finds docs/cutover.schema.json: the one key beside the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cutover.declaration.shown import shown_value

SCHEMA_KEY: Final = "$schema"


def services_in(declared: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is declared, without the editor's key."""
    return {name: body for name, body in declared.items() if name != SCHEMA_KEY}


def fault_of_schema_key(declared: Mapping[str, Any], source: str) -> list[str]:
    """Return a sentence when the key holds what no editor can follow."""
    given = declared.get(SCHEMA_KEY, "")
    if isinstance(given, str):
        return []
    return [
        f"{source}: cutover.{SCHEMA_KEY} is {shown_value(given)}. It must be: where the schema for editors "
        "stands, like docs/cutover.schema.json; or leave it out."
    ]
