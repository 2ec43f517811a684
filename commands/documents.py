"""Writes the documents of a cutover from its declaration and from what is known: checklist, rollback plan,
production readiness report, and the notice to users of the old address.

Each is Markdown and HTML that prints on A4. What is not known is left open, to be filled in by hand. The exit
code is 0, or 2 when they could not be written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError

from commands.capacity import need
from commands.declared import UsageError, one_service, takes_declaration
from commands.files import named
from commands.leftovers.own_stacks import own_cost
from commands.leftovers.prices import prices
from commands.papers.as_html import as_html
from commands.papers.as_markdown import as_markdown
from commands.papers.blocks import Paper
from commands.papers.checklist import checklist
from commands.papers.facts import Facts
from commands.papers.notice import notice
from commands.papers.production_readiness import production_readiness
from commands.papers.redirect_live import redirected_since
from commands.papers.rollback_plan import rollback_plan
from commands.readiness_report import REPORT, named_report, read_report
from commands.report.wording import plain
from commands.status import subject_of
from commands.terminal import Parser, page, refuse
from commands.watching.reading import Reader
from commands.watching.state import Watched
from cutover.declaration.reading.context import Cutover
from cutover.declaration.reading.errors import DeclarationError
from shared.aws import READS, clients

OUTPUT: Final = Path("build/documents")
PAPERS: Final[Sequence[Callable[[Facts], Paper]]] = (
    checklist,
    rollback_plan,
    production_readiness,
    notice,
)
_client = clients(READS)


def main(given: Sequence[str] | None = None) -> int:
    """Write them, and return the exit code."""
    arguments = _parser().parse_args(given)
    console = page()
    try:
        cutover = one_service(arguments.service, arguments.declaration)
        now = datetime.now(UTC)
        live, no_live = (None, "not asked for") if arguments.offline else _live(cutover, now)
        read = read_report(arguments.readiness, cutover.name)
        capacity = None if live is None else need(cutover, _client, now)
        cost = None if live is None else own_cost(_client, cutover, prices())
        since = None if live is None else redirected_since(cutover, _formation(cutover))
        facts = Facts(cutover, now, read.report, read.why, live, no_live, cost, since, capacity)
        files = write([make(facts) for make in PAPERS], arguments.output)
    except DeclarationError as error:
        return refuse(*error.reasons)
    except (UsageError, BotoCoreError) as error:
        return refuse(str(error))
    except OSError as error:
        return refuse(f"{arguments.output} cannot be written to: {error.strerror or error}")
    for what, why in (("readiness", facts.no_report), ("what is live", facts.no_live)):
        if why:
            console.print(f"{what}: {plain(why)}", highlight=False, markup=False, soft_wrap=True)
    console.print(
        "documents:", *(plain(str(file)) for file in files), highlight=False, soft_wrap=True
    )
    return 0


def _parser() -> Parser:
    parser = Parser(prog="cutover documents", description=__doc__)
    takes_declaration(parser)
    parser.add_argument(
        "--readiness",
        metavar="FILE",
        type=named_report,
        default=REPORT,
        help=f"the readiness report (default: {REPORT})",
    )
    parser.add_argument(
        "--offline", action="store_true", help="ask AWS nothing: what is live is left open"
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        type=named,
        default=OUTPUT,
        help=f"where the documents go (default: {OUTPUT})",
    )
    return parser


def _live(cutover: Cutover, now: datetime) -> tuple[Watched | None, str]:
    try:
        if boto3.Session().get_credentials() is None:
            return None, "there are no AWS credentials, so it is left open"
        return Reader(cutover, subject_of(cutover, _client), _client).read(now), ""
    except BotoCoreError as error:
        return None, str(error)


def _formation(cutover: Cutover) -> Any:
    return _client("cloudformation", cutover.service.old.stands_in)


def write(papers: Sequence[Paper], folder: Path) -> list[Path]:
    """Write each paper as Markdown and HTML into `folder`, and return the paths.

    Raises
    ------
    OSError
        When one cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for paper in papers:
        for ending, text in (("html", as_html(paper)), ("md", as_markdown(paper))):
            file = folder / f"{paper.name}.{ending}"
            file.write_bytes(text.encode("utf-8", errors="backslashreplace"))
            files.append(file)
    return files
