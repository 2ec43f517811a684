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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from commands.declared import declared_services, takes_declaration
from commands.exit_codes import DONE
from commands.files import named
from commands.numbers import whole
from commands.pipeline import change_sets, github, plan_file, stock_cdk
from commands.pipeline.assembly import stacks_of
from commands.pipeline.declared_fleet import declared_undertaking
from commands.pipeline.errors import CouldNotTellError, PipelineError
from commands.pipeline.fleet import Undertaking, far
from commands.pipeline.markdown import MARKER, Part, comment
from commands.pipeline.measured import said_in
from commands.pipeline.plan_file import Plan
from commands.pipeline.planning import stacks_for
from commands.pipeline.review import Review, Template, review
from commands.pipeline.sentence import Readiness, readiness_in, sentence
from commands.pipeline.standing import looked_at, must_be_logged_in, stopped
from commands.pipeline.turns import waits
from commands.readiness_report import REPORT, named_report
from commands.report.wording import plain
from commands.terminal import Parser, refuse, tell_reasons
from cutover.declaration.reading.context import Cutover
from cutover.declaration.reading.errors import DeclarationError
from shared.aws import READS, clients
from shared.status.finding import Finding, Kind
from shared.status.standing import Standing

_APP: Final = Path("build/comment/cdk.out")
_client = clients(READS)
_Changes = Sequence[tuple[Cutover, Review]]


def main(given: Sequence[str] | None = None) -> int:
    """Compare, tell, keep the comment, and return the exit code."""
    arguments = _parser().parse_args(given)
    now = datetime.now(UTC)
    if arguments.plan is not None and (arguments.app or arguments.before):
        return refuse("--plan is about what was planned: give neither --app nor --before with it")
    try:
        cutovers = declared_services(arguments.service, arguments.declaration)
        desk = _Desk(
            tuple(cutovers),
            declared_undertaking(arguments.declaration),
            readiness_in(arguments.readiness),
            now,
        )
        if arguments.plan is not None:
            plan = plan_file.read(arguments.plan)
            parts, foot = _of_plan(plan, desk), _foot(plan, arguments.plan)
        else:
            parts, foot = _of_assembly(arguments, desk), []
        text = comment(parts, foot)
        _tell(text, arguments.pull_request)
    except DeclarationError as error:
        return refuse(*error.reasons)
    except PipelineError as error:
        return tell_reasons(error.code, *error.reasons)
    return DONE


def _parser() -> Parser:
    parser = Parser(prog="cutover comment", description=__doc__)
    takes_declaration(parser)
    stock_cdk.takes_assembly(parser)
    parser.add_argument(
        "--before",
        metavar="DIR",
        type=named,
        help="compare with this assembly, and ask nothing of AWS; else with what CloudFormation holds",
    )
    parser.add_argument("--plan", metavar="FILE", type=named, help="tell of a plan instead")
    parser.add_argument(
        "--readiness",
        metavar="FILE",
        type=named_report,
        default=REPORT,
        help=f"the latest readiness report (default: {REPORT})",
    )
    parser.add_argument(
        "--pull-request",
        metavar="NUMBER",
        type=whole(1, 10**9),
        help="keep the comment on this pull request",
    )
    return parser


@dataclass(frozen=True)
class _Desk:
    """What every comment is made with; `report` is this machine's latest of `cutover readiness`."""

    cutovers: tuple[Cutover, ...]
    undertaking: Undertaking | None
    report: Readiness | None
    now: datetime


def _of_plan(plan: Plan, desk: _Desk) -> list[Part]:
    declared = {cutover.name: cutover for cutover in desk.cutovers}
    changes = [(declared[one.name], one.review) for one in plan.services if one.name in declared]
    try:
        must_be_logged_in()
    except CouldNotTellError as error:
        # What the plan holds can be told without: how everything stands now is said to be unknown.
        unknown = tuple(Finding(Kind.UNREAD, reason) for reason in error.reasons)
        return [replace(part, findings=unknown) for part in _unasked(changes, desk)]
    return _asked(changes, desk)


def _foot(plan: Plan, file: Path) -> list[str]:
    return [
        f"plan {plan.id}, made {plan.made:%Y-%m-%d %H:%M} UTC by {plan.by}"
        f"{f' of commit {plan.commit}' if plan.commit else ''}",
        f"It may be applied until {plan.valid_until:%Y-%m-%d %H:%M} UTC, by: "
        f"{plan_file.apply_command(plan, file)}",
        "The gate decides once more when it is applied.",
        *(
            f"{stack.stack}: fingerprint {stack.fingerprint}"
            for service in plan.services
            for stack in service.stacks
        ),
    ]


def _of_assembly(arguments: argparse.Namespace, desk: _Desk) -> list[Part]:
    if arguments.before is None:
        must_be_logged_in()
    after = stacks_of(stock_cdk.assembly(arguments, _APP))
    before: dict[str, Template] | None = None
    if arguments.before is not None:
        before = {stack.name: stack.template for stack in stacks_of(arguments.before)}
    changes = []
    for cutover in desk.cutovers:
        compared = []
        for stack in stacks_for(cutover, after):
            if before is None:
                client = _client("cloudformation", stack.region)
                was: Template = change_sets.template_held(client, stack.name)
            else:
                was = before.get(stack.name, {})
            compared.append((stack.name, was, stack.template))
        changes.append((cutover, review(cutover.name, compared)))
    return _asked(changes, desk) if before is None else _unasked(changes, desk)


def _unasked(changes: _Changes, desk: _Desk) -> list[Part]:
    return [
        Part(sentence(one, cutover.service.promotion, desk.now, desk.report), one)
        for cutover, one in changes
    ]


def _asked(changes: _Changes, desk: _Desk) -> list[Part]:
    """Return what is to be said, with how everything stands now."""
    changes = [(cutover, one) for cutover, one in changes if not one.empty]
    seen = {cutover.name: looked_at(cutover, _client, desk.now) for cutover, _ in changes}
    standings = {name: standing for name, (standing, _) in seen.items()}
    waiting = _waiting([one.service for _, one in changes if one.rises], standings, desk)
    parts = []
    for cutover, one in changes:
        standing, findings = seen[cutover.name]
        said = said_in(one, cutover, desk.report, _client, desk.now)
        waits_for = waiting.get(cutover.name, "")
        parts.append(Part(said, one, tuple(findings), stopped(standing), waits_for))
    return parts


def _waiting(
    rising: Sequence[str], standings: Mapping[str, Standing], desk: _Desk
) -> dict[str, str]:
    """Return which of `rising` must wait for other services, and why."""
    if desk.undertaking is None or not rising:
        return {}
    seen = far(desk.undertaking.cutovers, standings, _client, desk.now)
    return waits(desk.undertaking.fleet, seen, rising)


def _tell(text: str, pull_request: int | None) -> None:
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        try:
            with Path(summary).open("a", encoding="utf-8") as opened:
                opened.write(text or "Nothing changes.\n")
        except OSError as error:
            raise CouldNotTellError(f"{summary} cannot be written: {error.strerror}.") from error
    if pull_request is None:
        print(text.removeprefix(MARKER).strip() or "Nothing changes.")
        return
    where = github.repository(os.environ)
    print(plain(f"pull request {pull_request}: {github.keep(where.send, pull_request, text)}"))
