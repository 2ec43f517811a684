"""Exchanges records under the eyes of the name's own servers, and takes it back when one answers wrongly."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from commands.records import resolving
from commands.records.answers import AnswerWatch, Place, Resolve, Watched
from commands.records.dns_question import Ask, Server, ask
from commands.records.exchange import Exchange
from commands.records.record_set import ADDRESSES
from commands.records.zone import Zone
from cutover.declaration.side import Side
from cutover.regions import EDGE_REGION
from shared.doors.patience import DoorError
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

    def zone(self, zone_id: str) -> Zone:
        """Return the hosted zone."""
        client = self.client_for("route53", EDGE_REGION)
        return Zone(client, zone_id, sleep=self.sleep, clock=self.clock)


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


class NotDoneError(Exception):
    """It did not happen, and nothing was changed; the message says why."""


def exchange_watched(
    world: World,
    exchange: Exchange,
    comment: str,
    *,
    right: tuple[str, Side],
    other: tuple[str, Side],
) -> Done:
    """Make `exchange` while every server of the zone is asked; take it back when one answers wrongly.

    Parameters
    ----------
    right, other : tuple
        The side that every answer must lead to, before, meanwhile and afterwards, by its name; and the other
        one.

    Raises
    ------
    NotDoneError
        When they cannot be asked, or answer wrongly before anything was changed.
    DoorError
        When Route 53 refuses the batch: then nothing was changed.
    """
    zone = world.zone(exchange.zone_id)
    watch = _watch(world, zone, exchange.before[0]["Name"].rstrip("."), right, other)
    with watch.running() as seen:
        watch.round()
        world.sleep(BEFORE_SECONDS)
        if seen.asked == seen.silent:
            raise NotDoneError(
                "none of the name's own servers answers here, so nobody would see a missing answer. Run this "
                "where UDP to port 53 is let out. Nothing was changed"
            )
        if seen.wrong_count:
            raise NotDoneError(
                f"the name is answered wrongly already: {seen.wrong[0]}. Nothing was changed"
            )
        change = zone.exchange(exchange, comment)
        in_sync = change is not None and zone.wait_until_in_sync(change)
        watch.round()
        world.sleep(AFTER_SECONDS)
        if seen.wrong_count:
            _take_back(zone, exchange, comment, seen.wrong[0])
    return Done(seen, in_sync, taken_back=bool(seen.wrong_count))


def _take_back(zone: Zone, exchange: Exchange, comment: str, wrong: str) -> None:
    try:
        zone.exchange(exchange.inverse, f"{comment}: taken back")
    except DoorError as error:
        raise DoorError(
            f"the records were exchanged, then {wrong}, and they could not be put back: {error}. Put them "
            "back now, with the same command and --undo, or in the console"
        ) from error


def _watch(
    world: World, zone: Zone, name: str, right: tuple[str, Side], other: tuple[str, Side]
) -> AnswerWatch:
    must, must_not = (
        Place(side, of.load_balancer_dns_name, world.resolve) for side, of in (right, other)
    )
    for place in (must, must_not):
        for kind in ADDRESSES:
            place.addresses(kind)
    answered = {record["Type"] for record in zone.records(name)}
    kinds = {
        kind: bool(must.addresses(kind)) and bool(answered & {kind, "CNAME"}) for kind in ADDRESSES
    }
    servers = world.servers_of(zone.facts().servers)
    return AnswerWatch(world.ask, servers, name, kinds, right=must, other=must_not)
