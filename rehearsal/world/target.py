"""One of the targets behind a load balancer of this machine, and what the load balancer takes it for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from rehearsal.world.health_checkers import Checker

TARGETS: Final = 3
"""Behind each load balancer: enough that one can be redeployed while the others carry the load."""
_TURNS_AFTER: Final = 2


@dataclass
class Target:
    """One target.

    Attributes
    ----------
    up : bool
        Whether it takes connections.
    in_service : bool
        Whether it passes its health check while it is up: one that is about to be redeployed does not, and
        still answers.
    """

    up: bool = True
    in_service: bool = True
    _checker: Checker = field(default_factory=lambda: Checker(_TURNS_AFTER))

    @property
    def healthy(self) -> bool:
        """Whether the load balancer sends it requests."""
        return self._checker.healthy

    def see(self, passed: bool) -> None:
        """Take the result of one health check: two in a row turn it."""
        self._checker.see(passed)
