"""Teaches MiniStack that a listener has no two rules with the same priority.

Source: Elastic Load Balancing API reference, CreateRule (Priority; PriorityInUse). CloudFormation shows the
service's words: "Priority '26' is currently in use".
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import alb
from ministack.services.cloudformation import provisioners

_TYPE: Final = "AWS::ElasticLoadBalancingV2::ListenerRule"


def teach() -> None:
    """Refuse a priority that is taken, by CloudFormation and by CreateRule."""
    plain = provisioners._RESOURCE_HANDLERS[_TYPE]

    def create(
        logical_id: str, props: dict[str, Any], stack_name: str
    ) -> tuple[str, dict[str, Any]]:
        _must_be_free(props)
        made: tuple[str, dict[str, Any]] = plain["create"](logical_id, props, stack_name)
        return made

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], *more: Any
    ) -> tuple[str, dict[str, Any]]:
        _must_be_free(new, physical_id)
        made: tuple[str, dict[str, Any]] = plain["update"](physical_id, old, new, *more)
        return made

    provisioners._RESOURCE_HANDLERS[_TYPE] = {**plain, "create": create, "update": update}
    plain_call = alb._ACTION_MAP["CreateRule"]

    def create_rule(params: dict[str, Any]) -> Any:
        listener, priority = alb._p(params, "ListenerArn"), alb._p(params, "Priority")
        if _taken(listener, priority):
            return alb._error("PriorityInUse", _said(priority))
        return plain_call(params)

    alb._ACTION_MAP["CreateRule"] = create_rule


def _must_be_free(props: dict[str, Any], by: str = "") -> None:
    priority = str(props["Priority"])
    if _taken(props["ListenerArn"], priority, by):
        raise provisioners._elbv2_handler_error(_said(priority))


def _taken(listener: str, priority: str, by: str = "") -> bool:
    """Return whether a rule other than `by` has the priority."""
    return any(
        rule["ListenerArn"] == listener and rule["Priority"] == priority and arn != by
        for arn, rule in alb._rules.items()
    )


def _said(priority: str) -> str:
    return f"Priority '{priority}' is currently in use"
