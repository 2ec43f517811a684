"""Runs the stock CDK CLI, as a person would, against the embedded cloud."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cutover.paths import ROOT
from rehearsal.child import run_child

_MARK: Final = re.compile(r"\[[-+]\] (?P<what>.*)$")
_WEIGHT: Final = re.compile(r'\s*("NewWeight": "\d+",?|\d+)\s*')


class CdkError(Exception):
    """The CDK CLI ended with an error; the message holds the end of what it printed."""


class Cdk:
    """The pinned CLI of this project's virtual environment.

    What is synthesised once can be diffed and deployed as often as one likes: `app` is the folder of such an
    assembly, in the place of the program that makes one.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = (
            # With CDK_ALL the CLI takes no stack by name; here --all is said where it is meant.
            {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k != "CDK_ALL"}
            | dict(environment)
            | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
        )
        self._folder = folder

    async def run(self, *arguments: str, cwd: Path = ROOT) -> str:
        """Return what `cdk ARGUMENTS` printed.

        Raises
        ------
        CdkError
            When it ended with another code than 0.
        """
        code, text = await run_child(
            *("cdk", *arguments, "--no-color"), environment=self._environment, cwd=cwd
        )
        if code:
            raise CdkError(f"cdk {' '.join(arguments)} failed:\n{text[-3000:]}")
        return text

    async def bootstrap(self, *environments: str) -> str:
        """Bootstrap them, from a folder without an app: with one the CLI would synthesise it first."""
        return await self.run("bootstrap", *environments, cwd=self._folder)

    async def synth(self, *context: str, into: str) -> Path:
        """Synthesise with `-c` for each of `context`, and return the assembly: the folder called `into`."""
        folder = self._folder / into
        await self.run("synth", "--quiet", "--output", str(folder), *_context(context))
        return folder

    async def deploy(self, *context: str, app: Path | None = None) -> str:
        """Deploy every stack with `-c` for each of `context`."""
        return await self.run(
            *("deploy", "--all", "--require-approval", "never"), *self._made_by(app, context)
        )

    async def deploy_only(self, stack: str, *, app: Path) -> str:
        """Deploy one stack of an assembly."""
        return await self.run(
            *("deploy", stack, "--exclusively", "--require-approval", "never"),
            *self._made_by(app, ()),
        )

    async def diff(self, *context: str, app: Path | None = None) -> str:
        """Return the diff of every stack."""
        return await self.run("diff", "--all", *self._made_by(app, context))

    def _made_by(self, app: Path | None, context: tuple[str, ...]) -> list[str]:
        if app is not None:
            return ["--app", str(app)]
        return ["--output", str(self._folder / "cdk.out"), *_context(context)]


def _context(context: tuple[str, ...]) -> list[str]:
    return [part for said in context for part in ("-c", said)]


def beyond_the_weights(diff: str) -> list[str]:
    """Return the changed lines of a `cdk diff` that are not weights."""
    changed = [found["what"] for line in diff.splitlines() if (found := _MARK.search(line))]
    return [line for line in changed if not _WEIGHT.fullmatch(line)]


def weights_changed(diff: str) -> int:
    """Return how many weights a `cdk diff` changes."""
    changed = [found["what"] for line in diff.splitlines() if (found := _MARK.search(line))]
    return sum(bool(_WEIGHT.fullmatch(line)) for line in changed) // 2
