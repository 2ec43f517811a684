"""Stops the line: while it is stopped, no weight of any service in this account rises, at any gate.

A lower weight and a rollback pass. It stays stopped until a person starts it again. `show` is for everybody
who may read the parameter, `stop` and `start` for who may write it.

The exit code of `show` is 0 while the line runs, 1 while it is stopped, and 2 when it could not tell. That of
`stop` and `start` is 0 when the line is as asked, and 2 when it could not tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from commands.exit_codes import DONE, REFUSED
from commands.pipeline import who
from commands.pipeline.errors import CouldNotTellError
from commands.pipeline.standing import must_be_logged_in
from commands.terminal import Parser, refuse, tell
from cutover.naming import LINE
from cutover.regions import EDGE_REGION
from shared.aws import READS, clients
from shared.doors.patience import DoorError, patiently
from shared.promotion import line
from shared.promotion.line import Line
from shared.shown import NAME, SENTENCE, shown

_client = clients(READS)
_RUNS: Final = "The line runs: a weight may rise."


def main(given: Sequence[str] | None = None) -> int:
    """Stop, start or show the line, tell, and return the exit code."""
    arguments = _parser().parse_args(given)
    try:
        must_be_logged_in()
        client = _client("ssm", EDGE_REGION)
        if arguments.action == "show":
            return _show(line.read(client, LINE))
        said = {"by": arguments.by or who.by(), "reason": " ".join(arguments.reason)}
        wrong = [
            f"--{key}" if key == "by" else "the reason" for key in said if _odd(key, said[key])
        ]
        if wrong:
            return refuse(
                f"{' and '.join(wrong)} cannot be shown to people. It must be: one line of at most "
                f"{NAME} characters for who, {SENTENCE} for why, and not nothing."
            )
        wanted = line.STOPPED if arguments.action == "stop" else line.RUNS
        return _bring(client, Line(wanted, at=_now(), **said))
    except CouldNotTellError as error:
        return refuse(*error.reasons)
    except DoorError as error:
        return refuse(
            f"the parameter {LINE} in {EDGE_REGION}: {error}. Until the line can be read, no gate lets a "
            "weight rise; a lower weight and a rollback pass."
        )


def _parser() -> Parser:
    parser = Parser(prog="cutover line", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="stop|start|show")
    for action, what in (
        ("stop", "no weight rises anywhere until somebody starts the line"),
        ("start", "weights may rise again"),
    ):
        one = actions.add_parser(action, help=what)
        one.add_argument("reason", metavar="WHY", nargs="+", help="why, in a few words")
        one.add_argument("--by", metavar="NAME", help="who (default: the user of this machine)")
    actions.add_parser("show", help="say whether it is stopped, by whom, since when and why")
    return parser


def _odd(key: str, said: str) -> bool:
    return not said.strip() or shown(said, NAME if key == "by" else SENTENCE) != said


def _bring(client: Any, wanted: Line) -> int:
    now = line.read(client, LINE)
    if now.state == wanted.state and not (now.stopped and not now.by):
        # The first who stopped it stays named: that is whom the others ask.
        tell(_said(now) if now.stopped else f"{_RUNS} Nothing was changed.")
        if now.stopped:
            tell("It was stopped already, and nothing was changed.")
        return DONE
    patiently(
        lambda: client.put_parameter(
            Name=LINE, Value=wanted.written(), Type="String", Overwrite=True
        )
    )
    tell(_said(line.read(client, LINE)))
    return DONE


def _show(now: Line) -> int:
    tell(_said(now))
    return REFUSED if now.stopped else DONE


def _said(now: Line) -> str:
    said = line.said(now)
    if said:
        return (
            f"{said[:1].upper()}{said[1:].rstrip('.')}. No weight rises in this account until somebody runs "
            "cutover line start 'WHY'. A lower weight and a rollback pass."
        )
    who_and_why = f" Started by {now.by} at {now.at}: {now.reason}" if now.by else ""
    return f"{_RUNS}{who_and_why}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
