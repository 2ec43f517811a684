"""Whether a simple record may become the weighted ones now, and what a person must do first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from commands.records.record_set import ADDRESSES, LEADING, RecordSet, leads_to, policy, said
from commands.records.zone import ZoneFacts
from cutover.declaration.doors import Dns
from cutover.doors.dns import RECORD_TTL_SECONDS
from shared.status.standing import Deployed, Unread

TTL_WAIT: Final = timedelta(hours=24)
"""Some resolvers keep an answer longer than its TTL; a day is the custom."""

CLOUDFRONT: Final = ".cloudfront.net"
"""How the name of a distribution ends (CloudFront Developer Guide, GettingStarted)."""

_SERVICE_BINDINGS: Final = ("HTTPS", "SVCB")
_HINT: Final = re.compile(r"\b(ipv4hint|ipv6hint)=")

TERRAFORM: Final = (
    "Terraform leaves no mark on a record. If Terraform holds this one, take it out of its state first "
    "(terraform state rm, or a removed block): its next apply would put the simple record back"
)


@dataclass(frozen=True)
class LoadBalancer:
    """A load balancer and the addresses that it answers with now, by type."""

    name: str
    addresses: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Seen:
    """What was found before anything is changed.

    Attributes
    ----------
    records : sequence
        Every record set of the name, of every type.
    zone : ZoneFacts
    delegated_to : frozenset of str or Unread
        The servers that the rest of the world asks for the zone.
    owner : str, Unread or None
        The stack that holds the record, by name and region.
    external_dns : bool
    old : LoadBalancer
    deployed : Deployed or Unread
        What CloudFormation holds of the Traffic stack.
    now : datetime
    lowered : datetime or None
        When `--lower-ttl` lowered the TTL, if it did.
    """

    records: Sequence[RecordSet]
    zone: ZoneFacts
    delegated_to: frozenset[str] | Unread
    owner: str | Unread | None
    external_dns: bool
    old: LoadBalancer
    deployed: Deployed | Unread
    now: datetime
    lowered: datetime | None = None


@dataclass(frozen=True)
class Verdict:
    """What stands against it, and what a person should know; each a sentence."""

    refusals: tuple[str, ...]
    notes: tuple[str, ...]


def simple_records(records: Sequence[RecordSet]) -> list[RecordSet]:
    """Return the simple record sets that lead viewers somewhere."""
    return [r for r in records if r["Type"] in LEADING and policy(r) == "simple"]


def preflight(seen: Seen, dns: Dns, traffic_stack: str) -> Verdict:
    """Return what stands against adopting the name."""
    refusals = [
        *_stack(seen, traffic_stack),
        *zone_faults(seen.zone, seen.delegated_to, dns),
        *_records(seen, dns),
        *_owner(seen),
        *_ttl(seen),
    ]
    notes = [TERRAFORM, *_bound_names(seen, hints=False)]
    if seen.lowered is None and not _long(seen):
        slow = [r for r in simple_records(seen.records) if "TTL" in r]
        notes += [
            f"{said(r)}: Route 53 does not tell since when the TTL is that short. If it is less than a day, "
            "some viewers keep the earlier answer, which is old, a while longer"
            for r in slow
        ]
    return Verdict(tuple(refusals), tuple(notes))


def _stack(seen: Seen, traffic_stack: str) -> list[str]:
    deployed = seen.deployed
    if isinstance(deployed, Unread):
        return [
            f"it is not known what the stack {traffic_stack} holds: {deployed.why.rstrip('.')}. Deploy all "
            "stacks with dns.adopt: true first"
        ]
    if deployed.moving or deployed.failed:
        return [
            f"the stack {traffic_stack} is {deployed.status}: wait until it is at rest, or finish it in "
            "CloudFormation"
        ]
    if deployed.weight:
        return [
            f"the stack {traffic_stack} holds {deployed.weight} % for new: the name would send viewers "
            "to new "
            "in that moment, past the gate. Deploy new_weight 0, adopt, and raise the weight afterwards"
        ]
    return []


def zone_faults(zone: ZoneFacts, delegated: frozenset[str] | Unread, dns: Dns) -> list[str]:
    """Return why the hosted zone is not the one that the world asks for the name; nothing where it is."""
    if zone.name.rstrip(".") != dns.zone_name:
        return [
            f"the hosted zone {dns.hosted_zone_id} is {zone.name.rstrip('.')}, and dns.zone_name says "
            f"{dns.zone_name}: correct one of them"
        ]
    if zone.private:
        return [
            f"the hosted zone {dns.hosted_zone_id} is private: viewers on the internet do not ask it. "
            "Declare "
            "the public one"
        ]
    if isinstance(delegated, Unread):
        return [
            f"it is not known which servers the world asks for {dns.zone_name}: {delegated.why.rstrip('.')}. "
            "Run this where DNS can be asked"
        ]
    own = {server.rstrip(".").lower() for server in zone.servers}
    if not delegated & own:
        return [
            f"{dns.zone_name} is delegated to {', '.join(sorted(delegated)) or 'nobody'}, and not to the "
            f"hosted zone {dns.hosted_zone_id} ({', '.join(sorted(own))}): what stands in it, nobody is "
            "answered. Declare the zone that is delegated, or move the delegation first"
        ]
    if delegated != own:
        return [
            f"{dns.zone_name} is delegated to {', '.join(sorted(delegated))}, and the hosted zone "
            f"{dns.hosted_zone_id} has {', '.join(sorted(own))}: some viewers ask another server. Make "
            "the two lists the same first"
        ]
    return []


def _records(seen: Seen, dns: Dns) -> list[str]:
    others = [r for r in seen.records if r["Type"] in LEADING and policy(r) != "simple"]
    if others:
        return [
            f"{said(r)}: the name has a {policy(r)} record already, and Route 53 takes no other policy "
            "beside it. Make one simple record of the name first"
            for r in others
        ]
    if not any(seen.old.addresses.values()):
        return [
            f"{seen.old.name} has no address, as far as DNS can be asked from here: it is not known what the "
            "name must answer"
        ]
    found = simple_records(seen.records)
    if not found:
        return [
            f"{dns.record_name} has no A, AAAA or CNAME record: there is nothing to adopt. Leave dns.adopt "
            "out, and cdk deploy makes the weighted records"
        ]
    return [
        *(fault for record in found for fault in _leads_elsewhere(record, seen.old)),
        *_answers_change(found, seen.old, dns),
        *_bound_names(seen, hints=True),
    ]


def _leads_elsewhere(record: RecordSet, old: LoadBalancer) -> list[str]:
    if record.get("HealthCheckId"):
        return [f"{said(record)}: it has a health check of its own. Take that away first"]
    to = set(leads_to(record))
    if to == {old.name} or (
        record["Type"] in ADDRESSES
        and "AliasTarget" not in record
        and to
        and to <= old.addresses.get(record["Type"], frozenset())
    ):
        return []
    if any(target.endswith(CLOUDFRONT) for target in to):
        return [
            f"{said(record)}: the name leads to a CloudFront distribution, and weighted records would take "
            "everybody past it. Attach our function to that distribution, or move the name to the edge door "
            "(docs/adopt.md, a distribution that is already there)"
        ]
    return [
        f"{said(record)}: it does not lead to old's load balancer, {old.name}, so everybody would be "
        "moved in "
        "that moment. Let it lead there first, or declare the side that it leads to as old"
    ]


def _answers_change(found: Sequence[RecordSet], old: LoadBalancer, dns: Dns) -> list[str]:
    """Return a sentence for each type that would be answered otherwise than now."""
    has_alias = {r["Type"] for r in found}
    faults = []
    for kind in ADDRESSES:
        reachable = bool(old.addresses.get(kind))
        before = reachable and ("CNAME" in has_alias or kind in has_alias)
        after = reachable and (dns.record == "cname" or kind == "A" or dns.ipv6)
        if before and not after:
            faults.append(
                f"{dns.record_name} answers {kind} now and would not any more: declare dns.ipv6: true, or "
                f"take old's {kind} record away first"
            )
        if after and not before:
            faults.append(
                f"{dns.record_name} answers no {kind} now and would from then on: "
                + (
                    "leave dns.ipv6 out, adopt, and add it afterwards"
                    if dns.record == "alias"
                    else "declare dns.record: alias"
                )
            )
    unused = has_alias - {"CNAME"} - ({"A", "AAAA"} if dns.ipv6 else {"A"})
    if dns.record == "alias" and unused and not faults:
        faults.append(
            f"{dns.record_name} has a simple {', '.join(sorted(unused))} record that the declaration "
            "does not "
            "have: whoever asks for it would go past the weights. Declare dns.ipv6: true, or take it away"
        )
    return faults


def _bound_names(seen: Seen, *, hints: bool) -> list[str]:
    """Return a sentence for each HTTPS or SVCB record: with `hints`, those that lead past the weights."""
    told = []
    for record in seen.records:
        if record["Type"] not in _SERVICE_BINDINGS:
            continue
        for entry in record.get("ResourceRecords", []):
            leads_past = _leads_past(entry["Value"])
            if leads_past and hints:
                told.append(
                    f"{record['Type']} record {entry['Value']}: browsers go where it says, past the weights. "
                    "Take its target and its address hints away first"
                )
            elif not leads_past and not hints:
                told.append(
                    f"the {record['Type']} record {entry['Value']} stays: it names no other target"
                )
    return told


def _leads_past(value: str) -> bool:
    """Return whether a service binding names another target or addresses (RFC 9460, 2.1 and 7.3)."""
    parts = value.split()
    return len(parts) < 2 or parts[1] != "." or _HINT.search(value) is not None  # noqa: PLR2004


def _owner(seen: Seen) -> list[str]:
    if seen.external_dns:
        return [
            "external-dns in a Kubernetes cluster says that it owns the name (a TXT record with "
            "heritage=external-dns): it would put its record back. Take the name out of its sources "
            "first, with "
            "policy upsert-only, and delete its TXT records"
        ]
    owner = seen.owner
    if isinstance(owner, Unread):
        return [
            f"it is not known whether a stack holds the record: {owner.why.rstrip('.')}. You need "
            "cloudformation:DescribeStackResources"
        ]
    if owner is not None:
        return [
            f"the stack {owner} holds the record: its next deploy or its deletion would fail, or take "
            "the name "
            "away. Give the record DeletionPolicy: Retain there and deploy that, then take the record "
            "out of its "
            "template and deploy again; in a CDK app: cdk orphan"
        ]
    return []


def _long(seen: Seen) -> list[RecordSet]:
    return [r for r in simple_records(seen.records) if int(r.get("TTL", 0)) > RECORD_TTL_SECONDS]


def _ttl(seen: Seen) -> list[str]:
    long = _long(seen)
    if long:
        return [
            f"{said(r)}: resolvers keep its answer for {r['TTL']} s, so viewers would follow a weight "
            "that much "
            "later. Lower it a day ahead: cutover adopt --lower-ttl"
            for r in long
        ]
    if seen.lowered is not None and seen.now < seen.lowered + TTL_WAIT:
        until = seen.lowered + TTL_WAIT
        return [
            f"the TTL was lowered at {seen.lowered:%Y-%m-%d %H:%M} UTC, and resolvers may keep the earlier "
            f"answer for a day: adopt from {until:%Y-%m-%d %H:%M} UTC on"
        ]
    return []


def lowered(records: Sequence[RecordSet]) -> list[dict[str, Any]]:
    """Return the simple records with a TTL of 60 s where it was longer."""
    return [
        {**r, "TTL": min(int(r["TTL"]), RECORD_TTL_SECONDS)} if "TTL" in r else dict(r)
        for r in simple_records(records)
    ]
