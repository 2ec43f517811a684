"""Makes the weighted records of a name that has a simple one, in one change batch, and takes that back.

Without --yes it only shows its plan. It exits with 0 when it is planned or done, 1 when it is refused, and
2 when it could not tell. docs/adopt.md says what comes before and after.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import boto3

from commands.declared import UsageError, one_service, takes_declaration
from commands.exit_codes import COULD_NOT_TELL, DONE, REFUSED
from commands.files import json_in
from commands.records.adoption import Adoption
from commands.records.confirmed import (
    Confirmed,
    ended,
    keep,
    kept,
    takes_confirmation,
    write,
)
from commands.records.exchange import Exchange
from commands.records.preflight import lowered, preflight, simple_records
from commands.records.wanted import import_mapping
from commands.records.watched_exchange import NotDoneError, World
from commands.terminal import NO_CREDENTIALS, Parser, refuse, tell
from cutover.declaration.doors import Dns
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from shared.aws import READS, clients
from shared.status.standing import Unread

FOLDER: Final = Path("build/adopt")
_world = World(client_for=clients(READS))


def main(given: Sequence[str] | None = None, world: World | None = None) -> int:
    """Plan, or carry out what was planned, in the account or in another `world`, and return the exit code."""
    arguments = _parser().parse_args(given)
    return ended(lambda: _run(arguments, world))


def _run(arguments: argparse.Namespace, world: World | None) -> int:
    cutover = one_service(arguments.service, arguments.declaration)
    dns = _door(cutover)
    if world is None and boto3.Session().get_credentials() is None:
        return refuse(NO_CREDENTIALS)
    command = _Command(
        cutover, dns, world or _world, arguments.folder / cutover.name, arguments.yes
    )
    if arguments.undo:
        return command.undo()
    return command.lower_ttl() if arguments.lower_ttl else command.adopt()


def _parser() -> Parser:
    parser = Parser(prog="cutover adopt", description=__doc__)
    takes_declaration(parser)
    takes_confirmation(parser, FOLDER, "snapshot and mapping file are")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--lower-ttl",
        action="store_true",
        help="lower the simple record's TTL to 60 s, a day ahead",
    )
    what.add_argument(
        "--undo", action="store_true", help="put back what was there before, from the snapshot"
    )
    return parser


def _door(cutover: Cutover) -> Dns:
    dns = cutover.service.dns
    if dns is None:
        raise UsageError(f"{cutover.name} declares no dns door (dns): there is no name to adopt")
    return dns


class _Command:
    """One call, for one service."""

    def __init__(
        self, cutover: Cutover, dns: Dns, world: World, folder: Path, confirmed: str | None
    ) -> None:
        self._cutover, self._dns = cutover, dns
        self._adoption = Adoption(cutover, dns, world)
        self._world = world
        self._snapshot = folder / "snapshot.json"
        self._ttl = folder / "ttl.json"
        self._mapping = folder / "import.json"
        self._confirmed = Confirmed(
            f"cutover adopt --service {cutover.name}", dns.record_name, confirmed
        )
        self._traffic = Names(cutover.name).stack("traffic")

    def adopt(self) -> int:
        """Plan the adoption, or carry it out."""
        dns = self._dns
        if self._cutover.service.new_weight:
            raise NotDoneError(
                f"new_weight is {self._cutover.service.new_weight}: adopt at 0, so that no answer changes"
            )
        wanted, live = self._adoption.wanted(), self._adoption.live()
        exchange = Exchange.of(dns.hosted_zone_id, simple_records(live), wanted)
        if not exchange.before and exchange.is_done(live):
            return self._already_there(exchange)
        verdict = preflight(self._adoption.look(live, self._lowered_at(live)), dns, self._traffic)
        self._confirmed.show(exchange)
        for note in verdict.notes:
            tell(f"note: {note}.")
        for refusal in verdict.refusals:
            tell(f"refused: {refusal}.")
        if verdict.refusals:
            tell("Nothing was changed.")
            return REFUSED
        write(self._mapping, import_mapping(self._cutover.service, dns))
        code = self._confirmed.held_back(exchange, "")
        if code is not None:
            return code
        # Before the change: whatever happens then, it can be taken back.
        keep(self._snapshot, exchange, self._world.now())
        return self._carry_out(
            exchange,
            "adopt the simple record",
            f"{dns.record_name} is weighted now, all to old. Nothing owns the records yet. Next:\n"
            f"  1. take dns.adopt out of the declaration\n"
            f"  2. cdk import {self._traffic} --force --resource-mapping {self._mapping}\n"
            "     (--force passes over one difference: the bake waits for the records)\n"
            "  3. cdk deploy --all        it must change no record\n"
            f"To take it back before step 2: cutover adopt --service {self._cutover.name} --undo. Keep "
            f"{self._snapshot}",
        )

    def lower_ttl(self) -> int:
        """Plan a TTL of 60 s, or set it."""
        live = simple_records(self._adoption.live())
        if not live:
            raise NotDoneError(f"{self._dns.record_name} has no simple record")
        exchange = Exchange.of(self._dns.hosted_zone_id, live, lowered(live))
        if not exchange.changes:
            tell("No TTL is above 60 s: there is nothing to lower. Nothing was changed.")
            return DONE
        self._refuse_an_owner(live[0])
        self._confirmed.show(exchange)
        code = self._confirmed.held_back(exchange, " --lower-ttl")
        if code is not None:
            return code
        keep(self._ttl, exchange, self._world.now())
        return self._carry_out(
            exchange,
            "lower the TTL before the name is adopted",
            "The TTL is lowered. Wait a day, then: cutover adopt. To take it back: cutover adopt --undo",
        )

    def undo(self) -> int:
        """Plan to put back what the snapshots hold, or put it back."""
        adopted, ttl = kept(self._snapshot), kept(self._ttl)
        live = self._adoption.live()
        standing = next(
            (one for one in (adopted, ttl) if one is not None and one.is_done(live)),
            None,
        )
        if standing is None:
            where = self._snapshot.parent
            raise NotDoneError(
                f"the records of {self._dns.record_name} are not what cutover adopt left, as {where} "
                "tells it. "
                "Compare them by hand, or give the folder with --folder. Nothing was changed"
            )
        before = ttl.before if ttl is not None and ttl.is_done(standing.before) else standing.before
        exchange = Exchange.of(self._dns.hosted_zone_id, standing.after, before)
        self._refuse_an_owner(exchange.before[0])
        self._confirmed.show(exchange)
        code = self._confirmed.held_back(exchange, " --undo")
        if code is not None:
            return code
        return self._carry_out(
            exchange, "take the adoption back", f"{self._dns.record_name} is as it was before."
        )

    def _already_there(self, exchange: Exchange) -> int:
        owner = self._adoption.owner(exchange.after[0])
        if isinstance(owner, Unread):
            tell(f"The records are weighted as wanted. Whose they are cannot be read: {owner.why}")
            return COULD_NOT_TELL
        if owner is None:
            write(self._mapping, import_mapping(self._cutover.service, self._dns))
            tell(
                "The records are weighted as wanted, and no stack holds them yet. Next: take dns.adopt "
                "out of the "
                f"declaration, then cdk import {self._traffic} --force --resource-mapping {self._mapping}"
            )
            return DONE
        tell(
            f"The records are weighted as wanted, and the stack {owner} holds them: nothing to do."
        )
        return DONE

    def _refuse_an_owner(self, record: Any) -> None:
        owner = self._adoption.owner(record)
        if owner is not None:
            said_owner = f"cannot be read ({owner.why})" if isinstance(owner, Unread) else owner
            raise NotDoneError(
                f"the stack that holds the record: {said_owner}. What a stack holds, its own deploy changes: "
                "see docs/adopt.md. Nothing was changed"
            )

    def _lowered_at(self, live: Sequence[dict[str, Any]]) -> datetime | None:
        lowered_by_us = kept(self._ttl)
        if lowered_by_us is None or not lowered_by_us.is_done(live):
            return None
        try:
            at = datetime.fromisoformat(json_in(self._ttl)["at"])
        except (KeyError, TypeError, ValueError) as error:
            raise NotDoneError(
                f"{self._ttl} does not say when the TTL was lowered. Nothing was changed"
            ) from error
        return at if at.tzinfo else None

    def _carry_out(self, exchange: Exchange, comment: str, then: str) -> int:
        said = f"cutover {self._cutover.name}: {comment}"
        return self._confirmed.carry_out(
            lambda: self._adoption.exchange(exchange, said), "old", then
        )
