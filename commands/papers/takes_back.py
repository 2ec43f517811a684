"""What takes the traffic back by itself, in words, with the limits that are declared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cutover.declaration.service import Service


@dataclass(frozen=True)
class TakesBack:
    """One thing that rolls back.

    Attributes
    ----------
    what, limit : str
        For people.
    alarms : tuple of str
        Names of its alarms without the service's; one that ends with a dash begins several.
    """

    what: str
    limit: str
    alarms: tuple[str, ...]


def takes_back(service: Service) -> Iterator[TakesBack]:
    """Yield everything that rolls back by itself, as `service` declares it."""
    limits = service.thresholds
    yield TakesBack(
        "the sentinel: new is dead, hangs or answers otherwise, and old does not",
        "within seconds",
        ("new-probe-down",),
    )
    if service.edge is not False and service.edge.fast_log:
        yield TakesBack(
            "requests that fail on new within ten seconds, as the edge sees them",
            f"{limits.fast_error_rate_percent:g} %",
            ("new-fast-5xx-",),
        )
    yield TakesBack(
        "5xx of new, two minutes in a row", f"{limits.error_rate_percent:g} %", ("new-5xx-rate",)
    )
    yield TakesBack(
        "5xx of new, any minute", f"{limits.hard_error_rate_percent:g} %", ("new-5xx-hard",)
    )
    if service.edge is not False:
        edge = f"{limits.edge_error_rate_percent:g} %"
        yield TakesBack("5xx of the edge, any minute", edge, ("edge-5xx-rate",))
        yield TakesBack(
            "requests that the edge function cannot handle, two minutes in a row",
            edge,
            ("edge-function-errors",),
        )
    yield TakesBack(
        "average latency of new", f"{limits.latency_average_ms} ms", ("new-latency-average",)
    )
    yield TakesBack("95th percentile of new", f"{limits.latency_p95_ms} ms", ("new-latency-p95",))
    yield TakesBack(
        "healthy targets of new, two minutes in a row",
        f"{limits.healthy_targets_percent:g} %, and one at least",
        ("new-healthy-share", "new-healthy-hosts"),
    )
    yield TakesBack(
        "connections that new's load balancer cannot make to its targets, any minute",
        f"{limits.connection_errors}",
        ("new-connection-errors",),
    )
    checks = service.health_checks
    yield TakesBack(
        f"Route 53's health checks of new: {', '.join(one.path for one in service.endpoints)}",
        f"{checks.failure_threshold} probes in a row, each {checks.interval_seconds} s",
        ("new-endpoint-",),
    )
    yield TakesBack(
        "the judge: new against old",
        "it reports only (dry_run)" if service.judge.dry_run else "FAIL",
        ("judge-fail",),
    )
