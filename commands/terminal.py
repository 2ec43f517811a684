"""What every command tells on a terminal when it was not understood."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Final, NoReturn

from rich.console import Console

from shared.shown import shown

USAGE_ERROR: Final = 2
NO_CREDENTIALS: Final = (
    "there are no AWS credentials: log in, or export AWS_PROFILE or AWS_ACCESS_KEY_ID"
)
_REASON_LENGTH: Final = 4000
_WIDE: Final = 160


def refuse(*reasons: str) -> int:
    """Print `reasons`, which may hold what a person typed, and return the exit code."""
    return tell_reasons(USAGE_ERROR, *reasons)


def tell_reasons(code: int, *reasons: str) -> int:
    """Print why a command ends with `code`, and return it; `reasons` may hold what a person typed."""
    for reason in reasons:
        print(f"error: {shown(reason, _REASON_LENGTH)}", file=sys.stderr)
    return code


def tell(text: str) -> None:
    """Print lines that may hold what AWS or a person wrote."""
    for line in text.split("\n"):
        print(shown(line, _REASON_LENGTH))


def page(*, stderr: bool = False) -> Console:
    """Return where tables are printed: as wide as the terminal; in a pipe or in CI, where nobody knows how
    wide, so wide that none is cut."""
    stream = sys.stderr if stderr else sys.stdout
    known = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, width=None if known else _WIDE)


class Parser(argparse.ArgumentParser):
    """Reads arguments; what it does not understand is shown without terminal codes."""

    def error(self, message: str) -> NoReturn:
        """Print how it is used and why this was not understood, and end."""
        super().error(shown(message))
