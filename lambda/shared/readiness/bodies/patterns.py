"""Whether texts hold a regular expression, told within a time limit whatever the expression.

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
json.dump([re.search(pattern, text) is not None for text in texts], sys.stdout)
"""


class PatternError(Exception):
    """It cannot be told; the message says why."""


def held(pattern: str, texts: Sequence[str], *, seconds: float = SECONDS) -> list[bool]:
    """Return for each text whether `pattern` is found in it.

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
    return [bool(one) for one in found]
