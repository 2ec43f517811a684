"""What a function is told by its environment."""

from __future__ import annotations

from collections.abc import Mapping


class SettingsError(Exception):
    """The function's environment lacks something; the message names it."""


def required(environment: Mapping[str, str], name: str) -> str:
    """Return the variable `name`.

    Raises
    ------
    SettingsError
        When it is missing or empty.
    """
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"the environment variable {name} is missing: deploy the Safety stack")
    return value
