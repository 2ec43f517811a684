"""The whole surroundings of one service, wired from what is deployed."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from rehearsal.cloud import local_names
from rehearsal.world.access_log import AccessLog
from rehearsal.world.declared_load_balancers import DeclaredLoadBalancers
from rehearsal.world.deployed_rules import DeployedRules
from rehearsal.world.dns_server import DnsServer
from rehearsal.world.edge import Edge
from rehearsal.world.health_checkers import HealthCheckers
from rehearsal.world.load_balancer import LoadBalancer
from rehearsal.world.side import LocalSide

if TYPE_CHECKING:
    from rehearsal.cloud.process import EmbeddedCloud

_NOBODYS_PORT: Final = 1
# Documentation addresses (RFC 5737, RFC 3849): they say which side an answer means.
ADDRESSES: Final = {"old": ("192.0.2.11", "2001:db8::11"), "new": ("192.0.2.12", "2001:db8::12")}
SIDE_AT: Final = {address: side for side, both in ADDRESSES.items() for address in both}

MakeSide = Callable[..., LocalSide]
"""Makes a side of its name, the declared paths and, as `mean_latency_ms`, what an answer takes."""


class World:
    """Both sides from the start; the doors once they are deployed.

    Attributes
    ----------
    old, new : LocalSide
    sides : dict of str to LocalSide
        The same by name.
    edge : Edge
    edge_domain_name : str
        What CloudFront calls the distribution, like d111111abcdef8.cloudfront.net.
    dns : DnsServer
    """

    def __init__(
        self,
        cloud: EmbeddedCloud,
        cutover: Cutover,
        mean_latency_ms: Mapping[str, float],
        side: MakeSide = LocalSide,
    ) -> None:
        self._cloud = cloud
        self._service = cutover.service
        self._names = Names(cutover.name)
        paths = [endpoint.path for endpoint in cutover.service.endpoints]
        self.old, self.new = (
            side(name, paths, mean_latency_ms=mean_latency_ms[name]) for name in ("old", "new")
        )
        self.sides = {"old": self.old, "new": self.new}
        self._door_ports: dict[str, int] = {}
        self._by_name = {
            self._service.old.load_balancer_dns_name: self.old,
            self._service.new.load_balancer_dns_name: self.new,
        }
        self._balancers: dict[str, LoadBalancer] = {}
        self._ends = contextlib.AsyncExitStack()
        self.edge: Edge
        self.edge_domain_name: str
        self.dns: DnsServer
        self.checkers: HealthCheckers

    async def __aenter__(self) -> Self:
        await self._ends.__aenter__()
        self._declared_balancers = DeclaredLoadBalancers(self._service, self._cloud.client)
        await asyncio.to_thread(self._declared_balancers.create)
        for declared, side in (
            (self._service.old, self.old),
            (self._service.new, self.new),
        ):
            await self._run(side)
            balancer = LoadBalancer(
                self._cloud.client("cloudwatch", declared.stands_in),
                side,
                load_balancer=declared.load_balancer,
                target_group=declared.target_group,
                health_path=self._service.endpoints[0].path,
            )
            await self._run(balancer)
            self._balancers[declared.load_balancer_dns_name] = balancer
        if self._service.last_users is not None:
            # Nobody else's listeners get rules.
            await self.follow_rules()
        self.let_functions_reach_both()
        self.checkers = HealthCheckers(
            self._cloud.client("route53"), self._cloud.client("cloudwatch"), self._resolve
        )
        await self._run(self.checkers)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._ends.__aexit__(None, None, None)

    def let_functions_reach_both(self) -> None:
        """Let the cloud's functions reach both sides, which they do from the start, and the edge."""
        ports = {name: side.address[1] for name, side in self._by_name.items()}
        local_names.write(self._cloud.names, {**ports, **self._door_ports})

    def cut_functions_off(self) -> None:
        """Let both sides refuse the cloud's functions, and nobody else."""
        nowhere = dict.fromkeys(self._by_name, _NOBODYS_PORT)
        local_names.write(self._cloud.names, {**nowhere, **self._door_ports})

    async def follow_rules(self) -> None:
        """Let old's load balancer carry out the rules of its listener, as they are deployed from now on."""
        read = partial(self._declared_balancers.rules, "old")
        await self._run(DeployedRules(self.old, read))

    async def write_access_log(self) -> None:
        """Let old's load balancer write its access log, to where its attributes say by now.

        Raises
        ------
        ValueError
            When its log is off.
        """
        place = await asyncio.to_thread(self._declared_balancers.access_log, "old")
        s3 = self._cloud.client("s3", self._service.old.stands_in)
        self.old.access_log = AccessLog(s3, place)
        await self._run(self.old.access_log)

    async def open_doors(self) -> None:
        """Open the doors that are deployed by now."""
        await self.open_edge()
        await self.open_dns()

    async def open_edge(self) -> None:
        """Open the edge, which is deployed by now."""
        cloudfront = self._cloud.client("cloudfront")
        distributions = cloudfront.list_distributions()["DistributionList"]["Items"]
        self.edge_domain_name = distributions[0]["DomainName"]
        stores = cloudfront.list_key_value_stores()["KeyValueStoreList"]["Items"]
        self.edge = Edge(
            cloudfront=cloudfront,
            store=self._cloud.client("cloudfront-keyvaluestore"),
            cloudwatch=self._cloud.client("cloudwatch"),
            kinesis=self._cloud.client("kinesis"),
            distribution_id=distributions[0]["Id"],
            function_name=self._names.router,
            store_arn=next(s["ARN"] for s in stores if s["Name"] == self._names.switch),
            resolve=self._resolve,
            unreachable=lambda name: self._by_name[name].note_connection_error(),
            tls=self._cloud.certificate.server(),
        )
        await self._run(self.edge)
        self._door_ports[self.edge_domain_name] = self.edge.secure_address[1]
        self.let_functions_reach_both()

    async def open_dns(self) -> None:
        """Answer for the zone, as it is from now on."""
        assert self._service.dns is not None
        self.dns = DnsServer(
            self._cloud.client("route53"),
            self._service.dns.hosted_zone_id,
            check_healthy=self.checkers.is_healthy,
            target_healthy=lambda name: self._balancers[name].healthy,
            addresses={name: ADDRESSES[side.name] for name, side in self._by_name.items()},
        )
        await self._run(self.dns)

    @property
    def switch(self) -> str:
        """What the edge goes by: thrown or released."""
        state: str = json.loads(self.edge.switch)["state"]
        return state

    @property
    def leads_to_new(self) -> bool:
        """Whether the dns door takes new for healthy."""
        return self.dns.takes_for_healthy(self._record_name, "A", "new")

    def is_in_force(self, weight: int) -> bool:
        """Return whether both doors go by `weight`, new's in percent."""
        at_the_edge = f"percent('{weight}')" in self.edge.code
        return at_the_edge and self.dns.weight(self._record_name, "new") == weight

    @property
    def _record_name(self) -> str:
        assert self._service.dns is not None
        return self._service.dns.record_name

    def balancer(self, side: str) -> LoadBalancer:
        """Return what tells of `side`, old or new."""
        declared = {"old": self._service.old, "new": self._service.new}[side]
        return self._balancers[declared.load_balancer_dns_name]

    def _resolve(self, dns_name: str) -> tuple[str, int]:
        return self._by_name[dns_name].address

    async def _run(self, part: Any) -> None:
        await part.start()
        self._ends.push_async_callback(part.stop)


async def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Wait until `condition()` holds and return for how long that took.

    Raises
    ------
    TimeoutError
        When it does not hold within `seconds`; the message says what was waited for.
    """
    loop = asyncio.get_running_loop()
    start = loop.time()
    while not condition():
        if loop.time() - start > seconds:
            raise TimeoutError(f"after {seconds:.0f} s still waiting for: {what}")
        await asyncio.sleep(0.1)
    return loop.time() - start
