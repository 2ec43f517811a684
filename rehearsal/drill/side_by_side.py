"""Plays drills side by side, each in a process of its own, and shows how far they are."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.live import Live
from rich.table import Table

from cutover.paths import ROOT
from rehearsal.drill.drill import Drill

_END_SECONDS: Final = 20.0
_NOT_PLAYED: Final = "it could not be played: "
_LINE_BYTES: Final = 1 << 20


@dataclass
class Line:
    """What is shown of one drill."""

    drill: Drill
    phase: str = "waiting"
    began: float | None = None
    ended: float | None = None
    failed: bool | None = None

    @property
    def seconds(self) -> float | None:
        """How long it has taken so far."""
        if self.began is None:
            return None
        return (self.ended or time.monotonic()) - self.began


class SideBySide:
    """Plays `drills`, `at_once` of them at a time; results land as JSON in `folder`, one file a drill."""

    def __init__(
        self, drills: Sequence[Drill], folder: Path, console: Console, at_once: int
    ) -> None:
        self._lines = [Line(drill) for drill in drills]
        self._folder = folder
        self._console = console
        self._at_once = asyncio.Semaphore(at_once)
        self._began = time.monotonic()

    async def play(self) -> list[dict[str, Any]]:
        """Play them all and return what came out, in the order of the catalogue."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as shown:
            if self._console.is_terminal:
                live = Live(get_renderable=self._table, console=self._console, transient=True)
                shown.enter_context(live)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._one(line)) for line in self._lines]
        return [task.result() for task in tasks]

    async def _one(self, line: Line) -> dict[str, Any]:
        async with self._at_once:
            line.began = time.monotonic()
            file = self._folder / f"{line.drill.name}.json"
            file.unlink(missing_ok=True)
            said = await self._run(line, file)
            line.ended = time.monotonic()
        if file.exists():
            result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        else:
            result = {"name": line.drill.name, "complaints": [_NOT_PLAYED + said]}
        result["seconds"] = line.seconds
        file.write_text(json.dumps(result), encoding="utf-8")
        line.failed = bool(result["complaints"])
        line.phase = "; ".join(result["complaints"]) or "as expected"
        colour, word = ("red", "FAILED") if line.failed else ("green", "passed")
        self._say(line, f"[bold {colour}]{word}[/]", line.phase if line.failed else "")
        return result

    async def _run(self, line: Line, file: Path) -> str:
        """Run the drill's own process; return the last that it said."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "rehearsal.drill", "--play", line.drill.name, "--into", file),
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C reaches this process alone, which then ends the others in good order.
            start_new_session=True,
            limit=_LINE_BYTES,
        )
        said = ""
        try:
            assert process.stdout is not None
            async for raw in process.stdout:
                said = raw.decode(errors="replace").strip() or said
                if said != line.phase:
                    if not self._console.is_terminal and "waiting for" not in said:
                        self._say(line, "", said)
                    line.phase = said
            await process.wait()
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                try:
                    await asyncio.wait_for(asyncio.shield(process.wait()), _END_SECONDS)
                except TimeoutError:
                    process.kill()
        return said

    def _say(self, line: Line, word: str, what: str) -> None:
        elapsed = time.monotonic() - self._began
        text = f"[dim]{elapsed:5.0f} s[/dim]  {line.drill.name:30} {word}"
        self._console.print(text, end=" " if what else "\n")
        if what:
            self._console.print(what, markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> Table:
        table = Table(box=SIMPLE_HEAD, expand=True)
        table.add_column("drill", no_wrap=True)
        table.add_column("seconds", justify="right", no_wrap=True)
        table.add_column("phase", ratio=1, no_wrap=True)
        for line in self._lines:
            seconds = "" if line.seconds is None else f"{line.seconds:.0f}"
            colour = {None: "", True: "red", False: "green"}[line.failed]
            if line.began is None:
                colour = "dim"
            table.add_row(line.drill.name, seconds, line.phase, style=colour)
        return table
