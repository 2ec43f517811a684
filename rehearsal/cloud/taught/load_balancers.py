"""Teaches MiniStack load balancers that are declared beforehand: with a given id and DNS name, with targets
that can be unwell (`load_balancer_tags`), and with the account's quotas.
"""

from __future__ import annotations

import secrets
from contextvars import ContextVar
from typing import Any, Final

from ministack.services import alb

from rehearsal.cloud.taught.load_balancer_tags import DNS_NAME, ID, UNWELL

LIMITS: Final = {
    "application-load-balancers": 50,
    "certificates-per-application-load-balancer": 25,
    "listeners-per-application-load-balancer": 50,
    "rules-per-application-load-balancer": 100,
    "target-groups-per-application-load-balancer": 100,
    "targets-per-application-load-balancer": 1000,
}
"""The default quotas (Elastic Load Balancing, load-balancer-limits)."""

_wanted_id: ContextVar[str] = ContextVar("wanted_id", default="")


def teach() -> None:
    """Register the tags and the quotas."""
    # Sixteen hexadecimal digits, as in the ARNs of Elastic Load Balancing's API reference.
    alb._short_id = lambda: _wanted_id.get() or secrets.token_hex(8)
    actions = alb._ACTION_MAP
    create_balancer, create_group = actions["CreateLoadBalancer"], actions["CreateTargetGroup"]
    create_listener, health = actions["CreateListener"], actions["DescribeTargetHealth"]

    def create_load_balancer(params: dict[str, Any]) -> Any:
        answer = _with_wanted_id(create_balancer, params)
        dns_name = _tags(params).get(DNS_NAME)
        for balancer in alb._lbs.values():
            if dns_name and balancer["LoadBalancerName"] == alb._p(params, "Name"):
                balancer["DNSName"] = dns_name
        return answer

    def describe_target_health(params: dict[str, Any]) -> Any:
        tags = alb._tags.get(alb._p(params, "TargetGroupArn")) or []
        why = {tag["Key"]: tag["Value"] for tag in tags}.get(UNWELL)
        status, headers, body = health(params)
        if why:
            well = b"<TargetHealth><State>healthy</State></TargetHealth>"
            unwell = f"<TargetHealth><State>unhealthy</State><Reason>{why}</Reason></TargetHealth>"
            body = body.replace(well, unwell.encode())
        return status, headers, body

    actions |= {
        "CreateLoadBalancer": create_load_balancer,
        "CreateTargetGroup": lambda params: _with_wanted_id(create_group, params),
        "CreateListener": lambda params: _with_wanted_id(create_listener, params),
        "DescribeTargetHealth": describe_target_health,
        "DescribeAccountLimits": _describe_account_limits,
    }


def _tags(params: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in alb._parse_tags(params)}


def _with_wanted_id(create: Any, params: dict[str, Any]) -> Any:
    reset = _wanted_id.set(_tags(params).get(ID, ""))
    try:
        return create(params)
    finally:
        _wanted_id.reset(reset)


def _describe_account_limits(_params: dict[str, Any]) -> Any:
    members = "".join(
        f"<member><Name>{name}</Name><Max>{limit}</Max></member>" for name, limit in LIMITS.items()
    )
    return alb._xml(200, "DescribeAccountLimits", f"<Limits>{members}</Limits>")
