"""Reads what an account tells of a load balancer. What cannot be read is missing, and hides nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from statistics import median
from typing import Any, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from commands.account.access_log import access_log_of
from commands.account.balancer import Balancer, Group, Listener, Name, Weeks
from shared.metrics import SideMetrics
from shared.shown import NAME, shown
from shared.status.look import ClientFor

ARN: Final = re.compile(
    r"arn:aws:elasticloadbalancing:(?P<region>[a-z0-9-]+):[0-9]{12}:loadbalancer/\S+"
)
DNS: Final = re.compile(
    r"(?:dualstack\.)?(?P<name>\S+\.(?P<region>[a-z0-9-]+)\.elb\.amazonaws\.com)\.?", re.I
)
_GLOBAL: Final = "us-east-1"
_DAYS: Final = 14
_HOUR: Final = 3600
_WORST: Final = 0.95
Value = TypeVar("Value")


class NotFoundError(Exception):
    """There is no such load balancer, or the account does not tell; the message says which."""


def look(named: str, region: str | None, client_for: ClientFor, now: datetime) -> Balancer:
    """Return what the account tells of the load balancer `named` by its name, DNS name or ARN.

    `region` is where a name is looked for; a DNS name and an ARN say theirs.

    Raises
    ------
    NotFoundError
        When it cannot be found, or is none of the application's kind.
    """
    said = ARN.fullmatch(named) or DNS.fullmatch(named)
    where = said["region"] if said else region
    if not where:
        raise NotFoundError(
            f"{shown(named, NAME)} is a name in some region: give --region, its DNS name or its ARN"
        )
    elbv2 = client_for("elbv2", where)
    try:
        found = _find(elbv2, named)
    except (ClientError, BotoCoreError) as error:
        raise NotFoundError(
            f"{shown(named, NAME)} cannot be looked up in {where}: {error}"
        ) from error
    if found is None:
        raise NotFoundError(
            f"there is no load balancer {shown(named, NAME)} in {where}. If it is elsewhere, say where with "
            "--region, or give its DNS name or its ARN"
        )
    if found.get("Type", "application") != "application":
        raise NotFoundError(
            f"{shown(named, NAME)} is a {found['Type']} load balancer: a side is an Application Load Balancer"
        )
    return _Look(client_for, found, now).balancer()


def _find(elbv2: Any, named: str) -> dict[str, Any] | None:
    if ARN.fullmatch(named):
        answer = elbv2.describe_load_balancers(LoadBalancerArns=[named])
        return next(iter(answer["LoadBalancers"]), None)
    dns = DNS.fullmatch(named)
    for one in _pages(elbv2, "describe_load_balancers", "LoadBalancers"):
        is_it = (
            one["DNSName"].lower() == dns["name"].lower()
            if dns
            else one["LoadBalancerName"] == named
        )
        if is_it:
            return one
    return None


def _pages(client: Any, operation: str, key: str, **asked: Any) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator(operation).paginate(**asked):
        yield from page[key]


class _Look:
    """Everything about one load balancer that was found."""

    def __init__(self, client_for: ClientFor, found: dict[str, Any], now: datetime) -> None:
        self._client_for = client_for
        self._found = found
        self._now = now
        self._unread: dict[str, str] = {}

    def balancer(self) -> Balancer:
        found = self._found
        arn, dns_name = found["LoadBalancerArn"], found["DNSName"].lower()
        plain = Balancer(
            arn, dns_name, found["CanonicalHostedZoneId"], found.get("Scheme") == "internal"
        )
        elbv2 = self._client_for("elbv2", plain.region)
        listeners: tuple[Listener, ...] = self._try(
            "listeners", (), lambda: self._listeners(elbv2, arn)
        )
        groups: dict[str, Group] = self._try("target groups", {}, lambda: self._groups(elbv2, arn))
        chosen = next((group for one in listeners for group in one.groups), "")
        return Balancer(
            arn=arn,
            dns_name=dns_name,
            zone_id=plain.zone_id,
            internal=plain.internal,
            listeners=listeners,
            groups=groups,
            names=self._try("records", (), lambda: self._names(dns_name)),
            distributions=self._try("distributions", (), lambda: self._distributions(dns_name)),
            weeks=self._try("metrics", Weeks(), lambda: self._weeks(plain, chosen)),
            access_logs=self._try("access log", "", lambda: access_log_of(elbv2, arn)),
            unread=self._unread,
        )

    def _try(self, what: str, missing: Value, read: Callable[[], Value]) -> Value:
        try:
            return read()
        except (ClientError, BotoCoreError) as error:
            self._unread[what] = shown(str(error))
            return missing

    def _listeners(self, elbv2: Any, arn: str) -> tuple[Listener, ...]:
        found = []
        for one in _pages(elbv2, "describe_listeners", "Listeners", LoadBalancerArn=arn):
            groups = dict.fromkeys(
                group
                for action in one.get("DefaultActions", ())
                if action["Type"] == "forward"
                for group in _groups_of(action)
            )
            certificates = [given["CertificateArn"] for given in one.get("Certificates", ())]
            covers: tuple[str, ...] = self._try(
                "certificates", (), partial(self._covers, certificates)
            )
            found.append(Listener(one["Port"], one["Protocol"], tuple(groups), covers))
        # What is encrypted comes first.
        return tuple(sorted(found, key=lambda one: (one.protocol != "HTTPS", one.port)))

    def _covers(self, certificates: list[str]) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for arn in certificates:
            acm = self._client_for("acm", arn.split(":")[3])
            told = acm.describe_certificate(CertificateArn=arn)["Certificate"]
            names |= dict.fromkeys([told["DomainName"], *told.get("SubjectAlternativeNames", ())])
        return tuple(names)

    def _groups(self, elbv2: Any, arn: str) -> dict[str, Group]:
        return {
            one["TargetGroupArn"]: Group(
                one.get("HealthCheckPath", "/"), one.get("Matcher", {}).get("HttpCode", "")
            )
            for one in _pages(elbv2, "describe_target_groups", "TargetGroups", LoadBalancerArn=arn)
        }

    def _names(self, dns_name: str) -> tuple[Name, ...]:
        route53 = self._client_for("route53", _GLOBAL)
        found: dict[str, Name] = {}
        for zone in _pages(route53, "list_hosted_zones", "HostedZones"):
            if zone.get("Config", {}).get("PrivateZone"):
                continue
            zone_id = zone["Id"].rpartition("/")[2]
            records = _pages(
                route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone_id
            )
            for record in records:
                if dns_name not in _leads_to(record):
                    continue
                name = record["Name"].rstrip(".").replace("\\052", "*")
                kinds = found[name].kinds if name in found else ()
                found[name] = Name(
                    name,
                    zone_id,
                    zone["Name"].rstrip("."),
                    (*kinds, record["Type"]),
                    weighted="SetIdentifier" in record,
                )
        return tuple(found.values())

    def _distributions(self, dns_name: str) -> tuple[str, ...]:
        cloudfront = self._client_for("cloudfront", _GLOBAL)
        ids = []
        for page in cloudfront.get_paginator("list_distributions").paginate():
            for one in page.get("DistributionList", {}).get("Items", ()):
                origins = one.get("Origins", {}).get("Items", ())
                if any(origin["DomainName"].lower() == dns_name for origin in origins):
                    ids.append(one["Id"])
        return tuple(ids)

    def _weeks(self, balancer: Balancer, group: str) -> Weeks:
        if not group:
            return Weeks()
        side = SideMetrics(balancer.suffix, group.rpartition(":")[2], balancer.region)
        asked = {
            "mean": side.latency("Average"),
            "p95": side.latency("p95"),
            "count": side.requests(),
        }
        queries = []
        for id_, metric in asked.items():
            query = metric.query(id_)
            query["MetricStat"]["Period"] = _HOUR
            queries.append(query)
        answer = self._client_for("cloudwatch", balancer.region).get_metric_data(
            MetricDataQueries=queries,
            StartTime=self._now - timedelta(days=_DAYS),
            EndTime=self._now,
        )
        told = {one["Id"]: one["Values"] for one in answer["MetricDataResults"]}
        return Weeks(
            mean_ms=_worst(told.get("mean", [])),
            p95_ms=_worst(told.get("p95", [])),
            requests=median(told["count"]) / 60 if told.get("count") else None,
        )


def _groups_of(action: dict[str, Any]) -> list[str]:
    weighted = action.get("ForwardConfig", {}).get("TargetGroups", ())
    return [one["TargetGroupArn"] for one in weighted] or [action["TargetGroupArn"]]


def _leads_to(record: dict[str, Any]) -> set[str]:
    alias = record.get("AliasTarget", {}).get("DNSName", "")
    values = [one["Value"] for one in record.get("ResourceRecords", ())]
    led = [alias, *(values if record["Type"] == "CNAME" else ())]
    return {one.rstrip(".").lower().removeprefix("dualstack.") for one in led if one}


def _worst(seconds: list[float]) -> float | None:
    """Return, in ms, what all but the worst twentieth of the hours kept."""
    if not seconds:
        return None
    return 1000 * sorted(seconds)[min(len(seconds) - 1, int(_WORST * len(seconds)))]
