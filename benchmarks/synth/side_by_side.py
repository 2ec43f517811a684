"""What `cdk synth` costs beside an app in TypeScript that synthesises the same: `make bench`.

Both apps read the same declaration: the service of cdk.json, so many times. They run by turns under the stock
CLI, with the same feature flags and with cdk-nag. A table whose two sides are not the same resources by type
and the same number of assets is not printed: exit code 1.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

from commands.numbers import whole
from cutover.paths import CDK_JSON, ROOT

APPS: Final = {
    "ours": f"{sys.executable} app.py",
    "TypeScript": f"node {Path(__file__).parent / 'typescript' / 'build' / 'app.js'}",
}
_MEBIBYTE: Final = 1024 * 1024


@dataclass(frozen=True)
class Run:
    """One synthesis: wall clock, processor seconds, most memory of all its processes, what came out."""

    seconds: float
    processor_seconds: float
    peak_mib: float
    resources: Counter[str]
    assets: int


def many(services: int) -> dict[str, Any]:
    """Return the service of cdk.json so many times, each with load balancers of its own."""
    ((name, body),) = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]["cutover"].items()
    text = json.dumps(body)
    return {
        renamed: json.loads(text.replace(name, renamed))
        for renamed in (f"service-{number:03}" for number in range(1, services + 1))
    }


def synth(app: str, declaration: Path, out: Path) -> Run:
    """Synthesise `declaration` with `app` into `out`.

    Raises
    ------
    subprocess.CalledProcessError
        When the synthesis fails.
    """
    command = ["cdk", "synth", "--quiet", "--app", app, "--output", str(out)]
    environment = os.environ | {"CUTOVER_DECLARATION": str(declaration)}
    before = os.times()
    begin = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own arguments
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    peak = _Peak(process.pid)
    _, complaint = process.communicate()
    seconds = time.perf_counter() - begin
    peak_mib = peak.stop()
    if process.returncode != 0:
        sys.stderr.buffer.write(complaint)
        raise subprocess.CalledProcessError(process.returncode, command)
    after = os.times()
    used = (after.children_user - before.children_user) + (
        after.children_system - before.children_system
    )
    return Run(seconds, used, peak_mib, *_synthesised(out))


class _Peak:
    """Adds up the memory of a process and all that it starts, twenty times a second."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._peak = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            try:
                family = [self._process, *self._process.children(recursive=True)]
                self._peak = max(self._peak, sum(one.memory_info().rss for one in family))
            except psutil.NoSuchProcess:
                continue

    def stop(self) -> float:
        self._ended.set()
        self._thread.join()
        return self._peak / _MEBIBYTE


def _synthesised(out: Path) -> tuple[Counter[str], int]:
    resources: Counter[str] = Counter()
    for template in out.glob("*.template.json"):
        found = json.loads(template.read_text(encoding="utf-8"))["Resources"]
        resources.update(resource["Type"] for resource in found.values())
    return resources, len(list(out.glob("asset.*")))


def differences(ours: Run, theirs: Run) -> list[str]:
    """Return in which types and assets the two sides differ."""
    kinds = sorted(ours.resources.keys() | theirs.resources.keys())
    found = [
        f"{kind}: {ours.resources[kind]} ours, {theirs.resources[kind]} TypeScript"
        for kind in kinds
        if ours.resources[kind] != theirs.resources[kind]
    ]
    if ours.assets != theirs.assets:
        found.append(f"assets: {ours.assets} ours, {theirs.assets} TypeScript")
    return found


def row(services: int, runs: dict[str, list[Run]]) -> str:
    """Return the line of the table: medians; the ratio is the median of each pair's."""
    ours, theirs = runs["ours"], runs["TypeScript"]
    ratio = statistics.median(
        one.seconds / other.seconds for one, other in zip(ours, theirs, strict=True)
    )
    cells = [
        f"{services}",
        f"{sum(ours[0].resources.values()):,}",
        *(f"{statistics.median(run.seconds for run in side):.1f}" for side in (ours, theirs)),
        f"{ratio:.2f}",
        *(
            f"{statistics.median(run.processor_seconds for run in side):.1f}"
            for side in (ours, theirs)
        ),
        *(f"{statistics.median(run.peak_mib for run in side):,.0f}" for side in (ours, theirs)),
    ]
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--services", type=whole(1, 1000), nargs="+", default=[1, 10, 50, 200])
    parser.add_argument("--rounds", type=whole(1, 100), default=3, help="of each app, by turns")
    arguments = parser.parse_args()
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - whatever git there is
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    load = os.getloadavg()[0]
    print(
        f"Commit {commit}, Python {platform.python_version()}, {os.cpu_count()} processors, load "
        f"average {load:.1f} at the start, {arguments.rounds} rounds by turns.\n"
    )
    print(
        "| services | resources | ours, s | TypeScript, s | ratio | processor: ours, s | TypeScript, s "
        "| memory: ours, MiB | TypeScript, MiB |"
    )
    print(f"|{' ---: |' * 9}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for services in arguments.services:
            declaration = Path(folder) / "declaration.json"
            declaration.write_text(json.dumps(many(services)), encoding="utf-8")
            runs: dict[str, list[Run]] = {who: [] for who in APPS}
            for _ in range(arguments.rounds):
                for who, app in APPS.items():
                    with tempfile.TemporaryDirectory(dir=folder) as out:
                        runs[who].append(synth(app, declaration, Path(out)))
                differ = differences(runs["ours"][-1], runs["TypeScript"][-1])
                if differ:
                    print(
                        "error: the two apps synthesise different things:",
                        *differ,
                        sep="\n  ",
                        file=sys.stderr,
                    )
                    return 1
            print(row(services, runs), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
