"""What `cutover adopt` and `cutover dismantle` meet outside, played on this machine: the embedded cloud, and
the local DNS server in the place of the zone's own servers."""

from __future__ import annotations

import time
from collections.abc import Callable

from commands.records.watched_exchange import World as Outside
from cutover.declaration.reading.context import Cutover
from rehearsal.cloud.process import EDGE_REGION, EmbeddedCloud
from rehearsal.world.world import ADDRESSES, World


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
    service, dns = cutover.service, cutover.service.dns
    assert dns is not None
    sides = {service.old.load_balancer_dns_name: "old", service.new.load_balancer_dns_name: "new"}

    def resolve(name: str, kind: str) -> frozenset[str]:
        if name not in sides:
            return frozenset()
        v4, v6 = ADDRESSES[sides[name]]
        return frozenset({v4 if kind == "A" else v6})

    def delegated_to(_zone: str) -> frozenset[str]:
        held = cloud.client("route53").get_hosted_zone(Id=dns.hosted_zone_id)
        return frozenset(name.rstrip(".") for name in held["DelegationSet"]["NameServers"])

    return Outside(
        client_for=lambda service, region: cloud.client(service, region or EDGE_REGION),
        resolve=resolve,
        servers_of=lambda _names: [("127.0.0.1", world.dns.port)],
        delegated_to=delegated_to,
        sleep=sleep,
    )
