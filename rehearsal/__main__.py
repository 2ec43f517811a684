"""`python -m rehearsal` rehearses; with `--stay` it only sets the stage and leaves it standing."""

from __future__ import annotations

import argparse
import asyncio
import sys

from rich.console import Console

from rehearsal.cdk import CdkError
from rehearsal.cloud.process import EmbeddedCloudError
from rehearsal.local import stay
from rehearsal.rehearse import RehearsalError, rehearse

_INTERRUPTED = 130


def main() -> int:
    """Return 0 when all was as it must be, 1 when not, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    parser.add_argument("--stay", action="store_true", help="leave it up until Ctrl-C")
    arguments = parser.parse_args()
    console = Console()
    try:
        asyncio.run(stay(console) if arguments.stay else rehearse(console))
    except KeyboardInterrupt:
        console.print("ended; nothing is left running")
        return 0 if arguments.stay else _INTERRUPTED
    except (RehearsalError, CdkError, EmbeddedCloudError, TimeoutError) as error:
        console.print(f"[bold red]failed:[/bold red] {error}", markup=True, highlight=False)
        return 1
    if not arguments.stay:
        console.print("[bold green]all as declared[/bold green]; nothing is left running")
    return 0


if __name__ == "__main__":
    sys.exit(main())
