"""A dated table of list prices, each with its source."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).with_name("prices.json")


@dataclass(frozen=True)
class Prices:
    """List prices in USD.

    Attributes
    ----------
    as_of : str
        The day on which the table was made.
    region, note : str
    usd_a_month : mapping
        By what it is, like `instance t3.medium`.
    usd_for : mapping
        Of one call, statistic or GB-second, by what it is.
    """

    as_of: str
    region: str
    note: str
    usd_a_month: dict[str, float]
    usd_for: dict[str, float]

    def of(self, what: str, count: float = 1) -> float | None:
        """Return what so many of it cost a month, or None where the table does not have it."""
        price = self.usd_a_month.get(what)
        return None if price is None else round(price * count, 2)

    def used(self, what: str, count: float) -> float:
        """Return what so many of it cost; `what` must be in the table."""
        return self.usd_for[what] * count


def prices() -> Prices:
    """Return the table of this version."""
    held = json.loads(_TABLE.read_text(encoding="utf-8"))
    return Prices(
        held["as_of"],
        held["region"],
        held["note"],
        {what: price for what, (price, _source) in held["usd_a_month"].items()},
        {what: price / count for what, (price, count, _source) in held["usd_for"].items()},
    )
