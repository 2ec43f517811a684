"""`python -m rehearsal` rehearses; with `--chat` a chat and people who use it; with `--story` it goes the
whole way, from a plain record to old to the end of old; with `--stay` it only sets the stage."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import traceback
from collections.abc import Coroutine
from typing import Any

from rich.console import Console
from rich.markup import escape

from commands.exit_codes import INTERRUPTED
from rehearsal.browser.chromium import BrowserError
from rehearsal.cdk import CdkError
from rehearsal.chat.play import ChatError, play_chat
from rehearsal.cloud.process import EmbeddedCloudError
from rehearsal.edge_runtime.client import EdgeRuntimeError
from rehearsal.local import stay
from rehearsal.refusals import RefusalError
from rehearsal.rehearse import RehearsalError, rehearse
from rehearsal.releasing import CallError
from rehearsal.stage import KEPT_LOG
from rehearsal.story.person import CommandError
from rehearsal.story.play import StoryError, tell_story

_EXPECTED = (
    *(
        RehearsalError,
        RefusalError,
        ChatError,
        BrowserError,
        CallError,
        CommandError,
        StoryError,
        CdkError,
        EmbeddedCloudError,
        EdgeRuntimeError,
    ),
    TimeoutError,
)


async def _until_interrupted(play: Coroutine[Any, Any, None]) -> None:
    """Play; Ctrl-C, a plain `kill` and a terminal that is closed end it in good order."""
    playing = asyncio.ensure_future(play)
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(signal_number, playing.cancel)
    await playing


def main() -> int:
    """Return 0 when all was as it must be, 1 when not, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--stay", action="store_true", help="leave it up until Ctrl-C")
    kinds.add_argument("--chat", action="store_true", help="with people who use a chat")
    kinds.add_argument(
        "--story", action="store_true", help="from adopting a name to the end of old"
    )
    arguments = parser.parse_args()
    console = Console()
    plays = {"local": stay, "chat": play_chat, "story": tell_story, "rehearse": rehearse}
    asked = {"local": arguments.stay, "chat": arguments.chat, "story": arguments.story}
    kind = next((kind for kind, wanted in asked.items() if wanted), "rehearse")
    command = f"make {kind}"
    try:
        asyncio.run(_until_interrupted(plays[kind](console)))
    except (asyncio.CancelledError, KeyboardInterrupt):
        if arguments.stay:
            console.print("stopped; nothing is left running")
            return 0
        console.print(
            "interrupted before it had shown everything, and stopped; nothing is left running. "
            f"`{command}` begins anew.",
            highlight=False,
        )
        return INTERRUPTED
    except Exception as error:
        said = str(error)
        if not isinstance(error, _EXPECTED):
            traceback.print_exception(error)
            said = f"{type(error).__name__}: {error}, which nobody expected (above)"
        _tell_failure(console, said, command)
        return 1
    if not arguments.stay:
        console.print("[bold green]all as declared[/bold green]; nothing is left running")
    return 0


def _tell_failure(console: Console, said: str, command: str) -> None:
    console.print(f"[bold red]failed:[/bold red] {escape(said)}", highlight=False)
    where = f", and {KEPT_LOG} holds what the embedded cloud said" if KEPT_LOG.exists() else ""
    console.print(
        f"Nothing is left running, and nothing outside this machine was touched{where}. Run `{command}` "
        "again; if it fails in the same place, look first at what was changed there last.",
        highlight=False,
    )


if __name__ == "__main__":
    sys.exit(main())
