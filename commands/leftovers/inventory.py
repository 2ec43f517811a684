"""Reads from the account what belongs to old: what its load balancer refers to, and what carries a tag.

It only reads. What cannot be read is told, and hides nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from commands.leftovers.prices import Prices
from shared.doors.patience import DoorError, patiently
from shared.status.standing import Unread

ClientFor = Callable[[str, str], Any]
STACK_TAG: Final = "aws:cloudformation:stack-name"


@dataclass(frozen=True)
class Leftover:
    """One thing that belongs to old.

    Attributes
    ----------
    what, name : str
        Like `load balancer` and its name.
    usd_a_month : float or None
        Its list price; None where the table has none, 0 where it costs nothing by itself.
    keep : str
        Why it must be kept, or nothing where it can go.
    """

    what: str
    name: str
    usd_a_month: float | None
    keep: str = ""


@dataclass(frozen=True)
class Inventory:
    """What was found, in the order in which it can be deleted.

    Attributes
    ----------
    stack : str or None
        The CloudFormation stack that made the load balancer: then it is deleted, and nothing piecemeal.
    """

    leftovers: list[Leftover]
    stack: str | None = None
    unread: list[str] = field(default_factory=list)

    @property
    def usd_a_month(self) -> float:
        """What everything that can go costs a month, as far as it is known."""
        return round(sum(one.usd_a_month or 0.0 for one in self.leftovers if not one.keep), 2)


class Reader:
    """Looks at one side's load balancer and at what hangs on it."""

    def __init__(self, client_for: ClientFor, region: str, prices: Prices) -> None:
        self._client_for = client_for
        self._region = region
        self._prices = prices
        self._unread: list[str] = []

    def read(self, load_balancer: str, tag: tuple[str, str] | None = None) -> Inventory:
        """Return what hangs on `load_balancer`, an ARN suffix like app/name/id, and what carries `tag`.

        The order is that in which nothing that is left refers to what is gone: alarms, then what starts
        targets, the load balancer, its target groups, the targets, and what they leave free.
        """
        name = load_balancer.split("/")[1]
        found = self._try("load balancer", lambda: self._balancer(name))
        if found is None:
            self._unread.append(f"the load balancer {name} is not in {self._region}")
            return Inventory([], None, self._unread)
        arn, groups = found["LoadBalancerArn"], self._groups(found["LoadBalancerArn"])
        group_arns = [group["TargetGroupArn"] for group in groups]
        tags = self._tags(arn)
        instances = self._targets(groups)
        leftovers = [
            *self._alarms(load_balancer),
            *self._scaling(group_arns),
            Leftover("load balancer", name, self._prices.of("load balancer")),
            *self._addresses(load_balancer),
            *(Leftover("target group", group["TargetGroupName"], 0.0) for group in groups),
            *self._instances(instances),
            *self._certificates(arn),
            *self._security_groups(found.get("SecurityGroups", [])),
            *self._logs(arn),
            *(self._tagged(tag, {arn, *group_arns}) if tag else ()),
        ]
        return Inventory(leftovers, tags.get(STACK_TAG), self._unread)

    def _try(self, what: str, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except DoorError as error:
            self._unread.append(f"{what}: {Unread(str(error)).why}")
            return None

    def _ask(self, service: str, operation: str, **asked: Any) -> Any:
        client = self._client_for(service, self._region)
        return patiently(partial(getattr(client, operation), **asked))

    def _every(self, what: str, service: str, operation: str, key: str, **asked: Any) -> list[Any]:
        """Return everything that `operation` lists under `key`, page by page; nothing where it is refused."""
        client = self._client_for(service, self._region)

        def pages() -> list[Any]:
            return [
                one
                for page in client.get_paginator(operation).paginate(**asked)
                for one in page[key]
            ]

        found: list[Any] = self._try(what, lambda: patiently(pages)) or []
        return found

    def _balancer(self, name: str) -> Any:
        try:
            (found,) = self._ask("elbv2", "describe_load_balancers", Names=[name])["LoadBalancers"]
        except DoorError as error:
            if error.code in {"LoadBalancerNotFound", "LoadBalancerNotFoundException"}:
                return None
            raise
        return found

    def _groups(self, arn: str) -> list[Any]:
        return self._every(
            "target groups", "elbv2", "describe_target_groups", "TargetGroups", LoadBalancerArn=arn
        )

    def _tags(self, arn: str) -> dict[str, str]:
        answer = self._try("tags", lambda: self._ask("elbv2", "describe_tags", ResourceArns=[arn]))
        described = answer["TagDescriptions"] if answer else []
        return {tag["Key"]: tag["Value"] for one in described for tag in one["Tags"]}

    def _targets(self, groups: list[Any]) -> list[str]:
        found: list[str] = []
        for group in groups:
            answer = self._try(
                "targets",
                partial(
                    self._ask,
                    "elbv2",
                    "describe_target_health",
                    TargetGroupArn=group["TargetGroupArn"],
                ),
            )
            if answer and group.get("TargetType", "instance") == "instance":
                found += [one["Target"]["Id"] for one in answer["TargetHealthDescriptions"]]
        return list(dict.fromkeys(found))

    def _alarms(self, load_balancer: str) -> Iterator[Leftover]:
        for alarm in self._every("alarms", "cloudwatch", "describe_alarms", "MetricAlarms"):
            dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions", [])}
            if dimensions.get("LoadBalancer") == load_balancer:
                yield Leftover("alarm", alarm["AlarmName"], self._prices.of("alarm"))

    def _scaling(self, groups: list[str]) -> Iterator[Leftover]:
        for one in self._every(
            "Auto Scaling groups",
            "autoscaling",
            "describe_auto_scaling_groups",
            "AutoScalingGroups",
        ):
            if set(one.get("TargetGroupARNs", [])) & set(groups):
                yield Leftover("Auto Scaling group", one["AutoScalingGroupName"], 0.0)
        for cluster in self._every("ECS clusters", "ecs", "list_clusters", "clusterArns"):
            services = self._every(
                "ECS services", "ecs", "list_services", "serviceArns", cluster=cluster
            )
            for at in range(0, len(services), 10):
                yield from self._services(cluster, services[at : at + 10], groups)

    def _services(self, cluster: str, services: list[str], groups: list[str]) -> Iterator[Leftover]:
        answer = self._try(
            "ECS services",
            lambda: self._ask("ecs", "describe_services", cluster=cluster, services=services),
        )
        for service in answer["services"] if answer else []:
            used = {one.get("targetGroupArn") for one in service.get("loadBalancers", [])}
            if used & set(groups):
                # What its tasks cost depends on their size, which the table does not have.
                yield Leftover("ECS service", service["serviceName"], None)

    def _addresses(self, load_balancer: str) -> Iterator[Leftover]:
        interfaces = self._every(
            "network interfaces",
            "ec2",
            "describe_network_interfaces",
            "NetworkInterfaces",
            Filters=[{"Name": "description", "Values": [f"ELB {load_balancer}"]}],
        )
        addresses = [one for one in interfaces if one.get("Association", {}).get("PublicIp")]
        if addresses:
            cost = self._prices.of("public IPv4 address", len(addresses))
            yield Leftover("public addresses of it", f"{len(addresses)}, gone with it", cost)

    def _instances(self, instances: list[str]) -> Iterator[Leftover]:
        if not instances:
            return
        reservations = self._every(
            "instances", "ec2", "describe_instances", "Reservations", InstanceIds=instances
        )
        for instance in (one for each in reservations for one in each["Instances"]):
            kind = instance["InstanceType"]
            yield Leftover(
                f"instance {kind}", instance["InstanceId"], self._prices.of(f"instance {kind}")
            )
            volumes = [
                mapping["Ebs"]["VolumeId"]
                for mapping in instance.get("BlockDeviceMappings", [])
                if "Ebs" in mapping
            ]
            if volumes:
                yield from self._volumes(volumes)

    def _volumes(self, volumes: list[str]) -> Iterator[Leftover]:
        for volume in self._every(
            "volumes", "ec2", "describe_volumes", "Volumes", VolumeIds=volumes
        ):
            kind, size = volume["VolumeType"], volume["Size"]
            cost = self._prices.of(f"{kind} GB", size)
            yield Leftover(f"volume {kind} {size} GB", volume["VolumeId"], cost)

    def _certificates(self, arn: str) -> Iterator[Leftover]:
        listeners = self._every(
            "listeners", "elbv2", "describe_listeners", "Listeners", LoadBalancerArn=arn
        )
        named = [
            one["CertificateArn"] for each in listeners for one in each.get("Certificates", [])
        ]
        for certificate in dict.fromkeys(named):
            answer = self._try(
                "certificates",
                partial(self._ask, "acm", "describe_certificate", CertificateArn=certificate),
            )
            described = answer["Certificate"] if answer else {}
            others = [one for one in described.get("InUseBy", []) if one != arn]
            keep = f"in use by {len(others)} other resources" if others else ""
            if not described:
                keep = "it is not known who else uses it"
            yield Leftover("certificate", described.get("DomainName", certificate), 0.0, keep)

    def _security_groups(self, groups: list[str]) -> Iterator[Leftover]:
        for group in groups:
            interfaces = self._every(
                "network interfaces",
                "ec2",
                "describe_network_interfaces",
                "NetworkInterfaces",
                Filters=[{"Name": "group-id", "Values": [group]}],
            )
            others = [
                one for one in interfaces if not one.get("Description", "").startswith("ELB ")
            ]
            keep = f"in use by {len(others)} other network interfaces" if others else ""
            yield Leftover("security group", group, 0.0, keep)

    def _logs(self, arn: str) -> Iterator[Leftover]:
        answer = self._try(
            "attributes",
            lambda: self._ask("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=arn),
        )
        held = {one["Key"]: one["Value"] for one in answer["Attributes"]} if answer else {}
        if held.get("deletion_protection.enabled") == "true":
            yield Leftover("deletion protection", "of the load balancer: take it away first", 0.0)
        bucket = held.get("access_logs.s3.bucket")
        if bucket and held.get("access_logs.s3.enabled") == "true":
            yield Leftover(
                "log bucket", bucket, None, "it says who asked old; keep it as long as you must"
            )

    def _tagged(self, tag: tuple[str, str], known: set[str]) -> Iterator[Leftover]:
        key, value = tag
        for one in self._every(
            "tagged resources",
            "resourcegroupstaggingapi",
            "get_resources",
            "ResourceTagMappingList",
            TagFilters=[{"Key": key, "Values": [value]}],
        ):
            arn = one["ResourceARN"]
            if arn not in known:
                yield Leftover(
                    "by its tag", arn, None, "look at it: a tag says that it is old's, no reference"
                )
