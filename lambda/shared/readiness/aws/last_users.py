"""The rules that `last_users.redirect` deploys on old: they are for who asks a load balancer by its own name,
and for nobody who comes through a door, so they are no difference between the sides.

constructs/cutover/doors/redirect_rules.py makes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from shared.readiness.aws.load_balancers import Described

_KEPT_BY: Final = {"x-origin-verify", "user-agent"}
_METHODS: Final = {"GET", "HEAD"}


def is_for_the_last_users(rule: Described, dns_name: str) -> bool:
    """Return whether `rule` keeps the edge or a probe at the load balancer called `dns_name`, or redirects
    who reads by that name."""
    conditions = {str(one.get("Field", "")): one for one in rule.get("Conditions") or []}
    hosts = {value.lower() for value in _values(conditions.pop("host-header", {}))}
    if dns_name.lower() not in hosts:
        return False
    does = [str(action.get("Type")) for action in rule.get("Actions") or []]
    if does == ["forward"] and conditions.keys() == {"http-header"}:
        header = conditions["http-header"].get("HttpHeaderConfig") or {}
        return str(header.get("HttpHeaderName", "")).lower() in _KEPT_BY
    methods = set(_values(conditions.get("http-request-method", {})))
    return (
        does == ["redirect"]
        and methods == _METHODS
        and conditions.keys() <= {"http-request-method", "path-pattern"}
    )


def _values(condition: Described) -> Iterator[str]:
    config: Any = next((one for one in condition.values() if isinstance(one, dict)), {})
    yield from map(str, config.get("Values") or condition.get("Values") or [])
