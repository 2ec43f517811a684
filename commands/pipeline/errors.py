"""Why a step of the pipeline ended, and with which exit code."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
REFUSED: Final = 1
COULD_NOT_TELL: Final = 2
STILL_UNDER_WAY: Final = 3
INTERRUPTED: Final = 130


class PipelineError(Exception):
    """A step ended; each of `reasons` is a sentence for people.

    Attributes
    ----------
    code : int
        REFUSED: it was looked at, and the answer is no. COULD_NOT_TELL: it could not be looked at.
        STILL_UNDER_WAY: CloudFormation goes on, and nobody follows it.
    """

    code = COULD_NOT_TELL

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons
        super().__init__("\n".join(reasons))


class RefusedError(PipelineError):
    """It was looked at, and the answer is no; nothing has changed."""

    code = REFUSED


class CouldNotTellError(PipelineError):
    """Something could not be read, so nothing was begun."""

    code = COULD_NOT_TELL


class StillUnderWayError(PipelineError):
    """CloudFormation goes on without whoever followed it."""

    code = STILL_UNDER_WAY
