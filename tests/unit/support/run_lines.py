"""Lines that a pipeline runs: each is a target of the Makefile, or a command of ours with its own options."""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Mapping

from commands.__main__ import COMMANDS
from cutover.paths import ROOT


def must_be_ours(line: str, variables: Mapping[str, str] | None = None) -> None:
    """Fail where `line` is none of ours; `variables` are what a shell puts into it.

    Raises
    ------
    AssertionError, SystemExit
        When there is no such target or command, or it does not take these options.
    """
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    words = shlex.split(line)
    if words[0] == "make":
        assert words[-1] in targets, line
        assert words[1:-1] in ([], ["-C", "build/base"]), line
        return
    assert words[0] == ".venv/bin/cutover", line
    assert words[1] in COMMANDS, line
    parser = importlib.import_module(f"commands.{words[1]}")._parser()
    parser.parse_args([(variables or {}).get(word, word) for word in words[2:]])
