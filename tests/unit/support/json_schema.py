"""As much of JSON Schema (2020-12) as docs/readiness-report.schema.json uses; another keyword is an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

Schema = dict[str, Any]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
_APPLIES_TO: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "minItems": ("array", lambda value, least: len(value) >= least),
    "maxItems": ("array", lambda value, most: len(value) <= most),
    "minLength": ("string", lambda value, least: len(value) >= least),
    "pattern": ("string", lambda value, pattern: re.search(pattern, value) is not None),
    "minimum": ("number", lambda value, least: value >= least),
}
_SAYS_NOTHING = {"$schema", "$defs", "title", "description", "then"}


def faults(value: Any, schema: Schema, root: Schema, at: str = "report") -> Iterator[str]:
    """Yield each place where `value` is not as `schema`, a part of `root`, has it."""
    for keyword, wanted in schema.items():
        if keyword in _SAYS_NOTHING:
            continue
        for inner, part, place in _inside(keyword, wanted, value, schema, root, at):
            yield from faults(inner, part, root, place)
        if not _holds(keyword, wanted, value):
            yield f"{at}: {value!r} is not {keyword} {wanted!r}"


def _inside(
    keyword: str, wanted: Any, value: Any, schema: Schema, root: Schema, at: str
) -> Iterator[tuple[Any, Schema, str]]:
    """Yield what else must hold: a value, the schema for it, and its place."""
    if keyword == "$ref":
        yield value, root["$defs"][wanted.removeprefix("#/$defs/")], at
    elif keyword == "allOf":
        yield from ((value, one, at) for one in wanted)
    elif keyword == "if" and not list(faults(value, wanted, root)):
        yield value, schema["then"], at
    elif keyword == "properties" and isinstance(value, dict):
        yield from ((value[k], wanted[k], f"{at}.{k}") for k in wanted.keys() & value.keys())
    elif keyword == "items" and isinstance(value, list):
        yield from ((item, wanted, f"{at}[{i}]") for i, item in enumerate(value))


def _holds(keyword: str, wanted: Any, value: Any) -> bool:
    if keyword in {"$ref", "allOf", "if", "properties", "items"}:
        return True
    if keyword == "type":
        return any(_is(kind, value) for kind in ([wanted] if isinstance(wanted, str) else wanted))
    if keyword == "required":
        return not isinstance(value, dict) or set(wanted) <= set(value)
    if keyword in {"const", "enum"}:
        return value in ([wanted] if keyword == "const" else wanted)
    kind, holds = _APPLIES_TO[keyword]
    return not _is(kind, value) or holds(value, wanted)


def _is(kind: str, value: Any) -> bool:
    is_right = isinstance(value, _TYPES[kind])
    return is_right and not (isinstance(value, bool) and kind in {"integer", "number"})
