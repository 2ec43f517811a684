"""`python -m rehearsal` rehearses; with `--stay` it only sets the stage and leaves it standing."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any

from rich.console import Console

from rehearsal.cdk import CdkError
from rehearsal.cloud.process import EmbeddedCloudError
from rehearsal.local import stay
from rehearsal.refusals import RefusalError
from rehearsal.rehearse import RehearsalError, rehearse

_INTERRUPTED = 130


async def _until_interrupted(play: Coroutine[Any, Any, None]) -> None:
    """Play; Ctrl-C and a plain `kill` end it in good order, wherever it was started from."""
    playing = asyncio.ensure_future(play)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, playing.cancel)
    await playing


def main() -> int:
    """Return 0 when all was as it must be, 1 when not, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    parser.add_argument("--stay", action="store_true", help="leave it up until Ctrl-C")
    arguments = parser.parse_args()
    console = Console()
    try:
        asyncio.run(_until_interrupted(stay(console) if arguments.stay else rehearse(console)))
    except asyncio.CancelledError:
        console.print("stopped; nothing is left running")
        return 0 if arguments.stay else _INTERRUPTED
    except (RehearsalError, RefusalError, CdkError, EmbeddedCloudError, TimeoutError) as error:
        console.print(f"[bold red]failed:[/bold red] {error}", markup=True, highlight=False)
        return 1
    if not arguments.stay:
        console.print("[bold green]all as declared[/bold green]; nothing is left running")
    return 0


if __name__ == "__main__":
    sys.exit(main())
