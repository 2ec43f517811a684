"""How the function was called: by which of its aliases, and in which request.

IAM allows to call an alias alone: a policy that names `S-rollback:release` allows neither another alias nor
the function without one (Lambda Developer Guide, lambda-api-permissions-ref). Lambda says by which ARN it was
called (python-context, invoked_function_arn). So each alias takes its own actions and refuses all others.

Who called is not among what Lambda says of a direct call. The request's id is: CloudTrail records who sent
each request, where data events are logged (Lambda Developer Guide, logging-using-cloudtrail).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from rollback.request import Alarm, MuteFor, Nothing, Release, Request, RollBack, Status, Unmute
from shared.shown import shown

ALIASES: Final[Mapping[str, tuple[type, ...]]] = {
    "roll_back": (RollBack,),
    "release": (Release,),
    "mute": (MuteFor, Unmute),
    "status": (Status,),
}
_WITHOUT: Final = (Alarm, Nothing, RollBack, Status)
"""What the function takes without an alias, as alarms and SNS call it, or by any other name. An alarm's
payload can be made up, so whoever may call it may throw the switch anyway, but not release or mute."""

WITHOUT_A_PAYLOAD: Final[Mapping[str, str]] = {
    "action": "roll_back",
    "by": "a call without a payload",
    "reason": "Roll back now, as a chat's button asks; CloudTrail says who pressed it",
}

_PARTS: Final = 8
"""Of a qualified ARN: arn:partition:lambda:region:account:function:name:qualifier."""


@dataclass(frozen=True)
class Call:
    """One call.

    Attributes
    ----------
    event : object
        What was asked.
    alias : str
        By which alias; empty without one.
    request_id : str
        What Lambda calls the request; empty where it does not say.
    """

    event: object
    alias: str = ""
    request_id: str = ""

    @property
    def asked(self) -> object:
        """What was asked. By the alias roll_back without a payload: to roll back, as a chat's button asks,
        for whose command a payload is too long. That alias can ask for nothing else, and back is safe."""
        if self.alias == "roll_back" and self.event in (None, {}):
            return dict(WITHOUT_A_PAYLOAD)
        return self.event

    def refusal(self, service: str, request: Request) -> str:
        """Return why `request` may not be asked this way, or nothing when it may."""
        if isinstance(request, ALIASES.get(self.alias, _WITHOUT)):
            return ""
        own = next((name for name, takes in ALIASES.items() if isinstance(request, takes)), "")
        function = f"{service}-rollback"
        here = (
            f"{function}:{self.alias}" if self.alias in ALIASES else f"{function} without an alias"
        )
        there = f"{function}:{own}" if own else f"{function} without an alias"
        return f"{here} does not take this: call {there}"

    def said(self, service: str) -> str:
        """Return how it was called, in one line."""
        alias = f":{self.alias}" if self.alias else ""
        return f"{service}-rollback{alias}, request {self.request_id or 'unknown'}"

    def to_dict(self) -> dict[str, str]:
        """Return what AWS said of the call, as evidence and log hold it."""
        return {"alias": self.alias, "request_id": self.request_id}


def call_of(event: object, context: Any) -> Call:
    """Return the call that Lambda describes by `context`."""
    parts = str(getattr(context, "invoked_function_arn", "")).split(":")
    alias = parts[-1] if len(parts) == _PARTS and parts[-1] != "$LATEST" else ""
    return Call(event, shown(alias), shown(str(getattr(context, "aws_request_id", ""))))
