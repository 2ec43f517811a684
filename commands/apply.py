"""Executes a plan of `cutover plan`: exactly the change sets that were reviewed, or none of them.

Before the first, everything is checked again: declared, deployed and live agree, nobody deployed in between,
and each change set has the fingerprint that the plan says. Run again with the same plan, it goes on where it
was.

The exit code is 0 when everything was executed, 1 when it was refused or CloudFormation put things back, 2
when it could not tell, 3 when CloudFormation goes on and can no longer be followed, and 130 after Ctrl-C.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from commands.declared import declared_services
from commands.exit_codes import DONE, INTERRUPTED
from commands.files import named
from commands.pipeline import applying, who
from commands.pipeline.declared_fleet import declared_undertaking
from commands.pipeline.errors import PipelineError, RefusedError
from commands.pipeline.measured import reported, said_in
from commands.pipeline.plan_file import SHORTEST_ID, Plan, read
from commands.pipeline.standing import must_be_logged_in
from commands.report.wording import plain
from commands.terminal import Parser, refuse, tell_reasons
from cutover.declaration.reading.errors import DeclarationError
from shared.aws import READS, clients

_client = clients(READS)


def main(given: Sequence[str] | None = None) -> int:
    """Check, execute, tell, and return the exit code."""
    arguments = _parser().parse_args(given)
    try:
        plan = _approved(arguments.plan, arguments.id)
        if not plan.services:
            print(f"plan {plan.id[:12]}: nothing changes, so nothing is executed")
            return DONE
        cutovers = {one.name: one for one in declared_services(None, arguments.declaration)}
        must_be_logged_in()
        now = datetime.now(UTC)
        print(f"plan {plan.id[:12]}, made {plan.made:%Y-%m-%d %H:%M} UTC by {plain(plan.by)}")
        report = reported()
        for service in plan.services:
            if service.name in cutovers:
                said = said_in(service.review, cutovers[service.name], report, _client, now)
                print(plain(said), flush=True)
        applying.apply(
            plan,
            cutovers,
            applying.Around(
                client_for=_client,
                by=who.by(),
                now=lambda: datetime.now(UTC),
                clock=time.monotonic,
                sleep=time.sleep,
                tell=lambda line: print(plain(line, 4000), flush=True),
            ),
            declared_undertaking(arguments.declaration),
        )
    except DeclarationError as error:
        return refuse(*error.reasons)
    except PipelineError as error:
        return tell_reasons(error.code, *error.reasons)
    except KeyboardInterrupt:
        return tell_reasons(
            INTERRUPTED,
            "no longer followed: what CloudFormation has begun it goes on with. Run the same cutover apply "
            "again to follow it.",
        )
    print(f"plan {plan.id[:12]}: everything was executed as it was reviewed")
    return DONE


def _parser() -> Parser:
    parser = Parser(prog="cutover apply", description=__doc__)
    parser.add_argument("plan", metavar="PLAN", type=named, help="the file that cutover plan wrote")
    parser.add_argument(
        "--declaration", metavar="FILE", help="JSON file of the services, instead of cdk.json"
    )
    parser.add_argument(
        "--id",
        metavar="ID",
        help=f"the id of the plan that was approved, at least {SHORTEST_ID} characters of it: another plan "
        "is refused",
    )
    return parser


def _approved(file: Path, id_: str | None) -> Plan:
    plan = read(file)
    if id_ is not None and not _is_meant(plan.id, id_):
        raise RefusedError(
            f"{file} is the plan {plan.id[:12]}, and {id_} was approved. Nothing was executed."
        )
    return plan


def _is_meant(id_: str, given: str) -> bool:
    return len(given) >= SHORTEST_ID and id_.startswith(given)
