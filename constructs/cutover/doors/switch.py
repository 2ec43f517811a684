"""The switch: whether new may serve at all. Only the rollback function writes it
(docs/decisions/020-the-switch.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_route53 as route53
from constructs import Construct

from cutover.kept import keep
from cutover.naming import Names

FIRST_CONTENT: Final = {"switch": '{"state":"released"}', "pin-key": "nobody has pinned yet"}
"""What the store holds when it is created: released, and a pin key that signs nothing, because the edge
function takes 64 hex digits only. Without the key a forged pin would have the function read one that is not
there, and whether that counts among KvsReadErrors, by which an alarm rolls back, is not documented.

Never change it: CloudFormation imports at creation only ("Updates are not supported", CloudFormation
reference, AWS::CloudFront::KeyValueStore ImportSource)."""


@dataclass(frozen=True)
class Switches:
    """The switch of every door.

    Attributes
    ----------
    store : IKeyValueStore
        The edge door's, which also records who threw it.
    check_id : str or None
        The health check that is the dns door's; None without a dns door.
    """

    store: cloudfront.IKeyValueStore
    check_id: str | None = None


class EdgeSwitch(Construct):
    """Defines the KeyValueStore that the edge function reads on each request.

    It is there without an edge door too: it records who threw the switch, why and when. With `serves` an edge
    function reads it, and then it is kept with that.
    """

    def __init__(self, scope: Construct, construct_id: str, *, names: Names, serves: bool) -> None:
        super().__init__(scope, construct_id)
        self.store = cloudfront.KeyValueStore(
            self,
            "Default",
            key_value_store_name=names.switch,
            comment=f"Whether the new side of {names.service} may serve",
            source=cloudfront.ImportSource.from_inline(
                json.dumps(
                    {
                        "data": [
                            {"key": key, "value": value} for key, value in FIRST_CONTENT.items()
                        ]
                    },
                    # As it was written before it held the pin key, byte by byte.
                    separators=(",", ":"),
                )
            ),
        )
        if serves:
            keep(self.store)


class DnsSwitch(Construct):
    """Defines the health checks that the two weighted records carry.

    `new_check` is the switch. Released, it follows new's entry check, so that Route 53 leaves new
    without anybody's help when new is down. Thrown (`Disabled` and `Inverted`), it counts as unhealthy.
    Nothing on it ever changes: what CloudFormation would send with another change is not documented.
    `old_check` always counts as healthy (`HealthThreshold` 0), so that no false alarm on old can
    send everybody to an untested new side, and every record of the group has a check, which the
    zero-weight rule presumes.

    Sources: Route 53 API reference, HealthCheckConfig; Route 53 Developer Guide,
    health-checks-how-route-53-chooses-records.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        old_entry: route53.CfnHealthCheck,
        new_entry: route53.CfnHealthCheck,
    ) -> None:
        super().__init__(scope, construct_id)
        self.old_check = _calculated(
            self,
            "OldAlwaysHealthy",
            f"{names.service} old counts as healthy",
            old_entry,
            threshold=0,
        )
        self.new_check = _calculated(
            self, "Default", f"{names.service} switch", new_entry, threshold=1
        )
        # "The future status of the health check can't be predicted" once one that a record carries is
        # deleted (Route 53 API reference, DeleteHealthCheck).
        keep(self.old_check, self.new_check, old_entry, new_entry)


def _calculated(
    scope: Construct,
    construct_id: str,
    name: str,
    child: route53.CfnHealthCheck,
    *,
    threshold: int,
) -> route53.CfnHealthCheck:
    return route53.CfnHealthCheck(
        scope,
        construct_id,
        health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
            type="CALCULATED",
            child_health_checks=[child.attr_health_check_id],
            health_threshold=threshold,
        ),
        health_check_tags=[route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=name)],
    )
