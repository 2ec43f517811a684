"""What CloudFormation hands to a custom resource, read back: every value in it is text (CloudFormation User
Guide, crpg-ref-requests)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from shared.shown import shown_value

Kind = TypeVar("Kind")

_WHOLE: Final = re.compile(r"[0-9]{1,9}")
_SECONDS: Final = re.compile(r"[0-9]{1,10}(\.[0-9]{1,17})?")


class PropertyError(ValueError):
    """One is missing, or is not what it must be; the message says which, and what would be right."""


def part(held: Any, name: str) -> Any:
    """Return what `held` has under `name`.

    Raises
    ------
    PropertyError
        When it is no object, or has no such part.
    """
    if not isinstance(held, Mapping):
        raise PropertyError(
            f"{name} is looked for in {shown_value(held)}: it must be an object that has it"
        )
    if name not in held:
        raise PropertyError(f"{name} is missing: deploy with this version's templates")
    return held[name]


def whole(held: Any, name: str, low: int, high: int) -> int:
    """Return the whole number under `name`.

    Raises
    ------
    PropertyError
        When there is none from `low` to `high`.
    """
    value = part(held, name)
    is_number = isinstance(value, str | int) and not isinstance(value, bool)
    digits = str(value) if is_number and not (isinstance(value, int) and abs(value) > high) else ""
    if _WHOLE.fullmatch(digits) is None or not low <= int(digits) <= high:
        raise PropertyError(
            f"{name} is {shown_value(value)}: it must be a whole number from {low} to {high}"
        )
    return int(digits)


def seconds(held: Any, name: str) -> float:
    """Return the time under `name`, in seconds since 1970.

    Raises
    ------
    PropertyError
        When there is none.
    """
    value = part(held, name)
    # A custom resource's framework hands a number on as it is, and CloudFormation as text.
    found = _SECONDS.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    if found is None:
        raise PropertyError(
            f"{name} is {shown_value(value)}: it must be a time in seconds since 1970"
        )
    return float(found[0])


def text(held: Any, name: str) -> str:
    """Return the text under `name`.

    Raises
    ------
    PropertyError
        When there is none.
    """
    return _of_type(held, name, str, "text")


def listed(held: Any, name: str) -> list[Any]:
    """Return the list under `name`.

    Raises
    ------
    PropertyError
        When there is none.
    """
    return _of_type(held, name, list, "a list")


def _of_type(held: Any, name: str, kind: type[Kind], called: str) -> Kind:
    value = part(held, name)
    if not isinstance(value, kind):
        raise PropertyError(f"{name} is {shown_value(value)}: it must be {called}")
    return value
