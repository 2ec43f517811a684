"""Teaches MiniStack to import AWS::Route53::RecordSet, as `cdk import` asks for it.

- The identifier is Name, HostedZoneId, Type and SetIdentifier, all of them (the type's schema in the
  CloudFormation registry since August 2026, as cfn-lint 1.58.0 bundles it: primaryIdentifier).
- The schema writes a name in lower case without the dot at its end (propertyTransform), so with and without
  one the same record is meant. How CloudFormation spells that is not verified (docs/unverified.md).
- A record that is not there fails the change set, and so does one that a stack holds: "the resource must not
  already belong to another stack" (CloudFormation User Guide, import-resources-manually). MiniStack does the
  same for what it knows, and has the rest of an import by itself: no other change beside it, no output, a
  DeletionPolicy for each, IMPORT_IN_PROGRESS to IMPORT_COMPLETE.
- DescribeStackResources finds a stack by what a resource of it is called (CloudFormation API reference,
  DescribeStackResources, PhysicalResourceId): a record by its name.
- It compares no property with the template: that is left to drift detection (the same page).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import ministack.services.cloudformation as formation
from ministack.services import route53
from ministack.services.cloudformation import changesets, handlers, provisioners

_TYPE: Final = "AWS::Route53::RecordSet"
IDENTIFIER: Final = ("Name", "HostedZoneId", "Type", "SetIdentifier")


def teach() -> None:
    """Register the identifier, the import, and who owns a record."""
    changesets._IMPORT_LOOKUPS[_TYPE] = (IDENTIFIER, _problem)
    provisioners._RESOURCE_HANDLERS[_TYPE] = {
        **provisioners._RESOURCE_HANDLERS[_TYPE],
        "import": _import,
    }
    plain_owner, plain_change = changesets._import_owner, changesets._import_change

    def owner(entries: Sequence[dict[str, Any]]) -> str | None:
        mine = [entry for entry in entries if entry["ResourceType"] == _TYPE]
        others = [entry for entry in entries if entry["ResourceType"] != _TYPE]
        return _owner(mine) or plain_owner(others)

    def change(entry: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = plain_change(entry)
        if entry["ResourceType"] == _TYPE:
            # MiniStack takes the identifier's last part, which is the set identifier.
            name, _ = _import(entry["ResourceIdentifier"])
            made["ResourceChange"]["PhysicalResourceId"] = name
        return made

    changesets._import_owner, changesets._import_change = owner, change
    plain_resources = handlers._ACTION_HANDLERS["DescribeStackResources"]

    def resources(asked: dict[str, Any]) -> Any:
        called = changesets._p(asked, "PhysicalResourceId")
        stack = _stack_with(called) if called and not changesets._p(asked, "StackName") else ""
        return plain_resources(asked | ({"StackName": [stack]} if stack else {}))

    handlers._ACTION_HANDLERS["DescribeStackResources"] = resources


def _problem(name: str, zone_id: str, kind: str, which: str) -> str | None:
    sought = _key(name, kind, which)
    there = route53._records.get(zone_id.removeprefix("/hostedzone/"), [])
    if any(route53._rs_key(record) == sought for record in there):
        return None
    found: str = changesets._IMPORT_NOT_FOUND
    return found.format(type=_TYPE, value="|".join((name, zone_id, kind, which)))


def _import(identifier: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    name = route53._normalise_name(identifier["Name"])
    return name, {"Name": name}


def _stack_with(called: str) -> str:
    """Return the stack that has a resource called so."""
    for name, stack in formation._stacks.items():
        held = stack.get("_resources", {}).values()
        if any(resource.get("PhysicalResourceId") == called for resource in held):
            return str(name)
    return ""


def _owner(entries: Sequence[dict[str, Any]]) -> str | None:
    for entry in entries:
        name, zone_id, kind, which = (entry["ResourceIdentifier"][key] for key in IDENTIFIER)
        for stack in formation._stacks.values():
            if stack.get("StackStatus") == "DELETE_COMPLETE":
                continue
            for resource in stack.get("_resources", {}).values():
                held = resource.get("Properties") or {}
                if (
                    resource.get("ResourceType") == _TYPE
                    and held.get("HostedZoneId") == zone_id
                    and _key(*(str(held.get(k, "")) for k in ("Name", "Type", "SetIdentifier")))
                    == _key(name, kind, which)
                ):
                    said = "|".join((name, zone_id, kind, which))
                    return f"{said} already exists in stack {stack['StackId']}"
    return None


def _key(name: str, kind: str, which: str) -> Any:
    record = {"Name": route53._normalise_name(name), "Type": kind.upper()}
    return route53._rs_key(record | ({"SetIdentifier": which} if which else {}))
