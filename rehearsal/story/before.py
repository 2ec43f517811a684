"""What a team has before the cutover begins: load balancers that write logs, and a plain record to old."""

from __future__ import annotations

from typing import Any, Final

from cutover.declaration.service import Service
from cutover.declaration.side import Side
from rehearsal.cloud.process import EmbeddedCloud
from rehearsal.declared import RECORD

LOGS: Final = "chatmrpt-old-logs"
"""The bucket of both load balancers' logs."""


def turn_on_access_logs(cloud: EmbeddedCloud, service: Service) -> None:
    """Let both load balancers write their logs, as a team does weeks before: they would differ otherwise."""
    region = service.old.stands_in
    cloud.client("s3", region).create_bucket(
        Bucket=LOGS, CreateBucketConfiguration={"LocationConstraint": region}
    )
    for which, side in service.sides.items():
        elbv2 = cloud.client("elbv2", side.stands_in)
        attributes = {"enabled": "true", "bucket": LOGS, "prefix": which}
        elbv2.modify_load_balancer_attributes(
            LoadBalancerArn=_balancer_of(elbv2, side),
            Attributes=[
                {"Key": f"access_logs.s3.{key}", "Value": value}
                for key, value in attributes.items()
            ],
        )


def listener_of(cloud: EmbeddedCloud, side: Side) -> str:
    """Return the ARN of the listener of `side`."""
    elbv2 = cloud.client("elbv2", side.stands_in)
    arn = _balancer_of(elbv2, side)
    listener: str = elbv2.describe_listeners(LoadBalancerArn=arn)["Listeners"][0]["ListenerArn"]
    return listener


def _balancer_of(elbv2: Any, side: Side) -> str:
    _, name, _ = side.load_balancer.split("/")
    (found,) = elbv2.describe_load_balancers(Names=[name])["LoadBalancers"]
    return str(found["LoadBalancerArn"])


def lead_to_old_by_a_plain_record(cloud: EmbeddedCloud, zone_id: str, old: Side) -> None:
    """Give the name its plain record in the hosted zone, to old, for IPv4 and IPv6."""
    cloud.client("route53").change_resource_record_sets(
        HostedZoneId=zone_id,
        ChangeBatch={
            "Changes": [
                {
                    "Action": "CREATE",
                    "ResourceRecordSet": {
                        "Name": f"{RECORD}.",
                        "Type": kind,
                        "AliasTarget": {
                            "HostedZoneId": old.zone_id,
                            "DNSName": f"dualstack.{old.load_balancer_dns_name}.",
                            "EvaluateTargetHealth": True,
                        },
                    },
                }
                for kind in ("A", "AAAA")
            ]
        },
    )
