"""What `cutover adopt` and `cutover dismantle` meet outside, played on this machine: the embedded cloud, and
the local DNS server in the place of the zone's own servers."""

from __future__ import annotations

import time
from collections.abc import Callable

from commands.records.watched_exchange import World as Outside
from cutover.declaration.reading.context import Cutover
from rehearsal.cloud.local_dns import LocalDns
from rehearsal.cloud.process import EDGE_REGION, EmbeddedCloud
from rehearsal.world.world import ADDRESSES, World


def local_dns_of(cloud: EmbeddedCloud, cutover: Cutover, world: World) -> LocalDns:
    """Return what can be known of the DNS server of `world`, once the dns door is open."""
    service, dns = cutover.service, cutover.service.dns
    assert dns is not None
    zone = cloud.client("route53").get_hosted_zone(Id=dns.hosted_zone_id)
    return LocalDns(
        port=world.dns.port,
        servers=[name.rstrip(".") for name in zone["DelegationSet"]["NameServers"]],
        addresses={
            side.load_balancer_dns_name: ADDRESSES[which] for which, side in service.sides.items()
        },
    )


def outside(
    cloud: EmbeddedCloud,
    cutover: Cutover,
    world: World,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Outside:
    """Return what to give to `commands.adopt.main` and `commands.dismantle.main` as their `world`, once the
    doors are open.

    Both block: call them in another thread than the one that plays `world`.
    """
    dns = local_dns_of(cloud, cutover, world)
    return Outside(
        client_for=lambda service, region: cloud.client(service, region or EDGE_REGION),
        resolve=dns.addresses_of,
        servers_of=dns.servers_of,
        delegated_to=dns.delegated_to,
        sleep=sleep,
    )
