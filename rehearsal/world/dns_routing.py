"""How Route 53 answers for a group of weighted records, from their weights and health.

Sources: Route 53 Developer Guide, health-checks-how-route-53-chooses-records and
resource-record-sets-values-weighted; Route 53 API reference, HealthCheckConfig.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """A health check as it is deployed.

    `children` and `threshold` belong to a calculated check; an endpoint's check has none, and its
    health is what the checkers say.
    """

    check_id: str
    calculated: bool = False
    children: tuple[str, ...] = ()
    threshold: int = 0
    disabled: bool = False
    inverted: bool = False


@dataclass(frozen=True)
class Record:
    """A record as it is in the zone; `target` is its alias's load balancer, or its value.

    A simple record has no `side`.
    """

    name: str
    kind: str
    side: str
    weight: int
    target: str
    check_id: str | None = None
    alias: bool = False
    follows_target: bool = False
    ttl: int = 60


def is_healthy(check_id: str, checks: Mapping[str, Check], probed: Callable[[str], bool]) -> bool:
    """Return whether Route 53 considers the check healthy; `probed` tells an endpoint's health."""
    check = checks.get(check_id)
    if check is None:
        return True
    healthy = True
    if not check.disabled:
        healthy = _calculated(check, checks, probed) if check.calculated else probed(check_id)
    return healthy != check.inverted


def _calculated(check: Check, checks: Mapping[str, Check], probed: Callable[[str], bool]) -> bool:
    healthy = sum(is_healthy(child, checks, probed) for child in check.children)
    return healthy >= check.threshold


def candidates(records: Sequence[Record], healthy: Callable[[Record], bool]) -> list[Record]:
    """Return the records among which the weights choose.

    Those with a weight come first; only when all of them are unhealthy do those with weight 0 count;
    when nothing is healthy, all count as healthy.
    """
    weighted = [record for record in records if record.weight > 0]
    for group in (weighted, [record for record in records if record.weight == 0]):
        alive = [record for record in group if healthy(record)]
        if alive:
            return alive
    return weighted or list(records)


def choose(
    records: Sequence[Record], healthy: Callable[[Record], bool], chance: random.Random
) -> Record | None:
    """Return the record that answers one query, or None where there is none."""
    among = candidates(records, healthy)
    if not among:
        return None
    weights = [record.weight for record in among]
    # All zero means equal shares, not none.
    return chance.choices(among, weights if any(weights) else None)[0]
