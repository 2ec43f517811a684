"""Shows a cutover as it happens: the deploy, the bake, alarms, both sides, the judge and the switch.

It only looks. In a terminal it is one page, renewed each second; elsewhere a line whenever something changes,
at most one a second and at least one a minute. Ctrl-C ends it, and nothing else: the exit code is then 130.
With --until done it ends with the deploy: 0 when new gets what is declared, 1 when it does not, 2 when it
could not tell.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import boto3
from botocore.exceptions import BotoCoreError
from rich.console import Console
from rich.live import Live
from rich.text import Text

from commands.declared import UsageError, one_service, takes_declaration
from commands.documents import write
from commands.files import named
from commands.papers.watch_report import watch_report
from commands.status import subject_of
from commands.terminal import NO_CREDENTIALS, Parser, page, refuse, tell
from commands.watched_days import read_days
from commands.watching.ending import BADLY, COULD_NOT_TELL, WELL, ending
from commands.watching.line import line, says
from commands.watching.reading import Reader
from commands.watching.screen import screen
from commands.watching.state import Watched
from cutover.declaration.reading.context import Cutover
from cutover.declaration.reading.errors import DeclarationError
from shared.aws import READS, clients
from shared.pointers import dashboard_of
from shared.shown import shown
from shared.status.standing import Unread
from shared.watch.hours import Watch

INTERRUPTED: Final = 130
AT_LEAST_EVERY: Final = timedelta(minutes=1)
"""How often a line is printed though nothing has changed, so that a log shows that somebody still looks."""

_TICK_SECONDS: Final = 1.0
_LONGEST_FEEDBACK: Final = 100_000
_STYLES: Final = {"title": "bold", "good": "green", "bad": "bold red", "dim": "dim"}
_client = clients(READS)


class View(Protocol):
    """Where it is shown."""

    def show(self, watched: Watched, now: datetime) -> None:
        """Show what is known at `now`."""

    def say(self, sentence: str) -> None:
        """Print a last line that stays."""


def main(given: Sequence[str] | None = None) -> int:
    """Watch, and return the exit code."""
    arguments = _parser().parse_args(given)
    try:
        cutover = one_service(arguments.service, arguments.declaration)
        if boto3.Session().get_credentials() is None:
            return refuse(NO_CREDENTIALS)
        if arguments.report:
            return _report(cutover, arguments.feedback, arguments.output)
        reader = Reader(cutover, subject_of(cutover, _client), _client)
    except DeclarationError as error:
        return refuse(*error.reasons)
    except (UsageError, BotoCoreError) as error:
        return refuse(str(error))
    console = page()
    console.print(f"dashboard: {dashboard_of(cutover.name)}", soft_wrap=True, highlight=False)
    # A plain `kill` ends it as Ctrl-C does, with the terminal as it was.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with Page(console) if console.is_terminal else Log(console) as view:
            return watch(
                reader.read, view, _now, time.sleep, until_done=arguments.until is not None
            )
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)


def _parser() -> Parser:
    parser = Parser(prog="cutover watch", description=__doc__)
    takes_declaration(parser)
    parser.add_argument(
        "--until",
        choices=["done"],
        help="end when the deploy has ended, or when none has begun within two minutes",
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="write the report of the watch after 100 %%, and end: 0 when the watch is over, 1 when it is "
        "not, 2 when not all could be read",
    )
    parser.add_argument(
        "--feedback",
        metavar="FILE",
        type=named,
        help="text of what people said, a remark a line, for the report",
    )
    parser.add_argument(
        "--output",
        metavar="DIR",
        type=named,
        default=Path("build/documents"),
        help="where the report goes (default: build/documents)",
    )
    return parser


def _report(cutover: Cutover, feedback: Path | None, folder: Path) -> int:
    """Write the report of the watch, and return the exit code."""
    now = _now()
    said = [] if feedback is None else remarks(feedback)
    seen = read_days(cutover, _client, now)
    try:
        files = write([watch_report(cutover, seen, said, now)], folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written to: {error.strerror or error}") from error
    watched = seen.watch
    tell(watched.why if isinstance(watched, Unread) else watched.said)
    tell(f"report: {' '.join(map(str, files))}")
    if any(isinstance(part, Unread) for part in (watched, seen.days, seen.fired)):
        return COULD_NOT_TELL
    return WELL if isinstance(watched, Watch) and watched.over else BADLY


def remarks(file: Path) -> list[str]:
    """Return the lines of `file` that say something, at most 200 of them.

    Raises
    ------
    UsageError
        When it cannot be read, or is no text.
    """
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(_LONGEST_FEEDBACK)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    return [shown(line.strip(), 400) for line in text.splitlines() if line.strip()][:200]


def watch(
    read: Callable[[datetime], Watched],
    view: View,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
    *,
    until_done: bool,
) -> int:
    """Show what `read` tells at each second, until it is done; without an end there is only Ctrl-C."""
    since = clock()
    seen_moving = False
    while True:
        watched = read(clock())
        now = clock()
        view.show(watched, now)
        deploy = watched.deploy
        if not isinstance(deploy, Unread) and deploy.under_way:
            seen_moving, since = True, now
        end = ending(watched, now - since, seen_moving=seen_moving) if until_done else None
        if end is not None:
            view.say(end.says)
            return end.code
        sleep(_TICK_SECONDS)


class Page:
    """One page of the terminal, renewed in place."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, watched: Watched, now: datetime) -> None:
        """Renew the page; the window may have another size than before."""
        width, height = self._console.size
        lines = screen(watched, now, width, height - 1)
        text = Text("\n").join(Text(each.text, _STYLES.get(each.stress, "")) for each in lines)
        text.no_wrap = True
        self._live.update(text, refresh=True)

    def say(self, sentence: str) -> None:
        """Print below the page."""
        self._live.console.print(Text(sentence), soft_wrap=True)


class Log:
    """A line whenever something changed."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said = ""
        self._at: datetime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    def show(self, watched: Watched, now: datetime) -> None:
        """Print a line if it says something new, or the last one is a minute old."""
        said = says(watched)
        if said != self._said or self._at is None or now - self._at >= AT_LEAST_EVERY:
            self._said, self._at = said, now
            self.say(line(watched, now))

    def say(self, sentence: str) -> None:
        """Print it."""
        self._console.print(Text(sentence), soft_wrap=True)
        sys.stdout.flush()


def _now() -> datetime:
    return datetime.now(UTC)
