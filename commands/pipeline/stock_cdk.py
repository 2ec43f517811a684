"""The stock CDK CLI, as a person would call it."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from commands.declared import declaration_file
from commands.files import named
from commands.pipeline.errors import CouldNotTellError
from cutover.paths import ROOT


def takes_assembly(parser: argparse.ArgumentParser) -> None:
    """Let a command be told which assembly it is about."""
    parser.add_argument(
        "--app",
        metavar="DIR",
        type=named,
        help="an assembly that cdk synth made; else it is made now",
    )


def assembly(arguments: argparse.Namespace, made_in: Path) -> Path:
    """Return the folder of the assembly that a command is told of; without one it is synthesised there now.

    Raises
    ------
    CouldNotTellError
        When the CLI ends with an error.
    """
    if arguments.app is not None:
        told: Path = arguments.app
        return told
    # It takes up to a minute, and what the command prints may be a document: it is told beside it.
    print("cdk synth", file=sys.stderr, flush=True)
    synth(made_in, declaration_file(arguments.declaration))
    return made_in


def synth(into: Path, declaration: str | None) -> None:
    """Synthesise the app into the folder `into`.

    Raises
    ------
    CouldNotTellError
        When the CLI ends with an error; what it said is in it.
    """
    told = [] if declaration is None else ["-c", f"declaration={Path(declaration).resolve()}"]
    _run("synth", "--quiet", "--output", str(into.resolve()), *told)


def prepare(stack: str, change_set: str, app: Path) -> None:
    """Upload what `stack` of the assembly `app` needs, and make a change set of that name; execute nothing.

    Raises
    ------
    CouldNotTellError
        When the CLI ends with an error.
    """
    _run(
        *("deploy", stack, "--exclusively", "--app", str(app.resolve())),
        *("--method", "prepare-change-set", "--change-set-name", change_set),
        *("--require-approval", "never"),
    )


def _run(*arguments: str) -> None:
    # The project's own CLI first, whether the virtual environment is active or not.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    # With CDK_ALL the CLI takes no stack by name.
    kept = {key: value for key, value in os.environ.items() if key != "CDK_ALL"}
    try:
        done = subprocess.run(  # noqa: S603 - the arguments are this module's own
            ["cdk", *arguments, "--no-color"],  # noqa: S607
            cwd=ROOT,
            env=kept | {"PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise CouldNotTellError(
            f"cdk cannot be run: {error.strerror}. Run `make setup` first."
        ) from error
    if done.returncode:
        told = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise CouldNotTellError(f"cdk {arguments[0]} failed:", *told[-20:])
