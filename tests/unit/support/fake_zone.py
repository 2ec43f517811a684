"""A hosted zone as Route 53 documents it: a batch is carried out whole or not at all, a deletion names what
stands there, and no name has a simple and another record of one type."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from commands.records.dns_question import Answer, Server
from commands.records.record_set import dotted, identity, leads_to
from tests.unit.support.fake_doors import refusal


class FakeZone:
    """Route 53 with one zone.

    `faults` are raised in place of a change, one a request. With `loses_answers` the next change is
    carried out and its answer lost. `before_change` is called once, just before the next change.
    """

    def __init__(self, name: str = "example.com", *records: dict[str, Any]) -> None:
        self.name = name
        self.records = [as_listed(record) for record in records]
        self.private = False
        self.servers = ["ns-1.awsdns-1.com", "ns-2.awsdns-2.net"]
        self.faults: list[ClientError] = []
        self.loses_answers = 0
        self.before_change: Callable[[], None] | None = None
        self.batches: list[dict[str, Any]] = []
        self.pending = 1
        self.page = 100

    def get_hosted_zone(self, *, Id: str) -> dict[str, Any]:  # noqa: N803
        return {
            "HostedZone": {"Name": f"{self.name}.", "Config": {"PrivateZone": self.private}},
            "DelegationSet": {"NameServers": self.servers},
        }

    def list_resource_record_sets(
        self,
        *,
        HostedZoneId: str,  # noqa: N803
        StartRecordName: str,  # noqa: N803
        MaxItems: str,  # noqa: N803
        StartRecordType: str = "",  # noqa: N803
        StartRecordIdentifier: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        start = (dotted(StartRecordName), StartRecordType, StartRecordIdentifier)
        found = [r for r in sorted(self.records, key=identity) if identity(r) >= start]
        size = min(int(MaxItems), self.page)
        answer: dict[str, Any] = {
            "ResourceRecordSets": copy.deepcopy(found[:size]),
            "IsTruncated": len(found) > size,
        }
        if len(found) > size:
            name, kind, which = identity(found[size])
            answer |= {"NextRecordName": name, "NextRecordType": kind}
            answer |= {"NextRecordIdentifier": which} if which else {}
        return answer

    def change_resource_record_sets(
        self,
        *,
        HostedZoneId: str,  # noqa: N803
        ChangeBatch: dict[str, Any],  # noqa: N803
    ) -> dict[str, Any]:
        if self.before_change is not None:
            before, self.before_change = self.before_change, None
            before()
        if self.faults:
            raise self.faults.pop(0)
        self.records = after_batch(self.records, ChangeBatch["Changes"])
        self.batches.append(ChangeBatch)
        self.pending = 1
        if self.loses_answers:
            self.loses_answers -= 1
            raise refusal("InternalFailure", 500)
        return {"ChangeInfo": {"Id": "/change/C1", "Status": "PENDING"}}

    def get_change(self, *, Id: str) -> dict[str, Any]:  # noqa: N803
        self.pending -= 1
        return {"ChangeInfo": {"Id": Id, "Status": "PENDING" if self.pending >= 0 else "INSYNC"}}

    def answers(self, addresses: dict[str, dict[str, str]]) -> Callable[[Server, str, str], Answer]:
        """Return how its servers answer; `addresses` by the load balancer's name and type."""

        def ask(server: Server, name: str, kind: str) -> Answer:
            own = [r for r in self.records if r["Name"] == dotted(name)]
            if not own:
                return Answer("NXDOMAIN")
            chosen = [r for r in own if r["Type"] in {kind, "CNAME"} and r.get("Weight", 1)]
            if not chosen:
                return Answer("NOERROR")
            record, to = chosen[0], leads_to(chosen[0])
            if "AliasTarget" not in record and record["Type"] != "CNAME":
                return Answer("NOERROR", frozenset(to))
            found = addresses.get(to[0], {}).get(kind)
            names = frozenset(to if record["Type"] == "CNAME" else ())
            return Answer("NOERROR", frozenset({found} if found else ()), names)

        return ask


def after_batch(
    records: list[dict[str, Any]], changes: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return what a batch makes of `records`.

    Raises
    ------
    ClientError
        InvalidChangeBatch, where Route 53 would refuse it.
    """
    left = {identity(record): record for record in records}
    for change in changes:
        record = as_listed(change["ResourceRecordSet"])
        which = identity(record)
        if change["Action"] == "DELETE":
            if left.pop(which, None) != record:
                raise refusal("InvalidChangeBatch", 400)
        elif change["Action"] == "CREATE":
            if which in left:
                raise refusal("InvalidChangeBatch", 400)
            left[which] = record
    for name, kind, which in left:
        # Route 53 API reference, ResourceRecordSet SetIdentifier, and RFC 1034, 3.6.2.
        beside = [other for other in left if other[0] == name and other != (name, kind, which)]
        if any(other[1] == kind and not (other[2] and which) for other in beside):
            raise refusal("InvalidChangeBatch", 400)
        if kind == "CNAME" and any(other[1] != "CNAME" for other in beside):
            raise refusal("InvalidChangeBatch", 400)
    return list(left.values())


def as_listed(record: dict[str, Any]) -> dict[str, Any]:
    """Return `record` as Route 53 lists it: names with a dot and in lower case, values as they were given."""
    listed = copy.deepcopy(record) | {"Name": dotted(record["Name"])}
    if "AliasTarget" in listed:
        listed["AliasTarget"]["DNSName"] = dotted(listed["AliasTarget"]["DNSName"])
    return listed
