"""Prepares change sets for what is declared, and writes one plan of them. It executes nothing.

The exit code is 0 when there is a plan (also when nothing changes), 1 when it is refused, and 2 when it could
not tell. `cutover apply` executes exactly this plan, or nothing.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from commands.capacity import said_of_step
from commands.declared import declared_services, takes_declaration
from commands.exit_codes import DONE, INTERRUPTED
from commands.files import named
from commands.numbers import above_zero
from commands.pipeline import planning, stock_cdk, who
from commands.pipeline.assembly import stacks_of
from commands.pipeline.declared_fleet import declared_undertaking
from commands.pipeline.errors import PipelineError
from commands.pipeline.measured import reported, said_in
from commands.pipeline.plan_file import Plan, apply_command, write
from commands.pipeline.standing import must_be_logged_in
from commands.report.wording import plain
from commands.terminal import Parser, refuse, tell_reasons
from cutover.declaration.reading.context import Cutover
from cutover.declaration.reading.errors import DeclarationError
from shared.aws import READS, clients

FOLDER: Final = Path("build/plan")
HOURS: Final = 24.0
_LONGEST_HOURS: Final = 24 * 14
_client = clients(READS)


def main(given: Sequence[str] | None = None) -> int:
    """Plan, tell, write the plan, and return the exit code."""
    arguments = _parser().parse_args(given)
    now = datetime.now(UTC)
    try:
        cutovers = declared_services(arguments.service, arguments.declaration)
        must_be_logged_in()
        app = stock_cdk.assembly(arguments, arguments.output.parent / "cdk.out")
        commit = who.commit()
        plan = planning.make(
            cutovers,
            stacks_of(app),
            app,
            _client,
            stock_cdk.prepare,
            planning.Made(
                at=now,
                by=who.by(),
                commit=commit,
                change_set=_name(commit, now),
                hours=arguments.hours,
            ),
            lambda line: print(plain(line), flush=True),
            declared_undertaking(arguments.declaration),
        )
        write(plan, arguments.output)
    except DeclarationError as error:
        return refuse(*error.reasons)
    except PipelineError as error:
        return tell_reasons(error.code, *error.reasons)
    except KeyboardInterrupt:
        return tell_reasons(INTERRUPTED, "stopped: no plan was written, and nothing was executed")
    _tell(plan, cutovers, arguments.output, now)
    return DONE


def _parser() -> Parser:
    parser = Parser(prog="cutover plan", description=__doc__)
    takes_declaration(parser)
    stock_cdk.takes_assembly(parser)
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=named,
        default=FOLDER / "plan.json",
        help=f"where the plan goes (default: {FOLDER / 'plan.json'})",
    )
    parser.add_argument(
        "--hours",
        type=above_zero(_LONGEST_HOURS),
        default=HOURS,
        help=f"how long it may be applied (default: {HOURS:g})",
    )
    return parser


def _name(commit: str, now: datetime) -> str:
    # A second plan of the same commit takes the place of the first, whose apply is then refused.
    known = re.fullmatch(r"[0-9a-f]{40,64}", commit)
    return f"cutover-{commit[:12]}" if known else f"cutover-{now:%Y%m%d-%H%M%S}"


def _tell(plan: Plan, cutovers: Sequence[Cutover], file: Path, now: datetime) -> None:
    declared, report = {cutover.name: cutover for cutover in cutovers}, reported()
    for service in plan.services:
        cutover = declared[service.name]
        print(plain(said_in(service.review, cutover, report, _client, now)))
        after = service.review.after
        if service.review.rises and after is not None:
            capacity = said_of_step(cutover, after, _client, now)
            if capacity is not None:
                print(plain(f"  {capacity}"))
        for stack in service.stacks:
            print(f"  {stack.stack}: {stack.fingerprint[:12]}")
        for other in service.review.others:
            print(plain(f"  {other.how}: {other.type} {other.logical_id} in {other.stack}"))
    if not plan.services:
        print("Nothing changes: CloudFormation holds what is declared.")
    print(plain(f"plan {plan.id[:12]}, valid until {plan.valid_until:%Y-%m-%d %H:%M} UTC: {file}"))
    if plan.services:
        print(
            plain(
                f"Nothing is executed yet. To review it: cutover comment --plan {shlex.quote(str(file))}"
            )
        )
        print(plain(f"To apply it, and nothing else: {apply_command(plan, file)}"))
    _outputs(plan)


def _outputs(plan: Plan) -> None:
    """Hand on to the next job what a file that it downloads cannot vouch for."""
    file = os.environ.get("GITHUB_OUTPUT")
    if file:
        with Path(file).open("a", encoding="utf-8") as opened:
            opened.write(f"id={plan.id}\nchanges={'true' if plan.services else 'false'}\n")
