"""The weighted records that the Traffic stack creates, as Route 53's API has them, and their identifiers for
`cdk import`."""

from __future__ import annotations

from typing import Any, Final

from cutover.declaration.doors import Dns
from cutover.declaration.service import Service
from cutover.doors.dns import RECORD_TTL_SECONDS, WeightedRecord, weighted_records
from cutover.naming import logical_id

OLD_CHECK: Final = logical_id("DnsSwitch", "OldAlwaysHealthy")
NEW_CHECK: Final = logical_id("DnsSwitch", "Default")
"""The health checks of the two records, by their logical ids in the Safety stack."""

_DOOR: Final = "Dns"
"""What the door is called in the Traffic stack."""


def wanted(service: Service, dns: Dns, *, old_check: str, new_check: str) -> list[dict[str, Any]]:
    """Return the record sets of the door at the declared weight, guarded by these health checks."""
    checks = {"old": old_check, "new": new_check}
    return [_record_set(record, dns, checks[record.which]) for record in _records(service, dns)]


def import_mapping(service: Service, dns: Dns) -> dict[str, dict[str, str]]:
    """Return the file for `cdk import --resource-mapping`: identifiers by logical id, each as the template
    has it (CDK CLI README, cdk import; the type's primary identifier in the CloudFormation registry)."""
    return {
        logical_id(_DOOR, record.construct_id): {
            "Name": f"{dns.record_name}.",
            "HostedZoneId": dns.hosted_zone_id,
            "Type": record.kind,
            "SetIdentifier": record.which,
        }
        for record in _records(service, dns)
    }


def _records(service: Service, dns: Dns) -> list[WeightedRecord]:
    old = None if service.phase == "decommission" else service.old
    return weighted_records(dns, old=old, new=service.new, new_weight=service.new_weight)


def _record_set(record: WeightedRecord, dns: Dns, check_id: str) -> dict[str, Any]:
    common = {
        "Name": f"{dns.record_name}.",
        "Type": record.kind,
        "SetIdentifier": record.which,
        "Weight": record.weight,
        "HealthCheckId": check_id,
    }
    if record.alias is None:
        return {
            **common,
            "TTL": RECORD_TTL_SECONDS,
            "ResourceRecords": [{"Value": record.target}],
        }
    return {
        **common,
        "AliasTarget": {
            "DNSName": record.alias,
            "HostedZoneId": record.zone_id,
            "EvaluateTargetHealth": record.follows_target,
        },
    }
