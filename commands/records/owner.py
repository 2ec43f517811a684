"""Who made a record: a CloudFormation stack, or Kubernetes' external-dns. Nothing else leaves a mark."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from commands.records.record_set import RecordSet, dotted
from commands.records.zone import Zone
from shared.doors.patience import DoorError, patiently
from shared.status.standing import Unread

EXTERNAL_DNS: Final = "heritage=external-dns"
_BESIDE: Final = ("", "a-", "aaaa-", "cname-")
"""How the names of external-dns's own TXT records begin (external-dns, docs/registry/txt)."""


def owning_stack(
    client_for: Callable[[str, str], Any], regions: Iterable[str], record: RecordSet, zone_id: str
) -> str | Unread | None:
    """Return the stack that holds `record`, as `name in region`, or None where none of `regions` has one.

    CloudFormation finds a stack by what its resource is called there (CloudFormation API reference,
    DescribeStackResources, PhysicalResourceId): a record set by its name, and, since the type came into the
    registry, by its identifier. No region knows of another's stacks.
    """
    name, kind = record["Name"].rstrip("."), record["Type"]
    which = record.get("SetIdentifier", "")
    called = [name, dotted(name), f"{name}|{zone_id}|{kind}|{which}"]
    for region in regions:
        client = client_for("cloudformation", region)
        try:
            for physical_id in called:
                for resource in _named(client, physical_id):
                    if _may_be(client, resource, kind):
                        return f"{resource['StackName']} in {region}"
        except DoorError as error:
            return Unread(f"{region}: {error}")
    return None


def _named(client: Any, physical_id: str) -> list[dict[str, Any]]:
    """Return the record sets of a stack that are called so."""
    try:
        found = patiently(partial(client.describe_stack_resources, PhysicalResourceId=physical_id))[
            "StackResources"
        ]
    except DoorError as error:
        if error.code == "ValidationError":  # no stack holds anything of that name
            return []
        raise
    return [
        resource
        for resource in found
        if resource.get("PhysicalResourceId") == physical_id
        and resource["ResourceType"].startswith("AWS::Route53::RecordSet")
    ]


def _may_be(client: Any, resource: Mapping[str, Any], kind: str) -> bool:
    """Return whether `resource`, whose name may be that of several record sets, may be one of type `kind`."""
    try:
        body = patiently(
            partial(client.get_template, StackName=resource["StackName"], TemplateStage="Processed")
        )["TemplateBody"]
        held = json.loads(body) if isinstance(body, str) else body
        said = held["Resources"][resource["LogicalResourceId"]]["Properties"]["Type"]
    except (DoorError, KeyError, TypeError, ValueError):
        return True
    return not isinstance(said, str) or said == kind


def marked_by_external_dns(zone: Zone, name: str) -> bool:
    """Return whether external-dns says that it owns records of `name`.

    Raises
    ------
    DoorError
        When the zone cannot be read.
    """
    return any(
        EXTERNAL_DNS in entry["Value"]
        for beside in _BESIDE
        for record in zone.records(f"{beside}{name}")
        if record["Type"] == "TXT"
        for entry in record.get("ResourceRecords", [])
    )
