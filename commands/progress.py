"""How far the checks are: bars on a terminal, lines where the output goes elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)


class CheckProgress:
    """Shows a line for each check, from when it is first told of; a context manager.

    Parameters
    ----------
    console : Console
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description:<14}"),
            BarColumn(bar_width=32),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._began: dict[str, float] = {}
        self._done: set[str] = set()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def __call__(self, name: str, done: float) -> None:
        """Show that `done` (0 to 1) of check `name` is done."""
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=1.0)
            self._began[name] = time.monotonic()
            if done < 1:
                self._tell(f"{name}: begun")
        self._bars.update(self._tasks[name], completed=done)
        if done >= 1 and name not in self._done:
            self._done.add(name)
            self._tell(f"{name}: done after {time.monotonic() - self._began[name]:.1f} s")

    def _tell(self, line: str) -> None:
        if not self._console.is_terminal:
            self._console.print(line, highlight=False, markup=False)
