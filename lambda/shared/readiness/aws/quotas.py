"""Whether a side has room under the account's quotas.

Source: Elastic Load Balancing, load-balancer-limits, and the API reference's Limit for their names;
DescribeAccountLimits tells them for this account and region, raised ones included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from shared.aws import Clients
from shared.inference.verdict import Verdict
from shared.readiness.aws.load_balancers import DescribedSide
from shared.readiness.finding import Finding

FULL: Final = 0.8
"""The share of a quota from which on there is no room to grow."""

_WHAT: Final = {
    "listeners-per-application-load-balancer": "listeners",
    "rules-per-application-load-balancer": "rules",
    "certificates-per-application-load-balancer": "certificates",
    "target-groups-per-application-load-balancer": "target groups",
    "targets-per-application-load-balancer": "targets",
}


def read_limits(clients: Clients, region: str) -> dict[str, int]:
    """Return the quotas by name.

    Raises
    ------
    ClientError, BotoCoreError
        When AWS refuses.
    """
    pages: Any = clients("elbv2", region).get_paginator("describe_account_limits").paginate()
    limits = (one for page in pages for one in page["Limits"])
    return {str(one["Name"]): int(one["Max"]) for one in limits if "Max" in one}


def used(seen: DescribedSide) -> dict[str, int]:
    """Return how much of each quota a side's load balancer uses, as far as it could be read.

    The default rule and the default certificate of a listener do not count (load-balancer-limits).
    """
    listeners = seen.listeners
    counted = {
        "listeners": len(listeners),
        "rules": sum(not rule.get("IsDefault") for one in listeners for rule in one.rules),
        "certificates": sum(not c.get("IsDefault") for one in listeners for c in one.certificates),
        "target groups": len(seen.target_groups),
        "targets": len(seen.health),
    }
    return {quota: counted[what] for quota, what in _WHAT.items()}


def room(limits: Mapping[str, int], sides: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """Yield a FAIL for each quota that a side nearly fills, or one PASS."""
    tight = False
    for side, counts in sides.items():
        for quota, count in counts.items():
            if quota in limits and count >= FULL * limits[quota]:
                tight = True
                said = (
                    f"{side} has {count} {_WHAT[quota]}, and the quota {quota} is {limits[quota]}: "
                    f"ask AWS for more before it needs {limits[quota] + 1}"
                )
                yield Finding(
                    f"configuration:quota:{quota}:{side}", Verdict.FAIL, said, waivable=True
                )
    if not tight:
        known = ", ".join(f"{_WHAT[q]} {limits[q]}" for q in _WHAT if q in limits)
        said = f"{' and '.join(sides)} use less than {FULL:.0%} of the quotas ({known})"
        yield Finding("configuration:quotas", Verdict.PASS, said)
