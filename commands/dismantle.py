"""Ends a cutover: proves that nobody comes through a door, or leaves a plain record that leads to new, and
says which stock commands take the stacks away and what is left then.

Without --yes it changes nothing. It never deletes anything. It exits with 0 when nobody comes or it is done,
1 when somebody comes or it is refused, and 2 when it could not tell. docs/decommission.md says what comes
before.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import boto3

from commands.declared import UsageError, one_service, takes_declaration
from commands.dismantling import doors
from commands.dismantling.final_record import Seen, against, final_records, leaving
from commands.dismantling.left import left_behind
from commands.dismantling.order import commands, standing_stacks
from commands.dismantling.traffic import look_at
from commands.exit_codes import COULD_NOT_TELL, DONE, REFUSED
from commands.records.confirmed import (
    Confirmed,
    ended,
    keep,
    kept,
    takes_confirmation,
)
from commands.records.exchange import Exchange
from commands.records.owner import owning_stack
from commands.records.record_set import ADDRESSES, LEADING, RecordSet, stands_in
from commands.records.stack import resource_ids
from commands.records.wanted import NEW_CHECK, OLD_CHECK
from commands.records.watched_exchange import Done, NotDoneError, World, exchange_watched
from commands.terminal import NO_CREDENTIALS, Parser, refuse, tell
from cutover.declaration.doors import Dns
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.aws import READS, clients
from shared.doors.dns import DnsDoor
from shared.doors.patience import DoorError
from shared.status.look import known
from shared.status.standing import Unread

FOLDER: Final = Path("build/dismantle")
_world = World(client_for=clients(READS))


def main(given: Sequence[str] | None = None, world: World | None = None) -> int:
    """Look, plan, or carry out what was planned, in the account or in another `world`, and return the exit
    code."""
    arguments = _parser().parse_args(given)
    return ended(lambda: _run(arguments, world))


def _run(arguments: argparse.Namespace, world: World | None) -> int:
    cutover = one_service(arguments.service, arguments.declaration)
    if world is None and boto3.Session().get_credentials() is None:
        return refuse(NO_CREDENTIALS)
    command = _Command(cutover, world or _world, arguments.folder / cutover.name, arguments.yes)
    return command.run(arguments)


def _parser() -> Parser:
    parser = Parser(prog="cutover dismantle", description=__doc__)
    takes_declaration(parser)
    takes_confirmation(parser, FOLDER, "the snapshot is")
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--leave-record",
        action="store_true",
        help="put a plain record that leads to new in the place of the weighted ones, in one batch",
    )
    what.add_argument(
        "--undo", action="store_true", help="put the weighted records back, from the snapshot"
    )
    what.add_argument(
        "--after", action="store_true", help="list what is left once the stacks are destroyed"
    )
    return parser


class _Command:
    """One call, for one service."""

    def __init__(self, cutover: Cutover, world: World, folder: Path, confirmed: str | None) -> None:
        self._cutover, self._world = cutover, world
        self._names = Names(cutover.name)
        self._traffic = self._names.stack("traffic")
        self._snapshot = folder / "record.json"
        self._typed = f"cutover dismantle --service {cutover.name}"
        self._yes = confirmed

    def run(self, arguments: argparse.Namespace) -> int:
        """Do what is asked, and return the exit code."""
        if arguments.after:
            return self.after()
        if arguments.undo:
            return self.undo()
        return self.leave_record() if arguments.leave_record else self.prove()

    def prove(self) -> int:
        """Tell whether somebody still comes through a door, and if not, how the stacks go."""
        if self._yes is not None:
            raise UsageError(f"there is nothing to confirm here: {self._typed} changes nothing")
        traffic = look_at(self._world, self._traffic)
        if isinstance(traffic, Unread):
            tell(f"could not tell: the stack {self._traffic} cannot be read: {traffic.why}")
            return COULD_NOT_TELL
        distribution = None if traffic is None else traffic.distribution_id
        verdict = doors.judge(doors.look(self._world, self._cutover, distribution), self._cutover)
        for note in verdict.notes:
            tell(f"note: {note}.")
        for comes in verdict.comes:
            tell(f"somebody comes: {comes}.")
        if verdict.comes:
            tell("Do not destroy anything yet. Nothing was changed.")
            return REFUSED
        return self._say_how()

    def _say_how(self) -> int:
        stacks = standing_stacks(self._world, self._cutover)
        if not stacks:
            tell(f"No stack of {self._cutover.name} stands. What is left: {self._typed} --after")
            return DONE
        tell("Nobody comes through a door. These commands take the stacks away, in this order:")
        for line in commands(stacks):
            tell(f"  {line}")
        tell(
            "What serves viewers is kept by them: records, distribution, edge function, switch and health "
            f"checks. Afterwards:\n  {self._typed} --after\n"
            f"and take {self._cutover.name} out of the declaration."
        )
        return DONE

    def leave_record(self) -> int:
        """Plan to put a plain record in the place of the weighted ones, or do it."""
        dns = self._door()
        live = self._world.zone(dns.hosted_zone_id).records(dns.record_name)
        final = final_records(self._cutover, dns)
        leading = [r for r in live if r["Type"] in LEADING]
        if leading and len(leading) == len(final) and all(stands_in(r, live) for r in final):
            tell(f"The plain record of {dns.record_name} leads to new already: nothing to do.")
            tell(f"Next: {self._typed}")
            return DONE
        old_check, new_check = self._checks(live)
        exchange = leaving(self._cutover, dns, live, old_check=old_check, new_check=new_check)
        faults = against(
            self._look(dns, live, new_check), exchange, self._cutover, dns, self._traffic
        )
        confirmed = self._confirmed(dns)
        confirmed.show(exchange)
        for fault in faults:
            tell(f"refused: {fault}.")
        if faults:
            tell("Nothing was changed.")
            return REFUSED
        code = confirmed.held_back(exchange, " --leave-record")
        if code is not None:
            return code
        # Before the change: whatever happens then, it can be taken back.
        keep(self._snapshot, exchange, self._world.now())
        return confirmed.carry_out(
            lambda: self._exchange(exchange, "leave a plain record"),
            "new",
            f"{dns.record_name} leads to new by a plain record. Nobody owns it: write it into what comes "
            "after.\n"
            f"Do not deploy {self._traffic} any more: its template still has the weighted records. Next:\n"
            f"  {self._typed}\n"
            f"To take it back before the stack is destroyed: {self._typed} --undo. Keep {self._snapshot}",
        )

    def undo(self) -> int:
        """Plan to put the weighted records back, or do it."""
        dns = self._door()
        left = kept(self._snapshot)
        live = self._world.zone(dns.hosted_zone_id).records(dns.record_name)
        if left is None or not left.is_done(live):
            raise NotDoneError(
                f"the records of {dns.record_name} are not what cutover dismantle left, as "
                f"{self._snapshot.parent} tells it. Compare them by hand, or give the folder with --folder. "
                "Nothing was changed"
            )
        traffic = look_at(self._world, self._traffic)
        if traffic is None or isinstance(traffic, Unread):
            why = "does not stand any more" if traffic is None else f"cannot be read: {traffic.why}"
            raise NotDoneError(
                f"the stack {self._traffic} {why}. Weighted records would be nobody's. Nothing was changed"
            )
        exchange = left.inverse
        confirmed = self._confirmed(dns)
        confirmed.show(exchange)
        code = confirmed.held_back(exchange, " --undo")
        if code is not None:
            return code
        return confirmed.carry_out(
            lambda: self._exchange(exchange, "put the weighted records back"),
            "new",
            f"{dns.record_name} is weighted again, as the stack {self._traffic} has it.",
        )

    def after(self) -> int:
        """List what is left once the stacks are destroyed."""
        stacks = standing_stacks(self._world, self._cutover)
        for stack in stacks:
            tell(f"the stack {stack.name} in {stack.region} still stands: {stack.status}.")
        found = left_behind(self._world, self._cutover)
        if found.left:
            tell("Left in the account, in the order in which it can be deleted:")
        for number, one in enumerate(found.left, 1):
            tell(f"  {number}. {one.what} {one.name}: {one.then}")
        for unread in found.unread:
            tell(f"  could not read: {unread}")
        if not (found.left or stacks or found.unread):
            tell(
                f"Nothing of {self._cutover.name} is left, as far as CloudFormation remembers (90 days)."
            )
        if found.unread:
            return COULD_NOT_TELL
        return REFUSED if stacks else DONE

    def _door(self) -> Dns:
        dns = self._cutover.service.dns
        if dns is None:
            raise UsageError(
                f"{self._cutover.name} declares no dns door (dns): it has no weighted record. Lead the names "
                f"of the edge door to new's load balancer, then: {self._typed}"
            )
        return dns

    def _confirmed(self, dns: Dns) -> Confirmed:
        return Confirmed(self._typed, dns.record_name, self._yes)

    def _checks(self, live: Sequence[RecordSet]) -> tuple[str, str]:
        """Return the health checks of old's and new's records: Safety's, or, where that is destroyed already,
        those that the records have."""
        stack = self._names.stack("safety")
        try:
            ids = resource_ids(self._world, stack)
        except DoorError as error:
            if error.code != "ValidationError":
                raise
            ids = {}
        held = {r["SetIdentifier"]: r.get("HealthCheckId", "") for r in live if "Weight" in r}
        return (
            ids.get(OLD_CHECK) or held.get("old", ""),
            ids.get(NEW_CHECK) or held.get("new", ""),
        )

    def _look(self, dns: Dns, live: Sequence[RecordSet], new_check: str) -> Seen:
        world, service = self._world, self._cutover.service
        zone = world.zone(dns.hosted_zone_id)
        switch = DnsDoor(world.client_for("route53", EDGE_REGION), new_check, world.sleep)
        regions = dict.fromkeys([EDGE_REGION, *service.regions])
        owners = (
            owning_stack(world.client_for, regions, record, dns.hosted_zone_id)
            for record in live
            if "Weight" in record
        )
        new = service.new.load_balancer_dns_name
        return Seen(
            records=live,
            traffic=look_at(world, self._traffic),
            switch=known(switch.read) if new_check else Unread("no record has its health check"),
            zone=zone.facts(),
            delegated_to=world.delegated_to(dns.zone_name),
            owner=next((owner for owner in owners if owner is not None), None),
            new_addresses={kind: world.resolve(new, kind) for kind in ADDRESSES},
        )

    def _exchange(self, exchange: Exchange, comment: str) -> Done:
        service = self._cutover.service
        return exchange_watched(
            self._world,
            exchange,
            f"cutover {self._cutover.name}: {comment}",
            right=("new", service.new),
            other=("old", service.old),
        )
