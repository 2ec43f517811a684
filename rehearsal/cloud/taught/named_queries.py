"""Teaches MiniStack AWS::Athena::NamedQuery. Athena itself is not played: nobody runs a query here.

Every property replaces the query (the type's schema in the CloudFormation registry, as cfn-lint bundles it:
createOnlyProperties).
"""

from __future__ import annotations

import json
from typing import Any, Final

from ministack.services import athena
from ministack.services.cloudformation import provisioners

_TYPE: Final = "AWS::Athena::NamedQuery"


def teach() -> None:
    """Register the type."""
    provisioners._RESOURCE_HANDLERS[_TYPE] = {"create": _create, "delete": _delete}
    provisioners._REPLACING_PROPERTIES[_TYPE] = (
        *("Name", "Database", "Description", "QueryString", "WorkGroup"),
    )


def _create(_logical_id: str, props: dict[str, Any], _stack: str) -> tuple[str, dict[str, Any]]:
    for needed in ("Database", "QueryString"):
        if not props.get(needed):
            raise ValueError(f"Properties validation failed for {_TYPE}: {needed} is required")
    _, _, body = athena._create_named_query(props)
    query_id = json.loads(body)["NamedQueryId"]
    return query_id, {"NamedQueryId": query_id}


def _delete(physical_id: str, _props: dict[str, Any]) -> None:
    athena._delete_named_query({"NamedQueryId": physical_id})
