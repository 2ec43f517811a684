"""Reads what CloudFormation or the declaration hands over in CamelCase, by the types of what it becomes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

Read = TypeVar("Read")


class SpecError(ValueError):
    """The properties cannot be read; the message says which."""


def read(kind: type[Read], properties: Any, place: str = "") -> Read:
    """Return the dataclass `kind` from properties in CamelCase.

    CloudFormation hands numbers and booleans to a custom resource as strings (CloudFormation User Guide,
    crpg-ref-requesttypes), so they are read back by the field's type.

    Raises
    ------
    SpecError
        When they are no object, or one is missing, unknown, or not what it must be.
    """
    where = place.rstrip(".") or kind.__name__
    if not isinstance(properties, Mapping):
        raise SpecError(f"{where} is {properties!r}: it must be an object")
    hints = get_type_hints(kind)
    known = {_camel(field.name): field for field in fields(kind)}  # type: ignore[arg-type]
    for name in properties:
        if name not in known:
            raise SpecError(f"{place}{name} is not a known property of {kind.__name__}")
    values: dict[str, Any] = {}
    for name, one in known.items():
        if name in properties:
            values[one.name] = _value(hints[one.name], properties[name], f"{place}{name}")
        elif one.default is MISSING and one.default_factory is MISSING:
            raise SpecError(f"{place}{name} is missing")
    try:
        return kind(**values)
    except SpecError as error:
        raise SpecError(f"{where}: {error}") from error


def _value(hint: Any, given: Any, place: str) -> Any:
    if is_dataclass(hint):
        return read(hint, given, f"{place}.")  # type: ignore[arg-type]
    if get_origin(hint) is tuple:
        if not isinstance(given, list | tuple):
            raise SpecError(f"{place} is {given!r}: it must be a list")
        (inner, _) = get_args(hint)
        return tuple(_value(inner, one, f"{place}[{i}]") for i, one in enumerate(given))
    if get_origin(hint) is Literal:
        if given not in get_args(hint):
            raise SpecError(f"{place} is {given!r}: it must be one of {', '.join(get_args(hint))}")
        return given
    if hint is bool:
        if str(given).lower() not in {"true", "false"}:
            raise SpecError(f"{place} is {given!r}: it must be true or false")
        return str(given).lower() == "true"
    if hint is str:
        if not isinstance(given, str):
            raise SpecError(f"{place} is {given!r}: it must be text")
        return given
    return _number(hint, given, place)


def _number(hint: type[int] | type[float], given: Any, place: str) -> int | float:
    what = "a whole number" if hint is int else "a number"
    try:
        number = hint(given)
        is_cut = isinstance(given, float) and number != given
        if is_cut or isinstance(given, bool) or not math.isfinite(number):
            raise ValueError
    except (TypeError, ValueError, OverflowError) as error:
        raise SpecError(f"{place} is {given!r}: it must be {what}") from error
    return number


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
