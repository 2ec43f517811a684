"""Reads the account and suggests the declaration of a cutover from one load balancer to another.

It changes nothing in the account. Each key comes with its reason, and what only a person knows is asked. The
exit code is 0 when the declaration can be deployed as it is, 1 when something must be answered first, and 2
when a load balancer was not found.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.exceptions import BotoCoreError
from rich.console import Console

from commands.account.look import NotFoundError, look
from commands.account.suggest import Suggestion, suggest
from commands.files import named
from commands.report.wording import plain
from commands.terminal import NO_CREDENTIALS, Parser, page, refuse
from cutover.declaration.reading.context import read_context
from cutover.declaration.reading.errors import DeclarationError
from shared.aws import READS, clients

OPEN: Final = 1
_client = clients(READS)


def main(given: Sequence[str] | None = None) -> int:
    """Look, suggest, write, and return the exit code."""
    arguments = _parser().parse_args(given)
    try:
        session = boto3.Session()
        if session.get_credentials() is None:
            return refuse(NO_CREDENTIALS)
        region = arguments.region or session.region_name
        now = datetime.now(UTC)
        old, new = (look(named, region, _client, now) for named in (arguments.old, arguments.new))
    except (NotFoundError, BotoCoreError) as error:
        return refuse(str(error))
    made = suggest(old, new)
    name = arguments.name or service_name(old.suffix.split("/")[1])
    declared = {name: made.body}
    made.questions += faults(declared)
    text = json.dumps(declared, indent=2, ensure_ascii=False) + "\n"
    if arguments.output is None:
        print(text, end="")
    else:
        if arguments.output.exists():
            return refuse(f"{arguments.output} is there already: give another name, or remove it")
        try:
            arguments.output.write_text(text, encoding="utf-8")
        except OSError as error:
            return refuse(f"{arguments.output} cannot be written to: {error.strerror or error}")
    # The declaration alone goes to the output, so that it can be piped.
    _tell(page(stderr=True), made, arguments.output)
    return OPEN if made.questions else 0


def _parser() -> Parser:
    parser = Parser(prog="cutover declare", description=__doc__)
    for side in ("old", "new"):
        parser.add_argument(
            f"--{side}",
            required=True,
            metavar="NAME|DNS|ARN",
            help=f"{side}'s load balancer, by its name, its DNS name or its ARN",
        )
    parser.add_argument("--region", help="where a name is looked for (default: your AWS region)")
    parser.add_argument("--name", metavar="SERVICE", help="of the service (default: old's name)")
    parser.add_argument(
        "--output", metavar="FILE", type=named, help="a new file (default: the terminal)"
    )
    return parser


def service_name(balancer: str) -> str:
    """Return a service's name from a load balancer's: small letters, digits and dashes, without what only
    says that it is one."""
    words = [one for one in re.split(r"[^a-z0-9]+", balancer.lower()) if one]
    kept = [one for one in words if one not in {"alb", "lb", "elb", "old", "blue", "prod"}] or words
    name = re.sub(r"^[^a-z]+", "", "-".join(kept))[:31].rstrip("-")
    return name if len(name) > 1 else "service"


def faults(declared: dict[str, Any]) -> list[str]:
    """Return what the reader of declarations says against it."""
    try:
        read_context({"cutover": declared})
    except DeclarationError as error:
        return [reason.removeprefix("cdk.json: ") for reason in error.reasons]
    return []


def _tell(console: Console, made: Suggestion, file: Path | None) -> None:
    def line(text: str) -> None:
        console.print(plain(text), highlight=False, markup=False, soft_wrap=True)

    line("Why it is as it is:")
    for key, why in made.reasons:
        line(f"  {key}: {why}")
    line(
        "To be answered before it is deployed:" if made.questions else "Nothing is left to answer."
    )
    for question in made.questions:
        line(f"  - {question}")
    if file is None:
        line("What was printed goes into cdk.json, under context.cutover.")
    else:
        line(
            f"{file} is written. Put what it holds into cdk.json, under context.cutover; or keep it where it "
            f"is, and name it: export CUTOVER_DECLARATION={shlex.quote(str(file))}"
        )
