"""The weight of new that a door really has, from what is deployed there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

_WEIGHT_IN_CODE: Final = re.compile(r"percent\('(\d{1,3})'\)")


class WeightError(Exception):
    """The weight cannot be told; the message says why."""


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


def weight_in_records(records: Iterable[dict[str, Any]], name: str) -> float:
    """Return new's share of the weights of `name`, in percent.

    Raises
    ------
    WeightError
        When a side's record is missing, or both weights are 0, which Route 53 takes as equal shares.
    """
    weights = {
        record["SetIdentifier"]: record["Weight"]
        for record in records
        if record["Name"].rstrip(".") == name and "Weight" in record
    }
    if not {"old", "new"} <= weights.keys():
        raise WeightError(f"{name} has no weighted records old and new")
    total = weights["old"] + weights["new"]
    if total == 0:
        raise WeightError(f"both weights of {name} are 0: Route 53 answers with equal shares")
    return float(100 * weights["new"] / total)
