"""Says what a change does, as one comment: a sentence for each service, the weights before and after, the
diff.

It compares an assembly with what CloudFormation holds, or with another assembly, or it tells of a plan. With
--pull-request the one comment there is kept up to date, and deleted when nothing changes. Else it is printed.
In GitHub Actions it is in the job's summary too.

The exit code is 0, and 2 when it could not tell.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from commands.declared import declared_services, takes_declaration
from commands.numbers import whole
from commands.pipeline import change_sets, github, plan_file, stock_cdk
from commands.pipeline.assembly import stacks_of
from commands.pipeline.errors import DONE, PipelineError
from commands.pipeline.markdown import MARKER, Part, comment
from commands.pipeline.planning import stacks_for
from commands.pipeline.review import Template, review
from commands.pipeline.sentence import Readiness, readiness_in, sentence
from commands.pipeline.standing import looked_at, must_be_logged_in, stopped
from commands.report.wording import plain
from commands.terminal import Parser, refuse, tell_reasons
from cutover.declaration.reading.context import Cutover
from cutover.declaration.reading.errors import DeclarationError
from shared.aws import READS, clients

_APP: Final = Path("build/comment/cdk.out")
READINESS = Path("build/readiness/report.json")
_client = clients(READS)


def main(given: Sequence[str] | None = None) -> int:
    """Compare, tell, keep the comment, and return the exit code."""
    arguments = _parser().parse_args(given)
    now = datetime.now(UTC)
    try:
        cutovers = declared_services(arguments.service, arguments.declaration)
        readiness = readiness_in(arguments.readiness)
        if arguments.plan is not None:
            parts, foot = _of_plan(arguments.plan, cutovers, readiness, now)
        else:
            parts, foot = _of_assembly(arguments, cutovers, readiness, now), []
        text = comment(parts, foot)
        _tell(text, arguments.pull_request)
    except DeclarationError as error:
        return refuse(*error.reasons)
    except PipelineError as error:
        return tell_reasons(error.code, *error.reasons)
    except OSError as error:
        return refuse(f"{error.filename} cannot be written: {error.strerror}")
    return DONE


def _parser() -> Parser:
    parser = Parser(prog="cutover comment", description=__doc__)
    takes_declaration(parser)
    stock_cdk.takes_assembly(parser)
    parser.add_argument(
        "--before",
        metavar="DIR",
        type=Path,
        help="compare with this assembly, and ask nothing of AWS; else with what CloudFormation holds",
    )
    parser.add_argument("--plan", metavar="FILE", type=Path, help="tell of a plan instead")
    parser.add_argument(
        "--readiness",
        metavar="FILE",
        type=Path,
        default=READINESS,
        help=f"the latest readiness report (default: {READINESS})",
    )
    parser.add_argument(
        "--pull-request",
        metavar="NUMBER",
        type=whole(1, 10**9),
        help="keep the comment on this pull request",
    )
    return parser


def _of_plan(
    file: Path, cutovers: Sequence[Cutover], readiness: Readiness | None, now: datetime
) -> tuple[list[Part], list[str]]:
    plan = plan_file.read(file)
    declared = {cutover.name: cutover.service.promotion for cutover in cutovers}
    parts = [
        Part(sentence(one.review, declared[one.name], now, readiness), one.review)
        for one in plan.services
        if one.name in declared
    ]
    foot = [
        f"plan {plan.id}, made {plan.made:%Y-%m-%d %H:%M} UTC by {plan.by}"
        f"{f' of commit {plan.commit}' if plan.commit else ''}",
        f"It may be applied until {plan.valid_until:%Y-%m-%d %H:%M} UTC, by: cutover apply --id "
        f"{plan.id[:12]}. The gate decides once more when it is applied.",
        *(
            f"{stack.stack}: fingerprint {stack.fingerprint}"
            for service in plan.services
            for stack in service.stacks
        ),
    ]
    return parts, foot


def _of_assembly(
    arguments: argparse.Namespace,
    cutovers: Sequence[Cutover],
    readiness: Readiness | None,
    now: datetime,
) -> list[Part]:
    if arguments.before is None:
        must_be_logged_in()
    after = stacks_of(stock_cdk.assembly(arguments, _APP))
    before: dict[str, Template] | None = None
    if arguments.before is not None:
        before = {stack.name: stack.template for stack in stacks_of(arguments.before)}
    parts = []
    for cutover in cutovers:
        compared = []
        for stack in stacks_for(cutover, after):
            if before is None:
                there = change_sets.held(_client("cloudformation", stack.region), stack.name)
                was: Template = {} if there is None else there.template
            else:
                was = before.get(stack.name, {})
            compared.append((stack.name, was, stack.template))
        one = review(cutover.name, compared)
        said = sentence(one, cutover.service.promotion, now, readiness)
        if one.empty or before is not None:
            parts.append(Part(said, one))
        else:
            standing, findings = looked_at(cutover, _client, now)
            parts.append(Part(said, one, tuple(findings), stopped(standing)))
    return parts


def _tell(text: str, pull_request: int | None) -> None:
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a", encoding="utf-8") as opened:
            opened.write(text or "Nothing changes.\n")
    if pull_request is None:
        print(text.removeprefix(MARKER).strip() or "Nothing changes.")
        return
    where = github.repository(os.environ)
    print(plain(f"pull request {pull_request}: {github.keep(where.send, pull_request, text)}"))
