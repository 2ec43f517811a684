"""The weight of new that a door really has, from what is deployed there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, Final

_WEIGHT_IN_CODE: Final = re.compile(r"percent\('(\d{1,3})'\)")
_GROUPS_IN_CODE: Final = re.compile(r"^const GROUPS = (\[.*\]);$", re.MULTILINE)


class WeightError(Exception):
    """The weight cannot be told; the message says why."""


class NoRecordsError(WeightError):
    """A record is not there."""


def weight_in_code(code: str) -> int:
    """Return the percentage that the live edge function holds as a constant.

    Raises
    ------
    WeightError
        When the code does not state one, or one above 100.
    """
    found = _WEIGHT_IN_CODE.search(code)
    if found is None or int(found.group(1)) > 100:  # noqa: PLR2004 - percent
        raise WeightError("the live edge function states no weight")
    return int(found.group(1))


def groups_in_code(code: str) -> tuple[str, ...]:
    """Return the names of the groups that the live edge function sends to new at the weight that it holds.

    Raises
    ------
    WeightError
        When its groups cannot be read, or it states no weight.
    """
    found = _GROUPS_IN_CODE.search(code)
    if found is None:
        return ()
    weight = weight_in_code(code)
    try:
        groups = json.loads(found.group(1))
        return tuple(str(group["name"]) for group in groups if group["from"] <= weight)
    except (ValueError, KeyError, TypeError) as error:
        raise WeightError("the live edge function's groups cannot be read") from error


def weights_by_type(records: Iterable[dict[str, Any]], name: str) -> dict[str, float]:
    """Return new's share of the weights of `name` in percent, by record type (A, AAAA or CNAME).

    Raises
    ------
    NoRecordsError
        When a side's record is missing.
    WeightError
        When both weights are 0, which Route 53 takes as equal shares.
    """
    groups: dict[str, dict[str, int]] = {}
    for record in records:
        if record["Name"].rstrip(".") == name and "Weight" in record:
            groups.setdefault(record["Type"], {})[record["SetIdentifier"]] = record["Weight"]
    if not groups:
        raise NoRecordsError(f"{name} has no weighted records old and new")
    return {kind: _share(f"{name} ({kind})", weights) for kind, weights in groups.items()}


def weight_in_records(records: Iterable[dict[str, Any]], name: str) -> float:
    """Return new's share of the weights of `name`, in percent, of every record type.

    Raises
    ------
    WeightError
        As `weights_by_type`, and when the types differ.
    """
    weights = weights_by_type(records, name)
    if len(set(weights.values())) > 1:
        said = ", ".join(f"{kind} {weight:g} %" for kind, weight in weights.items())
        raise WeightError(f"the records of {name} differ: {said}")
    return next(iter(weights.values()))


def _share(what: str, weights: dict[str, int]) -> float:
    if weights.keys() == {"new"}:
        # Old has left the door: whatever new's weight, nobody else can answer.
        return 100.0
    if not {"old", "new"} <= weights.keys():
        raise NoRecordsError(f"{what} has no weighted records old and new")
    total = sum(weights.values())
    if total == 0:
        raise WeightError(f"both weights of {what} are 0: Route 53 answers with equal shares")
    return 100 * weights["new"] / total
