"""A command as a process: what it does is done to the end though nobody reads any more, and it ends with a
sentence, never with a trace."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TextIO

from commands.exit_codes import COULD_NOT_TELL, INTERRUPTED
from commands.terminal import tell_reasons
from shared.shown import SENTENCE, shown

READER_LEFT: Final = 141
"""As a shell tells of a process that a closed pipe ended: 128 and SIGPIPE."""
_CLOSED: Final = -1


class Patient(io.RawIOBase):
    """A stream that never fails: what it cannot write is lost, and it remembers why.

    A command that stops in the middle because `| head` has seen enough, or the disk is full, would leave a
    deploy that nobody follows.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.lost: OSError | None = None

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether a terminal is at the other end."""
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:
        """Write, or lose it; return how much counts as written."""
        if self.lost is None:
            try:
                return os.write(self._descriptor, data)
            except OSError as error:
                self.lost = error
        return len(memoryview(data))


def run(name: str, command: Callable[[], int]) -> int:
    """Run `command` as the process `cutover NAME`, and return its exit code.

    A closed pipe makes a 0 to 141, and any other fault of the output to 2: what was found has not been told.
    Ctrl-C ends it with 130.
    """
    before = sys.stdout, sys.stderr
    # Python has None in place of a stream that was closed before it began.
    out, errors = (Patient(stream.fileno() if stream else _CLOSED) for stream in before)
    sys.stdout = _text(out, before[0], by_line=out.isatty())
    sys.stderr = _text(errors, before[1], by_line=True)
    try:
        code = _code_of(name, command)
        sys.stdout.flush()
        if out.lost is None or code:
            return code
        if out.lost.errno == errno.EPIPE:
            return READER_LEFT
        return tell_reasons(
            COULD_NOT_TELL,
            f"what cutover {name} says could not be written: {out.lost.strerror}. What it does it has done.",
        )
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


def _text(stream: Patient, like: TextIO | None, *, by_line: bool) -> io.TextIOWrapper:
    """Return a stream of text; what its encoding lacks is written in Python's spelling."""
    return io.TextIOWrapper(
        io.BufferedWriter(stream),
        encoding=like.encoding if like else "utf-8",
        errors="backslashreplace",
        line_buffering=by_line,
    )


def _code_of(name: str, command: Callable[[], int]) -> int:
    try:
        return command()
    except KeyboardInterrupt:
        return tell_reasons(
            INTERRUPTED,
            f"cutover {name} was interrupted. What it had done stands: cutover status says what is true now.",
        )
    except Exception as error:  # noqa: BLE001 - a trace helps nobody who reads it at night
        at = traceback.extract_tb(error.__traceback__)[-1]
        why = shown(str(error), SENTENCE) or "no more is said"
        return tell_reasons(
            COULD_NOT_TELL,
            f"cutover {name} met what it does not know: {type(error).__name__}: {why} "
            f"({Path(at.filename).name}, line {at.lineno}). Either AWS, or what answers in its place, like a "
            "proxy, sent what is not documented, or that is a fault of cutover. What it had done stands: "
            "cutover status says what is true now.",
        )
