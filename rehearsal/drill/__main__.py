"""`python -m rehearsal.drill` plays every drill of the catalogue against the deployed code.

DRILL=name,name picks some, JOBS=n plays n side by side. What came out is in build/drills: results.json, and
index.html with a timeline of each, tables.md for docs/drills.md; `--render` makes both again from
results.json. Both show an earlier run beside this one (--before), of which --keep makes a small file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

try:
    from rich.console import Console

    from commands.exit_codes import INTERRUPTED
    from commands.numbers import whole
    from cutover.paths import ROOT
    from rehearsal.cdk import CdkError
    from rehearsal.cloud.process import EmbeddedCloudError
    from rehearsal.drill.catalogue import CATALOGUE
    from rehearsal.drill.drill import Drill
    from rehearsal.drill.play import play
    from rehearsal.drill.report.before import KEPT, trimmed
    from rehearsal.drill.report.budgets import medians
    from rehearsal.drill.report.commit import UNKNOWN_COMMIT
    from rehearsal.drill.report.markdown import DOCUMENT, markdown, with_tables
    from rehearsal.drill.report.page import page
    from rehearsal.drill.report.results import completed, kept, summary
    from rehearsal.drill.report.rights import never_used
    from rehearsal.drill.side_by_side import SideBySide
except ModuleNotFoundError as missing:
    sys.exit(
        f"rehearsal.drill: the Python package {missing.name} is missing from {sys.executable}. "
        "Run `make drill`."
    )

FOLDER: Final = ROOT / "build" / "drills"


def picked(names: str) -> list[Drill]:
    """Return the drills of these names, each once, or all that are not played by name only.

    Raises
    ------
    ValueError
        When there is none of such a name, or something is given that names none.
    """
    known = {drill.name: drill for drill in CATALOGUE}
    wanted = list(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    if names and not wanted:
        raise ValueError(f"DRILL={names!r} names no drill: leave it out to play all")
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"no drill is called {', '.join(unknown)}. Known: {', '.join(known)}")
    return [known[name] for name in wanted] or [drill for drill in CATALOGUE if not drill.by_name]


def side_by_side(jobs: str) -> int:
    """Return how many drills are played at once: `jobs`, or two where that is empty.

    Raises
    ------
    ValueError
        When it is no whole number from 1 to 16.
    """
    try:
        return whole(1, 16)(jobs) if jobs else 2
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"JOBS={error}") from error


async def _until_interrupted(work: Coroutine[Any, Any, Any]) -> Any:
    """Work; Ctrl-C and a plain `kill` end it in good order."""
    working = asyncio.ensure_future(work)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, working.cancel)
    return await working


def _play(drill: Drill, into: Path) -> int:
    """Play one drill in this process, and say each phase as a line."""
    logging.basicConfig(level=logging.ERROR)
    try:
        result = asyncio.run(_until_interrupted(play(drill, lambda what: print(what, flush=True))))
    except asyncio.CancelledError:
        return INTERRUPTED
    except (CdkError, EmbeddedCloudError, TimeoutError) as error:
        print(" ".join(str(error).split())[-1500:], flush=True)
        return 1
    into.write_text(json.dumps(result), encoding="utf-8")
    return 0


def _read(file: Path) -> dict[str, Any]:
    """Return what a results file holds.

    Raises
    ------
    ValueError
        When it cannot be read, or is none.
    """
    try:
        results = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"{file} cannot be read as results of drills: {error}") from error
    if not isinstance(results, dict) or not isinstance(results.get("drills"), list):
        raise ValueError(f'{file} holds no results of drills: it has no list "drills"')
    return results


def _render(folder: Path, results: Mapping[str, Any], before: Mapping[str, Any]) -> str:
    """Write the page and the tables, and return the tables."""
    (folder / "index.html").write_text(page(results, before), encoding="utf-8")
    tables = markdown(results, before)
    (folder / "tables.md").write_text(tables, encoding="utf-8")
    return tables


def _all(drills: Sequence[Drill], at_once: int, folder: Path, before: Mapping[str, Any]) -> int:
    console = Console()
    try:
        played = asyncio.run(
            _until_interrupted(SideBySide(drills, folder, console, at_once).play())
        )
    except asyncio.CancelledError:
        console.print("stopped; nothing is left running")
        return INTERRUPTED
    results = kept(played, at_once)
    (folder / "results.json").write_text(json.dumps(results), encoding="utf-8")
    _render(folder, results, before)
    console.print(summary(results))
    together = medians(results["drills"])
    for median in together:
        console.print(str(median), style="red" if median.is_over else "", highlight=False)
    idle = never_used(results)
    played_all = {drill.name for drill in picked("")} <= {drill.name for drill in drills}
    if idle and played_all:
        console.print("Rights that no drill used:", *idle, sep="\n  ", highlight=False)
    failed = [drill["name"] for drill in results["drills"] if drill["complaints"]]
    if failed:
        console.print(f"[bold red]failed:[/bold red] {', '.join(failed)}")
    else:
        console.print("[bold green]every drill ended as it must[/bold green]")
    console.print(f"{folder / 'index.html'}", highlight=False)
    return 1 if failed or any(median.is_over for median in together) else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 when every drill ended as it must, 1 when not, 130 after Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.drill", description=__doc__)
    parser.add_argument("--render", action="store_true", help="draw the page again")
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument(
        "--before", type=Path, default=KEPT, metavar="FILE", help="results of an earlier run"
    )
    parser.add_argument(
        "--commit", default="", metavar="NAME", help="with --render: where results.json names none"
    )
    parser.add_argument(
        "--keep", type=Path, metavar="FILE", help="write what a later run needs as its --before"
    )
    parser.add_argument(
        "--write", action="store_true", help="with --render: put the tables into docs/drills.md"
    )
    parser.add_argument("--play", metavar="NAME", help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    try:
        drills = picked(given.play or os.environ.get("DRILL", ""))
        at_once = side_by_side(os.environ.get("JOBS", ""))
        before = {"commit": UNKNOWN_COMMIT, **_read(given.before)}
        results = (
            completed(_read(FOLDER / "results.json"), given.commit)
            if given.render or given.keep
            else {}
        )
    except ValueError as error:
        parser.error(str(error))
    if given.play:
        return _play(drills[0], given.into)
    if given.keep:
        kept_for_later = json.dumps(trimmed(results), separators=(",", ":"))
        given.keep.write_text(kept_for_later + "\n", encoding="utf-8")
        return 0
    if given.render:
        tables = _render(FOLDER, results, before)
        if given.write:
            text = DOCUMENT.read_text(encoding="utf-8")
            DOCUMENT.write_text(with_tables(text, tables), encoding="utf-8")
        return 0
    if given.list:
        for drill in CATALOGUE:
            print(f"{drill.name:32} {drill.title}{' (only by name)' * drill.by_name}")
        return 0
    return _all(drills, at_once, FOLDER, before)


if __name__ == "__main__":
    sys.exit(main())
