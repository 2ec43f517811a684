"""Route 53's health checks of each declared endpoint on each side."""

from __future__ import annotations

import hashlib
import re

from aws_cdk import aws_route53 as route53
from constructs import Construct

from cutover.alarms.alarm import BELOW, UNKNOWN, Watch
from cutover.alarms.own_metrics import health_check_status
from cutover.declaration.endpoints import Endpoint, HealthChecks
from cutover.declaration.side import Side, Which
from cutover.naming import Names


class EndpointChecks(Construct):
    """Defines one health check an endpoint of one side, each probing the load balancer's own name.

    Never the weighted name: a check whose name is the record's own gives unpredictable results
    (Route 53 API reference, HealthCheckConfig FullyQualifiedDomainName).

    Attributes
    ----------
    entry : route53.CfnHealthCheck
        The check of the first endpoint, which the door's own checks look at. Its logical id is
        fixed: another path updates it in place and leaves the switch alone.
    watches : list of Watch
        One a check. A new check reports nothing for its first minute, and that must not throw the
        switch: silence leaves the alarm without a state.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        which: Which,
        side: Side,
        endpoints: tuple[Endpoint, ...],
        health_checks: HealthChecks,
    ) -> None:
        super().__init__(scope, construct_id)
        self.watches: list[Watch] = []
        for position, endpoint in enumerate(endpoints):
            slug = _slug(endpoint.path)
            check = route53.CfnHealthCheck(
                self,
                "Entry" if position == 0 else f"Endpoint-{slug}",
                health_check_config=_config(side, endpoint, health_checks),
                health_check_tags=[
                    route53.CfnHealthCheck.HealthCheckTagProperty(
                        key="Name", value=f"{names.service} {which} {endpoint.path}"
                    )
                ],
            )
            self.watches.append(
                Watch(
                    what=f"{which}-endpoint-{slug}",
                    means=f"{endpoint.path} of the {which} side fails Route 53's health check.",
                    metric=health_check_status(check.attr_health_check_id),
                    comparison=BELOW,
                    threshold=1,
                    silence=UNKNOWN,
                )
            )
            if position == 0:
                self.entry = check


def _config(
    side: Side, endpoint: Endpoint, health_checks: HealthChecks
) -> route53.CfnHealthCheck.HealthCheckConfigProperty:
    kind = side.scheme.upper()
    return route53.CfnHealthCheck.HealthCheckConfigProperty(
        type=kind if endpoint.contains is None else f"{kind}_STR_MATCH",
        fully_qualified_domain_name=side.reached_at,
        port=side.listener_port,
        resource_path=endpoint.path,
        request_interval=health_checks.interval_seconds,
        failure_threshold=health_checks.failure_threshold,
        search_string=endpoint.contains,
        enable_sni=True if side.scheme == "https" else None,
    )


def _slug(path: str) -> str:
    """Return a name for `path`; paths that differ only in punctuation keep different names.

    An alarm's logical id drops the dashes, so that a dash before a digit would tell nothing apart.
    """
    if path == "/":
        return "root"
    plain = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[:40].strip("-")
    if f"/{plain}" == path and plain != "root" and re.search(r"-[0-9]", plain) is None:
        return plain
    return f"{plain or 'path'}-{hashlib.sha256(path.encode()).hexdigest()[:6]}"
