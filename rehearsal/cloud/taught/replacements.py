"""Teaches MiniStack which changes replace a resource, so that a change set does not say that a weight may.

- A record is known by its zone, name, type and set identifier; a weight is changed in place (CloudFormation
  reference, AWS::Route53::RecordSet). A custom resource is replaced when its function says so by another
  physical id, which the gate's and the bake's never do.
- Of a type that MiniStack does not know it says that every property may replace. What a change set says of it
  is what the type's schema in the CloudFormation registry says, as cfn-lint bundles it: createOnlyProperties
  replace, conditionalCreateOnlyProperties may, and all others are changed in place (CloudFormation Command
  Line Interface User Guide, resource-type-schema). How a change is carried out stays as it was.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from ministack.services.cloudformation import provisioners, stacks

_REGION: Final = "us-east-1"


def teach() -> None:
    """Register the properties that replace, and what a change set says of types that are not registered."""
    provisioners._REPLACING_PROPERTIES["AWS::Route53::RecordSet"] = (
        "HostedZoneId",
        "HostedZoneName",
        "Name",
        "SetIdentifier",
        "Type",
    )
    for asked in ("Custom::WeightGate", "Custom::Bake"):
        provisioners._REPLACING_PROPERTIES[asked] = ("ServiceToken",)
    stacks._property_recreation = _recreation


def _recreation(resource_type: str, name: str) -> str:
    """Return what a change set says of a changed property: Always, Conditionally or Never."""
    schema = _schema(resource_type)
    if resource_type in provisioners._REPLACING_PROPERTIES or schema is None:
        said: str = provisioners._property_recreation(resource_type, name)
        return said
    whole, path = f"/properties/{name}", f"/properties/{name}/"
    only = schema.get("createOnlyProperties", [])
    if whole in only:
        return "Always"
    # Of a property with parts it is not said which part changes.
    perhaps = [*only, *schema.get("conditionalCreateOnlyProperties", [])]
    return (
        "Conditionally" if any(one == whole or one.startswith(path) for one in perhaps) else "Never"
    )


@cache
def _schema(resource_type: str) -> Mapping[str, Any] | None:
    found = importlib.util.find_spec("cfnlint")
    if found is None or found.origin is None:
        return None
    folder = Path(found.origin).parent / "data" / "schemas"
    names = json.loads((folder / "providers" / f"{_REGION}.json").read_text(encoding="utf-8"))
    if resource_type not in names:
        return None
    file = folder / "resources" / f"{names[resource_type]}.json"
    held: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return held
