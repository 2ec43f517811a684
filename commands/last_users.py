"""Says who still asks old by its load balancer's own name: clients, agents, paths and methods.

It reads the load balancer's access log, where last_users.access_logs says or else the load balancer itself;
health checkers and our own probes are taken out. It exits with 0 when nobody asks, 1 when somebody does, and
2 when it could not tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from commands.access_log.files import LogError, last_days, lines_in, lines_in_bucket
from commands.access_log.last_users import LastUsers, count
from commands.account.access_log import access_log_of
from commands.declared import UsageError, one_service, takes_declaration
from commands.exit_codes import DONE, REFUSED
from commands.numbers import whole
from commands.terminal import NO_CREDENTIALS, Parser, refuse, tell
from cutover.declaration.reading.errors import DeclarationError
from cutover.declaration.service import Service
from cutover.declaration.side import Side
from shared.aws import READS, clients
from shared.shown import shown

NOBODY, SOMEBODY = DONE, REFUSED
_client = clients(READS)
_MOST_DAYS: Final = 90
_MOST_LINES: Final = 1000


def main(given: Sequence[str] | None = None) -> int:
    """Count, tell, and return the exit code."""
    arguments = _parser().parse_args(given)
    try:
        cutover = one_service(arguments.service, arguments.declaration)
        found = count(cutover.service, _lines(cutover.service, arguments.logs, arguments.days))
    except DeclarationError as error:
        return refuse(*error.reasons)
    except (UsageError, LogError, BotoCoreError, ClientError) as error:
        return refuse(str(error))
    if found.lines == found.unread:
        return refuse(
            f"None of {found.lines} lines is a line of an Application Load Balancer's access log."
        )
    _tell(cutover.name, cutover.service, found, arguments.top)
    return SOMEBODY if found.requests else NOBODY


def _parser() -> Parser:
    parser = Parser(prog="cutover last-users", description=__doc__)
    takes_declaration(parser)
    parser.add_argument(
        "--logs",
        metavar="PLACE",
        help="a log file, a folder of them, or s3://bucket/prefix; left out: last_users.access_logs, or else "
        "where old's load balancer says that it puts its log",
    )
    parser.add_argument(
        "--days", type=whole(1, _MOST_DAYS), default=7, help="days back in S3, 1 to 90 (7)"
    )
    parser.add_argument(
        "--top", type=whole(1, _MOST_LINES), default=10, help="lines of each list, 1 to 1000 (10)"
    )
    return parser


def _lines(service: Service, place: str | None, days: int) -> Iterator[str]:
    declared = service.last_users.access_logs if service.last_users is not None else None
    place = place or declared
    if place is not None and not place.startswith("s3://"):
        return lines_in(Path(place))
    if boto3.Session().get_credentials() is None:
        raise UsageError(NO_CREDENTIALS)
    return lines_in_bucket(
        _client("s3", service.old.stands_in),
        place or _told(service.old),
        load_balancer=service.old.load_balancer,
        region=service.old.stands_in,
        days=last_days(days, datetime.now(UTC).date()),
    )


def _told(old: Side) -> str:
    """Return where old's load balancer says that it puts its log."""
    elbv2 = _client("elbv2", old.stands_in)
    _, name, _ = old.load_balancer.split("/")
    for one in elbv2.describe_load_balancers(Names=[name])["LoadBalancers"]:
        arn = one["LoadBalancerArn"]
        if arn.endswith(f":loadbalancer/{old.load_balancer}"):
            place = access_log_of(elbv2, arn)
            if place:
                return place
            raise UsageError(
                f"The access log of {old.load_balancer} is off (access_logs.s3.enabled), so nobody knows who "
                "asks it. Turn it on and look again in a day, or give --logs, a file, a folder or "
                "s3://bucket/prefix"
            )
    raise UsageError(f"There is no load balancer {old.load_balancer} in {old.stands_in}.")


def _tell(name: str, service: Service, found: LastUsers, top: int) -> None:
    tell(
        f"{name}: {found.requests:,} of {found.lines:,} requests asked old by its own name "
        f"({', '.join(service.old_names)}), probes taken out; {found.redirected:,} of them were sent on."
    )
    if found.unread:
        tell(f"{found.unread:,} lines could not be read.")
    lists: tuple[tuple[str, Counter[str]], ...] = (
        ("clients", found.clients),
        ("agents", found.agents),
        ("paths", found.paths),
        ("methods", found.methods),
    )
    for what, counted in lists:
        if counted:
            tell(f"{what} ({len(counted):,}):")
        for one, times in counted.most_common(top):
            last = f", last seen {found.seen[one]}" if what == "clients" else ""
            tell(f"  {times:>9,}  {shown(one)}{last}")
