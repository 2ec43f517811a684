"""Why a step of the pipeline ended, and with which exit code."""

from __future__ import annotations

from commands.exit_codes import COULD_NOT_TELL, REFUSED, STILL_UNDER_WAY


class PipelineError(Exception):
    """A step ended; each of `reasons` is a sentence for people.

    Attributes
    ----------
    code : int
        What the command ends with: REFUSED, COULD_NOT_TELL or STILL_UNDER_WAY.
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
