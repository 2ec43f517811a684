"""Whether a share that was seen is the share that was declared, within sampling error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from scipy.stats import binomtest

LEVEL: Final = 1e-5
"""How unlikely a share must be, were the declared one true, to count as another. A rehearsal tests four (10
and 50 %, at two doors; 0 and 100 % leave nothing to chance): one in 25,000 alarms falsely, at most."""


@dataclass(frozen=True)
class Share:
    """How many of all were served by new, against a declared percentage."""

    declared: int
    new: int
    total: int

    @property
    def percent(self) -> float:
        """The share that was seen, in percent."""
        return 100 * self.new / self.total if self.total else 0.0

    def matches(self) -> bool:
        """Whether it is the declared share: exactly at 0 and 100, else by an exact binomial test."""
        if self.total == 0:
            return False
        if self.declared in {0, 100}:
            return self.new == self.total * self.declared // 100
        return float(binomtest(self.new, self.total, self.declared / 100).pvalue) > LEVEL

    def __str__(self) -> str:
        return f"{self.percent:.1f} % of {self.total}"
