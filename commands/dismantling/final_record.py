"""The plain record that is left: the inverse of the adoption, with new in old's place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from commands.dismantling.traffic import Traffic
from commands.records.exchange import Exchange
from commands.records.preflight import zone_faults
from commands.records.record_set import LEADING, RecordSet, said, stands_in
from commands.records.wanted import wanted
from commands.records.zone import ZoneFacts
from cutover.declaration.doors import Dns
from cutover.declaration.reading.context import Cutover
from cutover.doors.dns import RECORD_TTL_SECONDS, weighted_records
from shared.doors.switch import SwitchState
from shared.status.standing import Unread

_ALL = 100


@dataclass(frozen=True)
class Seen:
    """What was found before anything is changed.

    Attributes
    ----------
    records : sequence
        Every record set of the name.
    traffic : Traffic, Unread or None
        The Traffic stack; None where there is none.
    switch : SwitchState or Unread
        The dns door's.
    zone : ZoneFacts
    delegated_to : frozenset of str or Unread
    owner : str, Unread or None
        The stack that holds the records, as `name in region`.
    new_addresses : mapping
        New's load balancer's, by type.
    """

    records: Sequence[RecordSet]
    traffic: Traffic | Unread | None
    switch: SwitchState | Unread
    zone: ZoneFacts
    delegated_to: frozenset[str] | Unread
    owner: str | Unread | None
    new_addresses: Mapping[str, frozenset[str]]


def final_records(cutover: Cutover, dns: Dns) -> list[dict[str, Any]]:
    """Return the plain records that lead everybody to new."""
    service = cutover.service
    group = weighted_records(dns, old=None, new=service.new, new_weight=_ALL)
    return [
        {"Name": f"{dns.record_name}.", "Type": record.kind}
        | (
            {"TTL": RECORD_TTL_SECONDS, "ResourceRecords": [{"Value": record.target}]}
            if record.alias is None
            else {
                "AliasTarget": {
                    "DNSName": record.alias,
                    "HostedZoneId": record.zone_id,
                    # One record alone answers whatever its health is.
                    "EvaluateTargetHealth": False,
                }
            }
        )
        for record in group
        if record.which == "new"
    ]


def leaving(
    cutover: Cutover, dns: Dns, live: Sequence[RecordSet], *, old_check: str, new_check: str
) -> Exchange:
    """Return the exchange: the weighted records of the phase decommission out, the plain ones in."""
    before = wanted(cutover.service, dns, old_check=old_check, new_check=new_check)
    # As Route 53 has them: a deletion names the same values.
    standing = [r for r in live if stands_in(r, before)]
    return Exchange.of(
        dns.hosted_zone_id,
        standing if len(standing) == len(before) else before,
        final_records(cutover, dns),
    )


def against(seen: Seen, exchange: Exchange, cutover: Cutover, dns: Dns, stack: str) -> list[str]:
    """Return what stands against it, a sentence each; nothing where it may be done."""
    return [
        *_phase(seen, cutover, stack),
        *_switch(seen, dns),
        *_records(seen, exchange),
        *zone_faults(seen.zone, seen.delegated_to, dns),
        *_owner(seen, stack),
    ]


def _phase(seen: Seen, cutover: Cutover, stack: str) -> list[str]:
    if cutover.service.phase != "decommission":
        return [
            f"{cutover.name} declares phase {cutover.service.phase}: old may still be needed. Take old out "
            "of the doors first (docs/decommission.md)"
        ]
    if isinstance(seen.traffic, Unread):
        return [f"it is not known what the stack {stack} holds: {seen.traffic.why.rstrip('.')}"]
    # Without the stack the records alone say it: all of them must lead to new.
    return [] if seen.traffic is None else _deployed(seen.traffic, stack)


def _deployed(traffic: Traffic, stack: str) -> list[str]:
    held = traffic.deployed
    if held.moving or held.failed:
        return [
            f"the stack {stack} is {held.status}: wait until it is at rest, or finish it in CloudFormation"
        ]
    if held.weight < _ALL:
        return [
            f"the stack {stack} holds {held.weight} % for new: the rest of the viewers would be moved to new "
            "in that moment, past the gate"
        ]
    if not traffic.without_old:
        return [
            f"the stack {stack} was not deployed with phase decommission yet: cdk deploy {stack}, which "
            "passes the gate"
        ]
    return []


def _switch(seen: Seen, dns: Dns) -> list[str]:
    switch = seen.switch
    if isinstance(switch, Unread):
        return [f"it is not known whether the switch is thrown: {switch.why.rstrip('.')}"]
    if switch.thrown:
        return [
            f"the switch of the dns door is thrown: somebody, or an alarm, says that new must not serve "
            f"{dns.record_name}. Find out why, and release it"
        ]
    return []


def _records(seen: Seen, exchange: Exchange) -> list[str]:
    faults = []
    if not any(seen.new_addresses.values()):
        faults.append(
            "new's load balancer has no address, as far as DNS can be asked from here: the name would answer "
            "nothing"
        )
    leading = [r for r in seen.records if r["Type"] in LEADING]
    faults += [
        f"{said(r)}: this is no record of the phase decommission. Somebody changed it, or it is not this "
        "cutover's: look at it first"
        for r in leading
        if not stands_in(r, exchange.before)
    ]
    faults += [
        f"{said(r)}: the stack's template has it, and the zone has it not"
        for r in exchange.before
        if not stands_in(r, seen.records)
    ]
    return faults


def _owner(seen: Seen, stack: str) -> list[str]:
    owner = seen.owner
    if isinstance(owner, str) and owner.split()[0] != stack:
        return [f"the stack {owner} holds the records, and not {stack}: look there first"]
    return []
