"""What a regular expression finds in texts, told within a time limit whatever the expression.

Python's `re` may take for ever on a few dozen characters (catastrophic backtracking), and a thread that is
in it can neither be stopped nor lets another run. A process can be killed, so the search has one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

SECONDS: Final = 5
"""A process starts in a few tenths of a second; an expression that is well written is done in a few more."""
# The alarm ends the search even when the process that started it is gone.
_SEARCH: Final = f"""
import json, re, signal, sys
signal.alarm({SECONDS + 1})
pattern, texts = json.load(sys.stdin)
found = [re.search(pattern, text) for text in texts]
json.dump([None if one is None else one[min(1, one.re.groups)] or "" for one in found], sys.stdout)
"""


class PatternError(Exception):
    """It cannot be told; the message says why."""


def held(pattern: str, texts: Sequence[str], *, seconds: float = SECONDS) -> list[bool]:
    """Return for each text whether `pattern` is found in it; otherwise as `taken`."""
    return [one is not None for one in taken(pattern, texts, seconds=seconds)]


def taken(pattern: str, texts: Sequence[str], *, seconds: float = SECONDS) -> list[str | None]:
    """Return for each text what `pattern` finds in it first: its first group where it has one; None where it
    finds nothing.

    Raises
    ------
    PatternError
        When the search is not done within `seconds`, or cannot be made.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-I", "-S", "-c", _SEARCH],
            input=json.dumps([pattern, list(texts)]).encode(),
            capture_output=True,
            timeout=seconds,
            check=True,
        )
        found: list[Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise PatternError(
            f"the search for {pattern!r} was not done within {seconds:g} s: "
            "write it without repetitions inside repetitions"
        ) from error
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise PatternError(f"the search for {pattern!r} broke off: {said or error}") from error
    except (OSError, ValueError) as error:
        raise PatternError(f"the search for {pattern!r} cannot be made: {error}") from error
    return found
