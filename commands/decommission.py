"""Says what is missing before old may leave the doors, and lists what can be deleted then, with its price;
beside it what the cutover itself costs.

It changes and deletes nothing. It exits with 0 when nothing is missing, 1 when something is, and 2 when it
could not tell. docs/decommission.md says what comes before and after.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError

from commands.declared import UsageError, one_service, takes_declaration
from commands.exit_codes import COULD_NOT_TELL, DONE, REFUSED
from commands.leftovers.inventory import Inventory, Reader
from commands.leftovers.own_cost import OwnCost
from commands.leftovers.own_stacks import own_cost
from commands.leftovers.prices import Prices, prices
from commands.terminal import NO_CREDENTIALS, Parser, refuse, tell
from cutover.declaration.reading.context import Cutover
from cutover.declaration.reading.errors import DeclarationError
from cutover.promotion.decommission_properties import decommission_properties
from shared.aws import READS, clients
from shared.decommission.evidence import missing, users_a_day
from shared.decommission.look import look
from shared.decommission.rules import Rules
from shared.doors.patience import DoorError
from shared.readiness.reading import read
from shared.watch.hours import watch_of

READY, LACKS = DONE, REFUSED
_client = clients(READS)
_TAG: Final = "="


def main(given: Sequence[str] | None = None) -> int:
    """Look, tell, and return the exit code."""
    arguments = _parser().parse_args(given)
    try:
        cutover = one_service(arguments.service, arguments.declaration)
        tag = _tag(arguments.tag)
        if boto3.Session().get_credentials() is None:
            return refuse(NO_CREDENTIALS)
        now = datetime.now(UTC)
        code = _evidence(cutover, now)
    except DeclarationError as error:
        return refuse(*error.reasons)
    except (UsageError, DoorError, BotoCoreError) as error:
        return refuse(str(error))
    table = prices()
    old = cutover.service.old
    try:
        found = Reader(_client, old.stands_in, table).read(old.load_balancer, tag)
        own = own_cost(_client, cutover, table)
    except BotoCoreError as error:
        return refuse(str(error))
    _tell(cutover, found, table)
    _tell_own(own, now)
    return COULD_NOT_TELL if found.unread and code == READY else code


def _parser() -> Parser:
    parser = Parser(prog="cutover decommission", description=__doc__)
    takes_declaration(parser)
    parser.add_argument(
        "--tag", metavar="KEY=VALUE", help="list what carries this tag too, like environment=old"
    )
    return parser


def _tag(given: str | None) -> tuple[str, str] | None:
    if given is None:
        return None
    key, sign, value = given.partition(_TAG)
    if not key or not sign:
        raise UsageError(f"--tag {given} is no tag. It must be: KEY=VALUE, like environment=old")
    return key, value


def _evidence(cutover: Cutover, now: datetime) -> int:
    rules = read(Rules, decommission_properties(cutover.service))
    seen = look(lambda region: _client("cloudwatch", region), cutover.name, rules, now)
    watch = watch_of(seen, rules.watch_hours)
    tell(f"{cutover.name}: {watch.said} cutover watch --report says how it went.")
    tell(f"{rules.quiet_days} days must be quiet (decommission.quiet_days):")
    for day, users in users_a_day(seen, rules):
        tell(f"  24 h from {day:%Y-%m-%d %H:%M} UTC: about {users:,.0f} requests to old")
    lacks = missing(seen, rules, now.date())
    for one in lacks:
        tell(f"missing: {one}.")
    if lacks:
        tell("Old may not leave the doors yet. The gate would refuse it with the same words.")
        return LACKS
    tell(
        "Nothing is missing: old may leave the doors. Declare rollback.point_of_no_return and phase "
        "decommission, "
        "and deploy. Somebody who asks old as evenly as a health checker is not seen here: look at its "
        "access log."
    )
    return READY


def _tell(cutover: Cutover, found: Inventory, table: Prices) -> None:
    tell("")
    tell(
        f"What belongs to old, in the order in which it can be deleted. Nothing is deleted by this "
        "command. List "
        f"prices of {table.region} as of {table.as_of}, {table.note}."
    )
    if found.stack is not None:
        tell(
            f"The stack {found.stack} made the load balancer: delete that stack, and nothing of it by hand."
        )
    going = [one for one in found.leftovers if not one.keep]
    for place, one in enumerate(going, 1):
        tell(f"  {place}. {one.what} {one.name}: {_usd(one.usd_a_month)}")
    for one in found.leftovers:
        if one.keep:
            tell(f"  keep: {one.what} {one.name}: {one.keep} ({_usd(one.usd_a_month)})")
    for unread in found.unread:
        tell(f"  could not read: {unread}")
    declared = cutover.service.decommission.monthly_savings_usd
    beside = "" if declared is None else f"; declared are {declared:,.2f} USD"
    unknown = sum(one.usd_a_month is None for one in going)
    more = f", and {unknown} of them without a price in the table" if unknown else ""
    tell(f"What can go costs about {found.usd_a_month:,.2f} USD a month{more}{beside}.")


def _tell_own(own: OwnCost, now: datetime) -> None:
    tell("")
    tell("What the cutover itself costs while its stacks stand, by the same table, nothing free:")
    for part in own.parts:
        tell(f"  {part.what}: {_usd(part.usd_a_month)}")
    for usage in own.by_usage:
        tell(f"  by usage: {usage}")
    for unread in own.unread:
        tell(f"  could not read: {unread}")
    if own.since is None:
        tell("No stack of the cutover could be read: what it costs is not known.")
        return
    tell(
        f"In all about {own.usd_a_month:,.2f} USD a month, and about {own.usd_until(now):,.2f} USD since "
        f"the first deploy on {own.since:%Y-%m-%d}, as if all of it had been there since. "
        "cutover dismantle ends it."
    )


def _usd(price: float | None) -> str:
    if price is None:
        return "no price in the table"
    return "free by itself" if price == 0 else f"{price:,.2f} USD a month"
