"""Says whether this account has room for what a deploy adds, one sentence a quota. It changes nothing.

It counts what the assembly has and CloudFormation does not hold yet, and asks the account what it may have
and has, and whether the priorities of new listener rules are free. `cutover plan` does the same, and refuses
what does not fit; a first deploy, by cdk deploy, does not.
With promotion.capacity it also says days ahead which quota the last step needs.

The exit code is 0 when there is room, 1 when something is too much or taken, and 2 when it could not be told
of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from commands import capacity
from commands.declared import declared_services, takes_declaration
from commands.exit_codes import COULD_NOT_TELL, DONE, REFUSED
from commands.pipeline import change_sets, stock_cdk
from commands.pipeline.assembly import stacks_of
from commands.pipeline.errors import PipelineError
from commands.pipeline.listener_priorities import priorities_for
from commands.pipeline.planning import stacks_for
from commands.pipeline.room import Room, room_for
from commands.pipeline.standing import must_be_logged_in
from commands.terminal import Parser, refuse, tell, tell_reasons
from cutover.declaration.reading.errors import DeclarationError
from cutover.quotas import of_template
from shared.aws import READS, clients

_APP: Final = Path("build/quotas/cdk.out")
_client = clients(READS)


def main(given: Sequence[str] | None = None) -> int:
    """Look, tell, and return the exit code."""
    arguments = _parser().parse_args(given)
    try:
        cutovers = declared_services(arguments.service, arguments.declaration)
        must_be_logged_in()
        assembled = stacks_of(stock_cdk.assembly(arguments, _APP))
        stacks = [stack for cutover in cutovers for stack in stacks_for(cutover, assembled)]
        changes = []
        for stack in stacks:
            client = _client("cloudformation", stack.region)
            was = change_sets.template_held(client, stack.name)
            changes.append((stack.region, was, stack.template))
        found = [*room_for(changes, _client), *priorities_for(changes, _client)]
        now = datetime.now(UTC)
        ahead = [capacity.quota(cutover, _client, now) for cutover in cutovers]
        found += [each for each in ahead if each is not None]
    except DeclarationError as error:
        return refuse(*error.reasons)
    except PipelineError as error:
        return tell_reasons(error.code, *error.reasons)
    fixed = [one for stack in stacks for one in of_template(stack.name, stack.template)]
    for one in fixed:
        tell(f"{_WORDS[Room.BEYOND if one.beyond else Room.CLOSE]}: {one.text}.")
    for each in found:
        tell(f"{_WORDS[each.room]}: {each.says}")
    if not found:
        tell("This deploy adds nothing that an account's quota counts.")
    rooms = {each.room for each in found}
    if rooms & {Room.BEYOND, Room.TAKEN} or any(one.beyond for one in fixed):
        return REFUSED
    return COULD_NOT_TELL if Room.UNKNOWN in rooms else DONE


_WORDS: Final = {
    Room.ENOUGH: "room",
    Room.CLOSE: "close",
    Room.UNKNOWN: "cannot tell",
    Room.BEYOND: "too much",
    Room.TAKEN: "taken",
}


def _parser() -> Parser:
    parser = Parser(prog="cutover quotas", description=__doc__)
    takes_declaration(parser)
    stock_cdk.takes_assembly(parser)
    return parser
