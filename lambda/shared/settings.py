"""What a function is told by its environment, read once into one typed model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any, Final, TypeVar, get_type_hints

Settings = TypeVar("Settings")


class SettingsError(Exception):
    """The function's environment lacks something, or holds what cannot be read; the message names it."""


def _yes_or_no(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _several(text: str) -> tuple[str, ...]:
    return tuple(text.split(","))


_READ: Final[Mapping[Any, tuple[Callable[[str], Any], str]]] = {
    str: (str, "text"),
    int: (int, "a whole number"),
    float: (float, "a number"),
    bool: (_yes_or_no, "true or false"),
    tuple[str, ...]: (_several, "words with commas between them"),
}


def read(model: type[Settings], environment: Mapping[str, str]) -> Settings:
    """Return `model`, a dataclass: each field is the variable of its name in capitals.

    A variable that is empty counts as missing. A field with a default may be missing.

    Raises
    ------
    SettingsError
        With all that is missing, or the first that cannot be read.
    """
    types = get_type_hints(model)
    found: dict[str, Any] = {}
    missing: list[str] = []
    for field in fields(model):  # type: ignore[arg-type]
        name = field.name.upper()
        text = environment.get(name, "")
        if text:
            found[field.name] = _value(name, text, types[field.name])
        elif field.default is MISSING:
            missing.append(name)
    if missing:
        what = (
            f"variable {missing[0]} is"
            if len(missing) == 1
            else f"variables {', '.join(missing)} are"
        )
        raise SettingsError(f"the environment {what} missing: deploy its stack")
    return model(**found)


def _value(name: str, text: str, kind: Any) -> Any:
    parse, right = _READ[kind]
    try:
        return parse(text)
    except (ValueError, KeyError) as error:
        raise SettingsError(
            f"the environment variable {name} is {text!r}; it must be {right}: deploy its stack"
        ) from error
