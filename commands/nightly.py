"""Compares declared, deployed and live, and keeps one issue on GitHub: open while they disagree, else closed.

The exit code is that of `cutover status`: 0 when all agree, 1 when two disagree, 2 when it could not tell. An
issue is opened for a disagreement. What could not be told opens none, and closes none.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime

from commands.declared import declared_services, takes_declaration
from commands.pipeline import github
from commands.pipeline.errors import PipelineError
from commands.pipeline.markdown import drift
from commands.pipeline.standing import looked_at, must_be_logged_in
from commands.report.wording import plain
from commands.status import EXIT
from commands.terminal import Parser, refuse, tell_reasons
from cutover.declaration.reading.errors import DeclarationError
from shared.aws import READS, clients
from shared.status.finding import Finding, Kind, gravest

_client = clients(READS)


def main(given: Sequence[str] | None = None) -> int:
    """Look, tell, keep the issue, and return the exit code."""
    arguments = _parser().parse_args(given)
    now = datetime.now(UTC)
    try:
        cutovers = declared_services(arguments.service, arguments.declaration)
        must_be_logged_in()
        found: dict[str, Sequence[Finding]] = {
            one.name: looked_at(one, _client, now, before_promotion=False)[1] for one in cutovers
        }
        kind = gravest(finding for findings in found.values() for finding in findings)
        for name, findings in found.items():
            for finding in findings:
                print(plain(f"{name}: {finding.kind.value}: {finding.says}"))
        if kind is Kind.NOTE:
            print("declared, deployed and live agree")
        if arguments.issue and kind is not Kind.UNREAD:
            where = github.repository(os.environ)
            text = drift(found) if kind is Kind.DISAGREES else ""
            print(github.keep_issue(where.send, text))
    except DeclarationError as error:
        return refuse(*error.reasons)
    except PipelineError as error:
        return tell_reasons(error.code, *error.reasons)
    return EXIT[kind]


def _parser() -> Parser:
    parser = Parser(prog="cutover nightly", description=__doc__)
    takes_declaration(parser)
    parser.add_argument("--issue", action="store_true", help="open, update or close the issue")
    return parser
