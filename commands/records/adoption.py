"""Adopts a name: looks, plans, exchanges the records under the eyes of the name's own servers, and takes
it back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from commands.records import resolving
from commands.records.answers import AnswerWatch, Place, Resolve, Watched
from commands.records.dns_question import Ask, Server, ask
from commands.records.exchange import Exchange
from commands.records.owner import marked_by_external_dns, owning_stack
from commands.records.preflight import LoadBalancer, Seen, simple_records
from commands.records.record_set import ADDRESSES
from commands.records.wanted import NEW_CHECK, OLD_CHECK, wanted
from commands.records.zone import Zone
from cutover.declaration.doors import Dns
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.doors.patience import DoorError, patiently
from shared.status.look import deployed, known
from shared.status.standing import Unread

BEFORE_SECONDS: Final = 3.0
"""How long the answers are watched before the change."""
AFTER_SECONDS: Final = 10.0
"""How long they are watched once Route 53 says that all its servers have it."""


@dataclass(frozen=True)
class World:
    """Everything outside: AWS, DNS and the clock."""

    client_for: Callable[[str, str], Any]
    ask: Ask = ask
    resolve: Resolve = resolving.addresses_of
    servers_of: Callable[[Sequence[str]], list[Server]] = resolving.servers_of
    delegated_to: Callable[[str], frozenset[str] | Unread] = resolving.delegated_to
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True)
class Done:
    """How an exchange went.

    Attributes
    ----------
    watched : Watched
        What the name's servers answered before, meanwhile and afterwards.
    in_sync : bool
        Whether Route 53 said that all its servers answer by the change.
    taken_back : bool
        Whether a wrong answer had it taken back.
    """

    watched: Watched
    in_sync: bool
    taken_back: bool = False


class AdoptionError(Exception):
    """It did not happen, and nothing was changed; the message says why."""


class Adoption:
    """One service's name at the dns door."""

    def __init__(self, cutover: Cutover, dns: Dns, world: World) -> None:
        self._cutover = cutover
        self._dns = dns
        self._world = world
        self._names = Names(cutover.name)
        self.zone = Zone(
            world.client_for("route53", EDGE_REGION),
            dns.hosted_zone_id,
            sleep=world.sleep,
            clock=world.clock,
        )

    def live(self) -> list[dict[str, Any]]:
        """Return the record sets of the name.

        Raises
        ------
        DoorError
            When they cannot be read.
        """
        return self.zone.records(self._dns.record_name)

    def wanted(self) -> list[dict[str, Any]]:
        """Return the weighted records that Traffic's template makes, with the health checks that Safety has.

        Raises
        ------
        AdoptionError
            When Safety has them not.
        """
        stack = self._names.stack("safety")
        client = self._world.client_for("cloudformation", EDGE_REGION)
        try:
            resources = patiently(
                lambda: client.describe_stack_resources(StackName=stack), sleep=self._world.sleep
            )["StackResources"]
        except DoorError as error:
            raise AdoptionError(
                f"the stack {stack} cannot be read: {error}. Deploy it with dns.adopt: true first"
            ) from error
        ids = {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in resources}
        if not ids.get(OLD_CHECK) or not ids.get(NEW_CHECK):
            raise AdoptionError(
                f"the stack {stack} has no health checks for the records: deploy it with dns.adopt: "
                "true first"
            )
        return wanted(
            self._cutover.service, self._dns, old_check=ids[OLD_CHECK], new_check=ids[NEW_CHECK]
        )

    def look(self, live: Sequence[dict[str, Any]], lowered: datetime | None) -> Seen:
        """Return what must be known before the name is adopted.

        Raises
        ------
        DoorError
            When the zone cannot be read.
        """
        world, dns, service = self._world, self._dns, self._cutover.service
        facts = self.zone.facts()
        simple = simple_records(live)
        old = service.old.load_balancer_dns_name
        owners = map(self.owner, simple)
        return Seen(
            records=live,
            zone=facts,
            delegated_to=world.delegated_to(dns.zone_name),
            owner=next((owner for owner in owners if owner is not None), None),
            external_dns=marked_by_external_dns(self.zone, dns.record_name),
            old=LoadBalancer(old, {kind: world.resolve(old, kind) for kind in ADDRESSES}),
            deployed=known(
                lambda: deployed(
                    world.client_for("cloudformation", EDGE_REGION), self._names.stack("traffic")
                )
            ),
            now=world.now(),
            lowered=lowered,
        )

    def owner(self, record: Mapping[str, Any]) -> str | Unread | None:
        """Return the stack that holds `record`."""
        regions = dict.fromkeys([EDGE_REGION, *self._cutover.service.regions])
        return owning_stack(self._world.client_for, regions, record, self._dns.hosted_zone_id)

    def exchange(self, exchange: Exchange, comment: str) -> Done:
        """Make `exchange` while the name's own servers are asked; take it back when one answers wrongly.

        Raises
        ------
        AdoptionError
            When they cannot be asked, or answer wrongly before anything was changed.
        DoorError
            When Route 53 refuses the batch: then nothing was changed.
        """
        world = self._world
        watch = self._watch()
        with watch.running() as seen:
            watch.round()
            world.sleep(BEFORE_SECONDS)
            if seen.asked == seen.silent:
                raise AdoptionError(
                    "none of the name's own servers answers here, so nobody would see a missing answer. "
                    "Run this "
                    "where UDP to port 53 is let out. Nothing was changed"
                )
            if seen.wrong_count:
                raise AdoptionError(
                    f"the name is answered wrongly already: {seen.wrong[0]}. Nothing was changed"
                )
            change = self.zone.exchange(exchange, comment)
            in_sync = change is not None and self.zone.wait_until_in_sync(change)
            watch.round()
            world.sleep(AFTER_SECONDS)
            if seen.wrong_count:
                self._take_back(exchange, comment, seen.wrong[0])
        return Done(seen, in_sync, taken_back=bool(seen.wrong_count))

    def _take_back(self, exchange: Exchange, comment: str, wrong: str) -> None:
        try:
            self.zone.exchange(exchange.inverse, f"{comment}: taken back")
        except DoorError as error:
            raise DoorError(
                f"the records were exchanged, then {wrong}, and they could not be put back: {error}. "
                "Put them back "
                "now, with the same command and --undo, or in the console"
            ) from error

    def _watch(self) -> AnswerWatch:
        world, service = self._world, self._cutover.service
        old, new = (
            Place(side.load_balancer_dns_name, world.resolve) for side in (service.old, service.new)
        )
        for place in (old, new):
            for kind in ADDRESSES:
                place.addresses(kind)
        answered = {record["Type"] for record in self.live()}
        kinds = {
            kind: bool(old.addresses(kind)) and bool(answered & {kind, "CNAME"})
            for kind in ADDRESSES
        }
        servers = world.servers_of(self.zone.facts().servers)
        return AnswerWatch(world.ask, servers, self._dns.record_name, kinds, old=old, new=new)
