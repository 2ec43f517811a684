"""Compares old with new, measures both, and says whether new is ready. It moves nothing.

It exits with 0 when new is ready, 1 when it is not, 2 when it could not tell, and 130 after Ctrl-C. It writes
report.json, report.md and report.html.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.declared import UsageError
from commands.files import named
from commands.progress import CheckProgress
from commands.readiness_spec import spec_of
from commands.report.files import write
from commands.report.parts import HEADLINE, VERDICT, in_order, summary
from commands.report.wording import count, plain
from commands.terminal import Parser, page, refuse
from cutover.declaration.reading.errors import DeclarationError
from shared.aws import READS, clients
from shared.inference.verdict import Verdict
from shared.readiness.finding import Report
from shared.readiness.run import run
from shared.readiness.spec import Spec, SpecError

OUTPUT: Final = Path("build/readiness")
COULD_NOT_TELL: Final = 2
_INTERRUPTED: Final = 130
_EXIT: Final = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: COULD_NOT_TELL}
_COLOUR: Final = {
    Verdict.PASS: "green",
    Verdict.FAIL: "red",
    Verdict.INCONCLUSIVE: "yellow",
    None: "dim",
}
_TOLD: Final = 10
"""How many findings the terminal shows; the reports have the rest."""


def main(given: Sequence[str] | None = None) -> int:
    """Check, tell, write the reports, and return the exit code."""
    arguments = _parser().parse_args(given)
    console = page()
    try:
        spec = spec_of(arguments)
        # Before the run, which takes a minute or two.
        arguments.output.mkdir(parents=True, exist_ok=True)
        console.print(
            f"old: {plain(spec.old.url)}\nnew: {plain(spec.new.url)}", highlight=False, markup=False
        )
        with CheckProgress(console) as progress:
            today = datetime.now(UTC).date()
            running = run(
                spec,
                today=today,
                progress=progress,
                clients=clients(READS),
                secrets=_secrets(spec, os.environ),
            )
            report = asyncio.run(_until_interrupted(running))
        files = write(report, arguments.output)
    except DeclarationError as error:
        return refuse(*error.reasons)
    except (UsageError, SpecError) as error:
        return refuse(str(error))
    except OSError as error:
        return refuse(f"{arguments.output} cannot be written to: {error.strerror or error}")
    except asyncio.CancelledError:
        console.print("stopped before there was a verdict; no report was written")
        return _INTERRUPTED
    _tell(report, files, console)
    return _EXIT[report.verdict]


def _secrets(spec: Spec, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the secrets of journeys that the environment holds, like CUTOVER_SECRET_PASSWORD."""
    variables = {one.name: f"CUTOVER_SECRET_{one.name.upper()}" for one in spec.secrets}
    return {
        name: environment[variable]
        for name, variable in variables.items()
        if environment.get(variable)
    }


def _parser() -> Parser:
    parser = Parser(
        prog="cutover readiness",
        description=__doc__,
        epilog="With both URLs and neither --service nor --declaration, nothing else is read: / and each "
        "--endpoint are compared, by the declaration's defaults.",
    )
    parser.add_argument("--old", metavar="URL", help="old's root, instead of the declared one")
    parser.add_argument("--new", metavar="URL", help="new's root, instead of the declared one")
    parser.add_argument(
        "--door",
        metavar="URL",
        help="the deployed edge's root, instead of what CloudFormation says of it",
    )
    parser.add_argument("--service", metavar="NAME", help="which of the declared services")
    parser.add_argument(
        "--declaration", metavar="FILE", help="JSON file of the services, instead of cdk.json"
    )
    parser.add_argument(
        "--endpoint",
        metavar="PATH",
        action="append",
        default=[],
        help="one more endpoint, like /ping; may be given several times",
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        type=named,
        default=OUTPUT,
        help=f"where the reports go (default: {OUTPUT})",
    )
    return parser


async def _until_interrupted(running: Coroutine[Any, Any, Report]) -> Report:
    """Run; Ctrl-C and a plain `kill` end it in good order, with its connections closed."""
    task = asyncio.ensure_future(running)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, task.cancel)
    return await task


def _tell(report: Report, files: Sequence[Path], console: Console) -> None:
    table = Table(box=SIMPLE_HEAD)
    for column in ("check", "verdict", "findings"):
        table.add_column(column)
    for check in in_order(report.checks):
        verdict = Text(VERDICT[check.verdict], style=_COLOUR[check.verdict])
        table.add_row(check.name, verdict, Text(plain(summary(check))))
    console.print(table)
    against = report.against()
    stated = f"{HEADLINE[report.verdict]}{':' if against else '.'}"
    console.print(Text(stated, style=f"bold {_COLOUR[report.verdict]}"))
    for finding in against[:_TOLD]:
        console.print(Text(f"  {plain(finding.said)}"), soft_wrap=True)
    if len(against) > _TOLD:
        console.print(f"  and {count(len(against) - _TOLD, 'more finding')} in the reports")
    console.print(
        "\nreports:", *(plain(str(file)) for file in files), highlight=False, soft_wrap=True
    )
