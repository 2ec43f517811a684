"""Lambda and Systems Manager as a hook meets them, with faults on command."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any, Final

FUNCTION: Final = "arn:aws:lambda:us-east-2:123456789012:function:scale-new"
DOCUMENT: Final = "arn:aws:ssm:us-east-2:123456789012:document/ScaleNew:3"
ROLE: Final = "arn:aws:iam::123456789012:role/scale-new"

ALLOWED: Final = {"allow": True}


class FakeHook:
    """Plays its `script`, an entry a call, the last one again and again: an exception is raised, bytes are
    the answer as they are, a callable is called first, and everything else is answered as JSON."""

    def __init__(self, *script: Any) -> None:
        self.script = list(script) or [ALLOWED]
        self.asked: list[dict[str, Any]] = []
        self.kinds: list[str] = []
        self.seconds: list[float] = []
        self.regions: list[str] = []
        self.function_error = ""

    def client_for(self, service: str, region: str, seconds: float) -> FakeHook:
        assert service == "lambda"
        self.regions.append(region)
        self.seconds.append(seconds)
        return self

    def invoke(
        self,
        *,
        FunctionName: str,  # noqa: N803
        InvocationType: str,  # noqa: N803
        Payload: bytes,  # noqa: N803
    ) -> dict[str, Any]:
        assert FunctionName == FUNCTION
        self.asked.append(json.loads(Payload))
        self.kinds.append(InvocationType)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if callable(answer) and not isinstance(answer, type):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        if InvocationType == "Event":
            return {"StatusCode": 202, "Payload": io.BytesIO(b"")}
        said = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        error = {"FunctionError": self.function_error} if self.function_error else {}
        return {"StatusCode": 200, "Payload": io.BytesIO(said), **error}


class FakeAutomation:
    """StartAutomationExecution and GetAutomationExecution; one execution a token, whose states are told one
    after another, the last again and again."""

    def __init__(self, *states: Any) -> None:
        self.states = list(states)
        self.started: list[dict[str, Any]] = []
        self.refusals: list[Exception] = []
        self.message = ""

    def client_for(self, service: str, region: str, _seconds: float) -> FakeAutomation:
        assert (service, region) == ("ssm", "us-east-2")
        return self

    def start_automation_execution(self, **asked: Any) -> dict[str, str]:
        if self.refusals:
            raise self.refusals.pop(0)
        self.started.append(asked)
        return {"AutomationExecutionId": "run-1"}

    def get_automation_execution(self, *, AutomationExecutionId: str) -> dict[str, Any]:  # noqa: N803
        assert AutomationExecutionId == "run-1"
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return {
            "AutomationExecution": {
                "AutomationExecutionStatus": state,
                "FailureMessage": self.message,
            }
        }


def after(action: Callable[[], object], answer: Any) -> Callable[[], Any]:
    """Return a step of a script that does `action` and then gives `answer`."""

    def step() -> Any:
        action()
        return answer

    return step
