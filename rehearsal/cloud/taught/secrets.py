"""Teaches MiniStack that a template's `Ref` to a secret is its ARN, not its name.

Source: CloudFormation reference, AWS::SecretsManager::Secret, return values.
"""

from __future__ import annotations

from typing import Any, Final

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

_TYPE: Final = "AWS::SecretsManager::Secret"


def teach() -> None:
    """Give a secret its ARN as physical id."""
    plain = provisioners._RESOURCE_HANDLERS[_TYPE]

    def create(
        logical_id: str, props: dict[str, Any], stack_name: str
    ) -> tuple[str, dict[str, Any]]:
        _, attributes = plain["create"](logical_id, props, stack_name)
        return attributes["Arn"], attributes

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], *more: Any
    ) -> tuple[str, dict[str, Any]]:
        _, attributes = plain["update"](_name_of(physical_id), old, new, *more)
        return attributes["Arn"], attributes

    def delete(physical_id: str, props: dict[str, Any]) -> None:
        plain["delete"](_name_of(physical_id), props)

    taught = {"create": create, "update": update, "delete": delete}
    provisioners._RESOURCE_HANDLERS[_TYPE] = {**plain, **taught}


def _name_of(arn: str) -> str:
    name, _ = secretsmanager._resolve(arn)
    return str(name or arn)
