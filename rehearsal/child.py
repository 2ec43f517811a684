"""Runs one command as a person would at a terminal, and ends it with whoever waits for it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from cutover.paths import ROOT


async def run_child(
    *command: str, environment: Mapping[str, str], cwd: Path = ROOT
) -> tuple[int, str]:
    """Return the exit code of `command` and what it printed; when nobody waits any more it is killed, with
    all that it started."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        printed, _ = await process.communicate()
    except asyncio.CancelledError:
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    assert process.returncode is not None
    return process.returncode, printed.decode(errors="replace")
