"""Sets a clock ahead, as far as a drill or the story says: a host's clock may be wrong, and nobody waits
until a day is over.

A drill sets the clock of every function ahead, once. The story tells a clock later, by its owner: the name of
a function, or `PERSON` for the tools at a person's terminal.
"""

from __future__ import annotations

import datetime as datetime_module
import json
import os
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final, Self

VARIABLE: Final = "REHEARSAL_CLOCK_AHEAD_SECONDS"
"""How far every function's clock is ahead."""
TOLD: Final = "REHEARSAL_CLOCK_TOLD"
"""Names the file that says, by owner, how far a clock is ahead."""
PERSON: Final = "a person"


def tell(file: Path, ahead: Mapping[str, float]) -> None:
    """Write down how many seconds each clock is ahead from now on, by its owner."""
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(dict(ahead)), encoding="utf-8")
    draft.replace(file)


def teach(owner: str | None = None) -> None:
    """Let this process see another time, if it is a function's or `owner` is given, and one is named."""
    owner = owner or os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    always, file = float(os.environ.get(VARIABLE) or 0), os.environ.get(TOLD)
    # The cloud's own process inherits the variables, and its clock is right.
    if owner is None or not (always or file):
        return
    if file:
        _sign_by_the_true_clock()
        _set_ahead(lambda: always + _told(Path(file), owner))
    else:
        _set_ahead(lambda: always)


def _sign_by_the_true_clock() -> None:
    """Let calls of AWS carry the true time: a signature of another day is refused (Signature Version 4)."""
    from botocore import compat  # noqa: PLC0415 - only where a clock is told

    true_now = datetime.now

    def now(remove_tzinfo: bool = True) -> datetime:
        at = true_now(datetime_module.UTC)
        return at.replace(tzinfo=None) if remove_tzinfo else at

    # Before both ways to sign have taken it from there, in Python and by the Common Runtime.
    vars(compat)["get_current_datetime"] = now


def _told(file: Path, owner: str) -> float:
    try:
        ahead: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return 0.0
    return ahead.get(owner, 0.0)


def _set_ahead(ahead: Callable[[], float]) -> None:
    true_time = time.time

    class Ahead(datetime):
        """Like any other, but for what it takes as now."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(seconds=ahead())

        @classmethod
        def utcnow(cls) -> Self:
            return cls.now(datetime_module.UTC).replace(tzinfo=None)

    time.time = lambda: true_time() + ahead()
    datetime_module.datetime = Ahead  # type: ignore[misc]
