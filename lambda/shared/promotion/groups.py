"""The groups that are on new before everybody, as a custom resource is given them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.properties import listed, text, whole

PROPERTY: Final = "Groups"
"""Left out where there are none."""


@dataclass(frozen=True)
class Group:
    """One group.

    Attributes
    ----------
    from_weight : int
        The weight of new, in percent, from which on it is on new.
    by : str
        By what its viewers are told, like `header x-beta`.
    values : tuple of str
        What counts there.
    """

    name: str
    from_weight: int
    by: str
    values: tuple[str, ...]


def parse_groups(properties: Mapping[str, Any]) -> tuple[Group, ...]:
    """Return the groups of a custom resource; every value in it is a string (CloudFormation User Guide,
    crpg-ref-requests).

    Raises
    ------
    PropertyError
        When one cannot be read.
    """
    if PROPERTY not in properties:
        return ()
    return tuple(
        Group(
            text(held, "Name"),
            whole(held, "FromWeight", 1, 100),
            text(held, "By"),
            tuple(str(value) for value in listed(held, "Values")),
        )
        for held in listed(properties, PROPERTY)
    )


def joining(
    before: Sequence[Group], weight_before: int, after: Sequence[Group], weight_after: int
) -> tuple[str, ...]:
    """Return the names of the groups that bring somebody to new who was not there as one of a group.

    A group that only loses values, or its name, brings nobody.
    """
    there = {who for group in before if group.from_weight <= weight_before for who in _who(group)}
    return tuple(
        group.name
        for group in after
        if group.from_weight <= weight_after and not _who(group) <= there
    )


def said_of(names: Sequence[str]) -> str:
    """Return the names in words: `the group a`, `the groups a and b`."""
    if len(names) == 1:
        return f"the group {names[0]}"
    return f"the groups {', '.join(names[:-1])} and {names[-1]}"


def _who(group: Group) -> set[tuple[str, str]]:
    return {(group.by, value) for value in group.values}
