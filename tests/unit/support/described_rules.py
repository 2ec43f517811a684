"""The listener rules of a service in the words of DescribeRules; tests/template/test_last_users.py holds them
to the template."""

from __future__ import annotations

from typing import Any

from cutover.declaration.service import Service
from cutover.doors.redirect_rules import ListenerRule, redirect_rules, target_group_arn


def described_rules(service: Service) -> list[dict[str, Any]]:
    """Return them, with the default."""
    kept = {"Type": "forward", "TargetGroupArn": target_group_arn(service)}
    rules = [
        {
            "Priority": str(rule.priority),
            "Conditions": list(_conditions(rule)),
            "Actions": [kept if rule.redirect is None else _redirect(rule)],
        }
        for rule in redirect_rules(service)
    ]
    return [*rules, {"Priority": "default", "Conditions": [], "Actions": [kept]}]


def _redirect(rule: ListenerRule) -> dict[str, Any]:
    assert rule.redirect is not None
    return {
        "Type": "redirect",
        "RedirectConfig": {
            "Protocol": rule.redirect.protocol,
            "Host": rule.redirect.host,
            "Port": str(rule.redirect.port),
            "Path": "/#{path}",
            "Query": "#{query}",
            "StatusCode": rule.redirect.status,
        },
    }


def _conditions(rule: ListenerRule) -> list[dict[str, Any]]:
    header = {"HttpHeaderName": rule.header, "Values": list(rule.values)}
    return [
        {"Field": field, config: asked}
        for field, config, asked in (
            ("host-header", "HostHeaderConfig", {"Values": list(rule.hosts)}),
            ("http-header", "HttpHeaderConfig", header if rule.header else None),
            ("path-pattern", "PathPatternConfig", {"Values": [rule.path]} if rule.path else None),
            (
                "http-request-method",
                "HttpRequestMethodConfig",
                {"Values": list(rule.methods)} if rule.methods else None,
            ),
        )
        if asked is not None
    ]
