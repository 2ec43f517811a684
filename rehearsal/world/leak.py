"""A fault that grows: a share of failing requests that leaks from one figure to another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Leak:
    """`first` of the requests fail when it begins, `last` after so many `seconds` and from then on; both 0 to
    1, and evenly in between."""

    first: float
    last: float
    seconds: float

    def share(self, after: float) -> float:
        """Return the share of requests that fail so many seconds after it began."""
        grown = min(max(after / self.seconds, 0.0), 1.0)
        return self.first + (self.last - self.first) * grown
