"""One record set, as boto3 has it, in one spelling, so that two can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

RecordSet = Mapping[str, Any]
"""A ResourceRecordSet of Route 53's API."""

ADDRESSES: Final = ("A", "AAAA")
LEADING: Final = (*ADDRESSES, "CNAME")
"""The types that lead viewers somewhere, and that the dns door is made of."""

_POLICIES: Final[Mapping[str, str]] = {
    "Weight": "weighted",
    "Region": "latency",
    "Failover": "failover",
    "GeoLocation": "geolocation",
    "GeoProximityLocation": "geoproximity",
    "MultiValueAnswer": "multivalue",
    "CidrRoutingConfig": "IP-based",
}
"""The routing policies by what a record set of theirs holds (Route 53 API reference, ResourceRecordSet)."""


def canonical(record: RecordSet) -> dict[str, Any]:
    """Return `record` in one spelling, to compare it by: names in lower case with the dot at the end,
    values in order. What is sent to Route 53 is never this, but what was read: a deletion must name the
    same values.

    Route 53 "assumes that the domain name that you specify is fully qualified" with the dot or without, and
    answers in lower case with it (Route 53 API reference, ResourceRecordSet).
    """
    written = {key: value for key, value in record.items() if value not in (None, [], "")}
    written["Name"] = dotted(record["Name"])
    alias = written.get("AliasTarget")
    if alias is not None:
        written["AliasTarget"] = {**alias, "DNSName": dotted(alias["DNSName"])}
    if "ResourceRecords" in written:
        values = (entry["Value"] for entry in written["ResourceRecords"])
        written["ResourceRecords"] = sorted(
            dotted(value) if record["Type"] == "CNAME" else value for value in values
        )
    if "TTL" in written:
        written["TTL"] = int(written["TTL"])
    return written


def in_order(records: Iterable[RecordSet]) -> list[dict[str, Any]]:
    """Return `records` in one order."""
    return sorted((dict(record) for record in records), key=identity)


def stands_in(record: RecordSet, records: Iterable[RecordSet]) -> bool:
    """Return whether one of `records` says the same as `record`."""
    return any(canonical(record) == canonical(other) for other in records)


def identity(record: RecordSet) -> tuple[str, str, str]:
    """Return what no two record sets of a zone share."""
    return dotted(record["Name"]), record["Type"], record.get("SetIdentifier", "")


def dotted(name: str) -> str:
    """Return a domain name in lower case with a dot at its end."""
    return f"{name.rstrip('.').lower()}."


def policy(record: RecordSet) -> str:
    """Return the routing policy of `record`: simple, weighted, latency …"""
    if "SetIdentifier" not in record:
        return "simple"
    return next((name for key, name in _POLICIES.items() if key in record), "other")


def leads_to(record: RecordSet) -> list[str]:
    """Return the names or addresses that `record` answers with; an alias's without `dualstack.`."""
    alias = record.get("AliasTarget")
    if alias is not None:
        return [alias["DNSName"].rstrip(".").lower().removeprefix("dualstack.")]
    return [
        entry["Value"].rstrip(".").lower().removeprefix("dualstack.")
        for entry in record.get("ResourceRecords", [])
    ]


def said(record: RecordSet) -> str:
    """Return `record` in one line for people."""
    which = record.get("SetIdentifier", "")
    weight = f" weight {record['Weight']}" if "Weight" in record else ""
    kind = "alias of" if "AliasTarget" in record else "to"
    ttl = f", TTL {record['TTL']} s" if "TTL" in record else ""
    check = f", health check {record['HealthCheckId']}" if record.get("HealthCheckId") else ""
    name = record["Name"].rstrip(".")
    targets = ", ".join(leads_to(record))
    return (
        f"{name} {record['Type']} {policy(record)}"
        f"{f' {which}' if which else ''}{weight} {kind} {targets}{ttl}{check}"
    )
