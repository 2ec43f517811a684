"""Whether anybody still comes through a door: what the zone answers, where the distribution's names lead, and
how many requests it got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

from commands.records.record_set import ADDRESSES, LEADING, RecordSet, leads_to, policy, said
from commands.records.watched_exchange import World
from cutover.declaration.doors import Dns
from cutover.declaration.reading.context import Cutover
from cutover.regions import EDGE_REGION
from shared.doors.patience import DoorError, patiently
from shared.metrics import Metric

QUIET_HOURS: Final = 24
"""Resolvers and clients that keep an answer longer than its TTL have asked again by then."""
_HOUR_SECONDS: Final = 3600
_GONE: Final = "NoSuchDistribution"
_WILDCARD: Final = "*."


@dataclass(frozen=True)
class Distribution:
    """One distribution.

    Attributes
    ----------
    id, domain_name : str
        The latter is CloudFront's own name for it, like d111111abcdef8.cloudfront.net.
    aliases : tuple of str
        Your names for it, as the account has them now.
    enabled : bool
    requests : int
        Of viewers, in the last 24 whole hours.
    """

    id: str
    domain_name: str
    aliases: tuple[str, ...]
    enabled: bool
    requests: int


@dataclass(frozen=True)
class Seen:
    """What was found.

    Attributes
    ----------
    records : sequence or None
        The dns door's name's record sets; None without a dns door.
    distribution : Distribution or None
        None where there is none any more.
    leads_to_it : mapping
        By each of its names whether DNS leads to the distribution now.
    """

    records: Sequence[RecordSet] | None
    distribution: Distribution | None
    leads_to_it: Mapping[str, bool]


@dataclass
class Verdict:
    """What was concluded, each a sentence.

    Attributes
    ----------
    comes : list of str
        By whom a door is still used.
    notes : list of str
        What a person should know.
    """

    comes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def look(world: World, cutover: Cutover, distribution_id: str | None) -> Seen:
    """Return what is there at both doors.

    Raises
    ------
    DoorError
        When something cannot be read: then nobody can say that no one comes.
    """
    dns = cutover.service.dns
    records = None if dns is None else world.zone(dns.hosted_zone_id).records(dns.record_name)
    found = None if distribution_id is None else _distribution(world, distribution_id)
    if found is None:
        return Seen(records, None, {})
    names = [name for name in found.aliases if not name.startswith(_WILDCARD)]
    if dns is not None:
        names.append(dns.record_name)
    leads = {name: _leads_to(world, name, found.domain_name, dns) for name in dict.fromkeys(names)}
    return Seen(records, found, leads)


def judge(seen: Seen, cutover: Cutover) -> Verdict:
    """Return who still comes through a door."""
    verdict = Verdict()
    _dns_door(seen, cutover, verdict)
    _edge_door(seen, cutover, verdict)
    return verdict


def _dns_door(seen: Seen, cutover: Cutover, verdict: Verdict) -> None:
    dns = cutover.service.dns
    if dns is None or seen.records is None:
        return
    weighted = [r for r in seen.records if r["Type"] in LEADING and policy(r) == "weighted"]
    if weighted:
        verdict.comes.append(
            f"the dns door answers for {dns.record_name}: {len(weighted)} weighted records. Leave a plain "
            "record that leads to new in their place: cutover dismantle --leave-record"
        )
        return
    plain = [r for r in seen.records if r["Type"] in LEADING]
    verdict.notes += [f"{said(r)}: the dns door answers nobody" for r in plain]
    if not plain:
        verdict.notes.append(
            f"{dns.record_name} has no record in the zone: it is not answered there"
        )


def _edge_door(seen: Seen, cutover: Cutover, verdict: Verdict) -> None:
    found = seen.distribution
    if found is None:
        return
    new = cutover.service.new
    for name, leads in seen.leads_to_it.items():
        if leads:
            verdict.comes.append(
                f"{name} leads to the distribution {found.id} ({found.domain_name}). Let it lead to new's "
                f"load balancer, {new.load_balancer_dns_name}, or to what comes after this cutover"
            )
    for name in found.aliases:
        if name.startswith(_WILDCARD):
            verdict.notes.append(
                f"{name} is an alias of {found.id}: nobody can ask for all its names"
            )
    few = cutover.service.decommission.residual_requests_a_day
    if found.requests > few:
        verdict.comes.append(
            f"{found.requests:,} requests came through the distribution {found.id} in the last {QUIET_HOURS} "
            f"whole hours, and decommission.residual_requests_a_day says that {few:,} are nobody. Its access "
            "log says who asks"
        )
    else:
        verdict.notes.append(
            f"{found.requests:,} requests came through the distribution {found.id} in the last {QUIET_HOURS} "
            "whole hours"
        )


def _distribution(world: World, distribution_id: str) -> Distribution | None:
    client = world.client_for("cloudfront", EDGE_REGION)
    try:
        held = patiently(lambda: client.get_distribution(Id=distribution_id), sleep=world.sleep)[
            "Distribution"
        ]
    except DoorError as error:
        if error.code == _GONE:
            return None
        raise
    config = held["DistributionConfig"]
    return Distribution(
        id=distribution_id,
        domain_name=held["DomainName"],
        aliases=tuple(config.get("Aliases", {}).get("Items", ())),
        enabled=bool(config["Enabled"]),
        requests=_requests(world, distribution_id),
    )


def _requests(world: World, distribution_id: str) -> int:
    """Return how many requests viewers made; CloudFront publishes none where there was none (CloudFront
    Developer Guide, viewing-cloudfront-metrics, shows them for each distribution that gets some)."""
    until = world.now().replace(minute=0, second=0, microsecond=0)
    metric = Metric(
        "AWS/CloudFront",
        "Requests",
        "Sum",
        {"DistributionId": distribution_id, "Region": "Global"},
        _HOUR_SECONDS,
    )
    client = world.client_for("cloudwatch", EDGE_REGION)
    answer = patiently(
        partial(
            client.get_metric_data,
            MetricDataQueries=[metric.query("requests")],
            StartTime=until - timedelta(hours=QUIET_HOURS),
            # The hour under way counts too: somebody may have begun to come.
            EndTime=until + timedelta(hours=1),
        ),
        sleep=world.sleep,
    )
    return round(sum(sum(result["Values"]) for result in answer["MetricDataResults"]))


def _leads_to(world: World, name: str, domain_name: str, dns: Dns | None) -> bool:
    """Return whether `name` leads to the distribution: by its record where the declared zone has it, else by
    an address that both have now. CloudFront's addresses serve many distributions: such a name may lead to
    another one, and then a person looks."""
    if dns is not None and (name == dns.zone_name or name.endswith(f".{dns.zone_name}")):
        records: list[dict[str, Any]] = world.zone(dns.hosted_zone_id).records(name)
        leading = [record for record in records if record["Type"] in LEADING]
        if leading:
            return any(domain_name in leads_to(record) for record in leading)
    return any(world.resolve(name, kind) & world.resolve(domain_name, kind) for kind in ADDRESSES)
