"""Probes among the requests that a load balancer counts, Route 53's and the sentinel's: nobody's, and in all
its metrics.

Each endpoint of each side is probed all the time, so both sides get as many. No metric tells them apart:
constructs/cutover/alarms/probes.py works out from the declaration how many there are. What is shown takes off
as many as there should be; what decides takes off as many as there can be, or none, whichever is safe.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Probes:
    """Probes a minute to each side: about as many, and at most."""

    about: int
    at_most: int

    def users(self, requests: float, minutes: int = 1) -> float:
        """Return how many of `requests` are users', about; 0 or more."""
        return max(0, requests - self.about * minutes)

    def surely_users(self, requests: float, minutes: int = 1) -> float:
        """Return how many of `requests` are users' whatever the probes; 0 or more."""
        return max(0, requests - self.at_most * minutes)


NO_PROBES = Probes(0, 0)
"""Where no check is declared, or none is known of."""
