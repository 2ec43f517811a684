"""Adopts a name: looks, plans, exchanges the records under the eyes of the name's own servers, and takes
it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from commands.records.exchange import Exchange
from commands.records.owner import marked_by_external_dns, owning_stack
from commands.records.preflight import LoadBalancer, Seen, simple_records
from commands.records.record_set import ADDRESSES
from commands.records.stack import resource_ids
from commands.records.wanted import NEW_CHECK, OLD_CHECK, wanted
from commands.records.watched_exchange import Done, NotDoneError, World, exchange_watched
from cutover.declaration.doors import Dns
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.doors.patience import DoorError
from shared.status.look import deployed, known
from shared.status.standing import Unread


class Adoption:
    """One service's name at the dns door."""

    def __init__(self, cutover: Cutover, dns: Dns, world: World) -> None:
        self._cutover = cutover
        self._dns = dns
        self._world = world
        self._names = Names(cutover.name)
        self.zone = world.zone(dns.hosted_zone_id)

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
        NotDoneError
            When Safety has them not.
        """
        stack = self._names.stack("safety")
        try:
            ids = resource_ids(self._world, stack)
        except DoorError as error:
            raise NotDoneError(
                f"the stack {stack} cannot be read: {error}. Deploy it with dns.adopt: true first"
            ) from error
        if not ids.get(OLD_CHECK) or not ids.get(NEW_CHECK):
            raise NotDoneError(
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
        """Make `exchange` while the name's own servers are asked; take it back when one does not answer old.

        Raises
        ------
        NotDoneError
            When they cannot be asked, or answer wrongly before anything was changed.
        DoorError
            When Route 53 refuses the batch: then nothing was changed.
        """
        service = self._cutover.service
        return exchange_watched(
            self._world, exchange, comment, right=("old", service.old), other=("new", service.new)
        )
