"""Every place in a nested value, for tests that damage one after the other."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Place = tuple[str | int, ...]
"""Keys and indexes, from the outside in."""


def places(value: Any, at: Place = ()) -> Iterator[Place]:
    """Yield each place in `value`, first its own, which is empty."""
    yield at
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, (*at, key))


def with_at(whole: Any, place: Place, *value: Any) -> Any:
    """Return a copy of `whole` with another value at `place`, or without what was there."""
    changed = copy.deepcopy(whole)
    held = changed
    for key in place[:-1]:
        held = held[key]
    if value:
        (held[place[-1]],) = value
    else:
        del held[place[-1]]
    return changed
