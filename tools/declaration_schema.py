"""Print the JSON Schema of the declaration, made from the declaration itself: `make docs`.

Editors read it for completion and complaints. It knows types, ranges and patterns; what ties two keys
together only the reader knows, which everything still passes through.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue
from pydantic_core import CoreSchema

from cutover.declaration.reading.context import SERVICE_NAME
from cutover.declaration.reading.schema_key import SCHEMA_KEY
from cutover.declaration.service import Service
from cutover.paths import ROOT

FILE: Final = ROOT / "docs" / "cutover.schema.json"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema of a cdk.json, and of a file that holds the services alone.

    Which of the two a file is, is told as the reader tells it: a cdk.json has both app and context.
    """
    service = Service.model_json_schema(schema_generator=_Plain)
    parts = service.pop("$defs")
    services = {
        "type": "object",
        "description": "the services to move, each by its name: 2 to 31 small letters, digits and dashes, "
        "starting with a letter, ending with a letter or a digit",
        "properties": {
            SCHEMA_KEY: {"type": "string", "description": "where an editor finds this schema"}
        },
        "patternProperties": {f"^{SERVICE_NAME.pattern}$": {"$ref": "#/$defs/Service"}},
        "additionalProperties": False,
        "if": {"required": [SCHEMA_KEY]},
        "then": {"minProperties": 2},
        "else": {"minProperties": 1},
    }
    cdk_json = {
        "properties": {
            "context": {
                "type": "object",
                "properties": {"cutover": {"$ref": "#/$defs/Services"}},
                "required": ["cutover"],
            }
        }
    }
    return {
        "$schema": _DIALECT,
        "title": "The declaration of a cutover",
        "if": {"type": "object", "required": ["app", "context"]},
        "then": cdk_json,
        "else": {"$ref": "#/$defs/Services"},
        "$defs": {"Services": services, "Service": service, **parts},
    }


class _Plain(GenerateJsonSchema):
    """Leaves out what editors would do harm with: titles, which repeat the key in capitals, and the defaults
    of whole parts, which they would write into the file."""

    def generate(self, schema: CoreSchema, mode: JsonSchemaMode = "validation") -> JsonSchemaValue:
        made: JsonSchemaValue = _plain(super().generate(schema, mode))
        return made


def _plain(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _plain(value) for key, value in part.items() if not _does_harm(key, value)}
    return [_plain(one) for one in part] if isinstance(part, list) else part


def _does_harm(key: str, value: Any) -> bool:
    # A key of the declaration that is called so is described by an object with a type.
    if key == "title":
        return isinstance(value, str)
    return key == "default" and isinstance(value, dict) and "type" not in value


def written() -> str:
    """Return the file's text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        FILE.write_text(written(), encoding="utf-8")
    else:
        sys.stdout.write(written())
