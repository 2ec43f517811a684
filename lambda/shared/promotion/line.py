"""The line: one switch for every service of an account. While it is stopped, no weight rises anywhere.

It is a parameter of SSM in us-east-1, which people write and gates read. One that was never written is a line
that runs; one that holds anything but that it runs is a line that is stopped.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from shared.doors.patience import DoorError, patiently
from shared.shown import NAME, SENTENCE, shown

RUNS: Final = "running"
STOPPED: Final = "stopped"
_ABSENT: Final = "ParameterNotFound"
_LONGEST: Final = 4096
"""A standard parameter holds 4 KB (Systems Manager API reference, PutParameter)."""


@dataclass(frozen=True)
class Line:
    """Who stopped or started it, why, and when (ISO 8601); all empty where nobody ever did."""

    state: str = RUNS
    by: str = ""
    reason: str = ""
    at: str = ""

    @property
    def stopped(self) -> bool:
        """Whether no weight may rise."""
        return self.state != RUNS

    def written(self) -> str:
        """Return it as the parameter holds it."""
        return json.dumps(asdict(self), ensure_ascii=False)


def parse(text: str) -> Line:
    """Return what the parameter says; what cannot be understood is a line that is stopped."""
    try:
        held = json.loads(text[:_LONGEST])
        state = held["state"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return _not_understood(text)
    if state not in (RUNS, STOPPED):
        return _not_understood(text)
    said = {key: held.get(key, "") for key in ("by", "reason", "at")}
    if not all(isinstance(value, str) for value in said.values()):
        return _not_understood(text)
    return Line(
        state, shown(said["by"], NAME), shown(said["reason"], SENTENCE), shown(said["at"], NAME)
    )


def read(client: Any, parameter: str) -> Line:
    """Return the line.

    Raises
    ------
    DoorError
        When SSM does not answer, or does not let it be read.
    """
    try:
        answer = patiently(lambda: client.get_parameter(Name=parameter))
    except DoorError as error:
        if error.code == _ABSENT:
            return Line()
        raise
    return parse(str(answer["Parameter"]["Value"]))


def said(line: Line) -> str:
    """Return that the line is stopped, by whom, since when and why, or nothing while it runs."""
    if not line.stopped:
        return ""
    by = f" by {line.by}" if line.by else ""
    since = f" since {line.at}" if line.at else ""
    return f"the line is stopped{by}{since}: {line.reason or 'no reason given'}"


def _not_understood(text: str) -> Line:
    return Line(
        STOPPED,
        reason=f"its parameter holds {shown(text, NAME)!r}, which is neither {STOPPED} nor {RUNS}",
    )
