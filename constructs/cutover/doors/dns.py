"""The dns door: weighted records, old and new, with one weight between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_route53 as route53
from constructs import Construct

from cutover.declaration.doors import Dns
from cutover.declaration.side import Side, Which
from cutover.kept import keep

RECORD_TTL_SECONDS: Final = 60
"""One TTL for the whole group: the last one set wins for all records of a weighted group, and 60 s is
what an alias to a load balancer answers with (Route 53 Developer Guide,
resource-record-sets-values-weighted and resource-record-sets-choosing-alias-non-alias)."""


@dataclass(frozen=True)
class WeightedRecord:
    """One record of the door, as CloudFormation makes it and as `cutover adopt` makes it.

    Attributes
    ----------
    which : str
        The side, which is also the set identifier.
    kind : str
        A, AAAA or CNAME.
    target : str
        The load balancer's name; an alias asks for it as dualstack.
    zone_id : str or None
        Hosted zone of the load balancer, for an alias; None for a CNAME.
    weight : int
        In percent.
    """

    which: Which
    kind: str
    target: str
    zone_id: str | None
    weight: int

    @property
    def construct_id(self) -> str:
        """What the record is called in the construct `WeightedRecords`, like OldA."""
        return f"{self.which.capitalize()}{self.kind}"

    @property
    def alias(self) -> str | None:
        """The name that an alias leads to."""
        return None if self.zone_id is None else f"dualstack.{self.target}"

    @property
    def follows_target(self) -> bool:
        """Whether the alias also follows its load balancer's health: new's does, old is the safe side."""
        return self.which == "new"


def weighted_records(
    dns: Dns, *, old: Side | None, new: Side, new_weight: int
) -> list[WeightedRecord]:
    """Return the records of the door at `new_weight` percent: for each type old's, then new's.

    Without `old` the record of its name leads to new too. To delete it is not possible: a record is kept
    when it leaves the template.
    """
    kinds = ["CNAME"] if dns.record == "cname" else ["A", "AAAA"] if dns.ipv6 else ["A"]
    sides: list[tuple[Which, Side, int]] = [
        ("old", new if old is None else old, 100 - new_weight),
        ("new", new, new_weight),
    ]
    return [
        WeightedRecord(
            which,
            kind,
            side.load_balancer_dns_name,
            None if kind == "CNAME" else side.zone_id,
            weight,
        )
        for kind in kinds
        for which, side, weight in sides
    ]


class WeightedRecords(Construct):
    """Defines the weighted records of one name: A (and AAAA) aliases, or a CNAME each.

    The set identifiers are fixed: CDK's own would contain the weight and replace the record at
    each move. New's alias also follows its load balancer's health, old's never does: old is the
    safe side. Without `old`, both lead to new: whatever health checks and switch say, new answers.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        dns: Dns,
        old: Side | None,
        new: Side,
        new_weight: int,
        old_check_id: str,
        new_check_id: str,
    ) -> None:
        super().__init__(scope, construct_id)
        checks = {"old": old_check_id, "new": new_check_id}
        for record in weighted_records(dns, old=old, new=new, new_weight=new_weight):
            made = route53.CfnRecordSet(
                self,
                record.construct_id,
                hosted_zone_id=dns.hosted_zone_id,
                name=f"{dns.record_name}.",
                type=record.kind,
                set_identifier=record.which,
                weight=record.weight,
                health_check_id=checks[record.which],
                alias_target=_alias(record),
                ttl=None if record.alias else str(RECORD_TTL_SECONDS),
                resource_records=None if record.alias else [record.target],
            )
            # With one of a group gone, Route 53 would send its share to what is left.
            keep(made)


def _alias(record: WeightedRecord) -> route53.CfnRecordSet.AliasTargetProperty | None:
    if record.alias is None or record.zone_id is None:
        return None
    return route53.CfnRecordSet.AliasTargetProperty(
        dns_name=record.alias,
        hosted_zone_id=record.zone_id,
        evaluate_target_health=record.follows_target,
    )
