"""As much of JSON Schema (2020-12) as the schemas in docs/ use; another keyword is an error."""

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
    "maxLength": ("string", lambda value, most: len(value) <= most),
    "pattern": ("string", lambda value, pattern: _matches(pattern, value)),
    "minimum": ("number", lambda value, least: value >= least),
    "maximum": ("number", lambda value, most: value <= most),
    "exclusiveMinimum": ("number", lambda value, least: value > least),
    "maxProperties": ("object", lambda value, most: len(value) <= most),
    "minProperties": ("object", lambda value, least: len(value) >= least),
}
_LEADS_ON = {
    *("$ref", "allOf", "anyOf", "if", "properties", "patternProperties", "additionalProperties"),
    "items",
}
_SAYS_NOTHING = {"$schema", "$defs", "title", "description", "default", "then", "else"}


def faults(value: Any, schema: Schema, root: Schema, at: str = "report") -> Iterator[str]:
    """Yield each place where `value` is not as `schema`, a part of `root`, has it."""
    for keyword, wanted in schema.items():
        if keyword in _SAYS_NOTHING:
            continue
        for inner, part, place in _inside(keyword, wanted, value, schema, root, at):
            yield from faults(inner, part, root, place)
        if keyword == "anyOf" and all(any(faults(value, one, root, at)) for one in wanted):
            yield f"{at}: {value!r} is none of {wanted!r}"
        if keyword == "additionalProperties" and wanted is False and isinstance(value, dict):
            yield from (f"{at}.{key} is not known" for key in value if not _is_known(key, schema))
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
    elif keyword == "if":
        yield value, schema.get("else" if any(faults(value, wanted, root)) else "then", {}), at
    elif keyword == "properties" and isinstance(value, dict):
        yield from ((value[k], wanted[k], f"{at}.{k}") for k in wanted.keys() & value.keys())
    elif keyword == "patternProperties" and isinstance(value, dict):
        for pattern, part in wanted.items():
            yield from ((value[k], part, f"{at}.{k}") for k in value if _matches(pattern, k))
    elif keyword == "additionalProperties" and isinstance(wanted, dict) and isinstance(value, dict):
        yield from ((value[k], wanted, f"{at}.{k}") for k in value if not _is_known(k, schema))
    elif keyword == "items" and isinstance(value, list):
        yield from ((item, wanted, f"{at}[{i}]") for i, item in enumerate(value))


def _is_known(key: str, schema: Schema) -> bool:
    patterns = schema.get("patternProperties", {})
    return key in schema.get("properties", {}) or any(_matches(one, key) for one in patterns)


def _holds(keyword: str, wanted: Any, value: Any) -> bool:
    if keyword in _LEADS_ON:
        return True
    if keyword == "type":
        return any(_is(kind, value) for kind in ([wanted] if isinstance(wanted, str) else wanted))
    if keyword == "required":
        return not isinstance(value, dict) or set(wanted) <= set(value)
    if keyword in {"const", "enum"}:
        return any(_same(value, one) for one in ([wanted] if keyword == "const" else wanted))
    kind, holds = _APPLIES_TO[keyword]
    return not _is(kind, value) or holds(value, wanted)


def _is(kind: str, value: Any) -> bool:
    is_right = isinstance(value, _TYPES[kind])
    return is_right and not (isinstance(value, bool) and kind in {"integer", "number"})


def _same(value: Any, wanted: Any) -> bool:
    # In Python False is 0, in JSON it is not.
    return value == wanted and isinstance(value, bool) is isinstance(wanted, bool)


def _matches(pattern: str, text: str) -> bool:
    # In ECMA-262, $ is the end and nothing else; Python's is before a last line break too.
    return re.search(re.sub(r"\$$", r"\\Z", pattern), text) is not None
