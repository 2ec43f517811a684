"""The dns door: weighted records, old and new, with one weight between them."""

from __future__ import annotations

from aws_cdk import aws_route53 as route53
from constructs import Construct

from cutover.declaration.doors import Dns
from cutover.declaration.side import Side

RECORD_TTL_SECONDS = "60"
"""One TTL for the whole group: the last one set wins for all records of a weighted group, and 60 s is
what an alias to a load balancer answers with (Route 53 Developer Guide,
resource-record-sets-values-weighted and resource-record-sets-choosing-alias-non-alias)."""


class WeightedRecords(Construct):
    """Defines the weighted records of one name: A (and AAAA) aliases, or a CNAME each.

    The set identifiers are fixed: CDK's own would contain the weight and replace the record at
    each move. New's alias also follows its load balancer's health, old's never does: old is the
    safe side.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        dns: Dns,
        old: Side,
        new: Side,
        new_weight: int,
        old_check_id: str,
        new_check_id: str,
    ) -> None:
        super().__init__(scope, construct_id)
        kinds = ["CNAME"] if dns.record == "cname" else ["A", "AAAA"] if dns.ipv6 else ["A"]
        sides = (
            ("old", old, 100 - new_weight, old_check_id),
            ("new", new, new_weight, new_check_id),
        )
        for kind in kinds:
            for which, side, weight, check_id in sides:
                alias = kind != "CNAME"
                route53.CfnRecordSet(
                    self,
                    f"{which.capitalize()}{kind}",
                    hosted_zone_id=dns.hosted_zone_id,
                    name=f"{dns.record_name}.",
                    type=kind,
                    set_identifier=which,
                    weight=weight,
                    health_check_id=check_id,
                    alias_target=_alias(side, follow=which == "new") if alias else None,
                    ttl=None if alias else RECORD_TTL_SECONDS,
                    resource_records=None if alias else [side.load_balancer_dns_name],
                )


def _alias(side: Side, *, follow: bool) -> route53.CfnRecordSet.AliasTargetProperty:
    return route53.CfnRecordSet.AliasTargetProperty(
        dns_name=f"dualstack.{side.load_balancer_dns_name}",
        hosted_zone_id=side.zone_id,
        evaluate_target_health=follow,
    )
