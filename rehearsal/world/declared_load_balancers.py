"""Makes both declared load balancers exist in the embedded cloud, as they would in the account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from commands.account.access_log import access_log_of
from cutover.declaration.service import Service
from cutover.declaration.side import Side, Which
from rehearsal.cloud.taught.load_balancer_tags import DNS_NAME, ID, UNWELL
from rehearsal.world.access_log import Place
from rehearsal.world.listener_rules import Rule, rules_of
from rehearsal.world.target import TARGETS

ANYWHERE: Final = "0.0.0.0/0"


class DeclaredLoadBalancers:
    """Both load balancers, their target groups and healthy targets, each in its side's region.

    Attributes
    ----------
    service : Service
        What is declared.
    target_groups : dict of str
        ARN of each side's target group, by old and new.
    listeners : dict of str
        ARN of each side's listener, likewise.
    balancers : dict of str
        ARN of each side's load balancer, likewise.
    """

    def __init__(self, service: Service, client_for: Callable[[str, str], Any]) -> None:
        self.service = service
        self._client_for = client_for
        self.target_groups: dict[str, str] = {}
        self.listeners: dict[str, str] = {}
        self.balancers: dict[str, str] = {}

    def create(self) -> None:
        """Create both; it blocks for a moment."""
        for net, (name, declared) in enumerate(
            (("old", self.service.old), ("new", self.service.new))
        ):
            # Documentation addresses (RFC 5737).
            targets = [f"192.0.2.{100 * (net + 1) + i}" for i in range(TARGETS)]
            self._create(name, declared, targets)

    def set_health(self, side: str, reason: str = "") -> None:
        """Make all targets of `side` unhealthy for `reason`, like Target.Timeout; healthy without one."""
        arn = self.target_groups[side]
        elbv2 = self._client_for(
            "elbv2", (self.service.old if side == "old" else self.service.new).stands_in
        )
        elbv2.remove_tags(ResourceArns=[arn], TagKeys=[UNWELL])
        if reason:
            elbv2.add_tags(ResourceArns=[arn], Tags=[{"Key": UNWELL, "Value": reason}])

    def rules(self, side: Which) -> tuple[Rule, ...]:
        """Return the rules of the listener of `side`, as they are deployed; it blocks for a moment."""
        elbv2 = self._client_for("elbv2", self.service.sides[side].stands_in)
        told = elbv2.describe_rules(ListenerArn=self.listeners[side])
        return rules_of(told["Rules"])

    def access_log(self, side: Which) -> Place:
        """Return where the access log of `side` goes; it blocks for a moment.

        Raises
        ------
        ValueError
            When the log is off.
        """
        declared, arn = self.service.sides[side], self.balancers[side]
        told = access_log_of(self._client_for("elbv2", declared.stands_in), arn)
        if not told:
            raise ValueError(f"the access log of {declared.load_balancer} is off")
        bucket, _, prefix = told.removeprefix("s3://").partition("/")
        account = arn.split(":")[4]
        return Place(bucket, prefix, account, declared.stands_in, declared.load_balancer)

    def _create(self, which: str, declared: Side, targets: list[str]) -> None:
        elbv2 = self._client_for("elbv2", declared.stands_in)
        ec2 = self._client_for("ec2", declared.stands_in)
        _, name, balancer_id = declared.load_balancer.split("/")
        vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
        subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])[
            "Subnets"
        ]
        balancer = elbv2.create_load_balancer(
            Name=name,
            Subnets=[subnet["SubnetId"] for subnet in subnets[:2]],
            SecurityGroups=[_security_group(ec2, name, vpc["VpcId"], declared.listener_port)],
            Tags=_tags({ID: balancer_id, DNS_NAME: declared.load_balancer_dns_name}),
        )["LoadBalancers"][0]
        self.balancers[which] = balancer["LoadBalancerArn"]
        _, group_name, group_id = declared.target_group.split("/")
        group = elbv2.create_target_group(
            Name=group_name,
            Protocol="HTTP",
            Port=80,
            VpcId=vpc["VpcId"],
            TargetType="ip",
            HealthCheckPath=self.service.endpoints[0].path,
            Tags=_tags({ID: group_id}),
        )["TargetGroups"][0]["TargetGroupArn"]
        elbv2.register_targets(
            TargetGroupArn=group, Targets=[{"Id": address} for address in targets]
        )
        self.target_groups[which] = group
        self.listeners[which] = elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol=declared.scheme.upper(),
            Port=declared.listener_port,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
            **self._listener_id(declared),
        )["Listeners"][0]["ListenerArn"]

    def _listener_id(self, declared: Side) -> dict[str, Any]:
        """Return what makes the listener the one that `last_users` names; nothing where it names none."""
        wanted = self.service.last_users
        if declared is not self.service.old or wanted is None or not wanted.listeners:
            return {}
        return {"Tags": _tags({ID: wanted.listeners[0].rpartition("/")[2]})}


def _security_group(ec2: Any, name: str, vpc: str, port: int) -> str:
    group: str = ec2.create_security_group(
        GroupName=name, Description=f"in front of {name}", VpcId=vpc
    )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": port,
                "ToPort": port,
                "IpRanges": [{"CidrIp": ANYWHERE}],
            }
        ],
    )
    return group


def _tags(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
