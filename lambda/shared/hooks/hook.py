"""Calls a hook, a Lambda function or an Automation document, and waits for its answer no longer than
declared."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

from shared.doors.patience import TRANSIENT
from shared.hooks.answer import LONGEST_BYTES, REASON, against, failed
from shared.hooks.asked import Asked
from shared.shown import shown

WAIT_SECONDS: Final = 2.0
"""Between two attempts at a hook that AWS throttles, and between two looks at a document that runs."""

_TELL_SECONDS: Final = 3.0
"""How long a call that is answered at once may take."""
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_RUNS: Final = frozenset(
    {"Pending", "InProgress", "Waiting", "Cancelling", "RunbookInProgress", "Scheduled"}
)
_DONE: Final = frozenset({"Success", "CompletedWithSuccess"})
"""Systems Manager API reference, AutomationExecution, AutomationExecutionStatus. Every other one, like
PendingApproval, waits for a person or is an end without success."""


class ClientFor(Protocol):
    """Makes a client of `service` in `region` whose calls wait for an answer for `seconds`."""

    def __call__(self, service: str, region: str, seconds: float) -> Any:
        """Return it."""


def client_for(service: str, region: str, seconds: float) -> Any:
    """Return a client that asks once: who repeats a call must know how much time is left."""
    config = Config(
        connect_timeout=min(5.0, seconds),
        read_timeout=seconds,
        retries={"mode": "standard", "total_max_attempts": 1},
        tcp_keepalive=True,
    )
    return boto3.client(service, region_name=region, config=config)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Hook:
    """A declared hook.

    Attributes
    ----------
    arn : str
        Of a Lambda function, with a version or an alias or without, or of an Automation document.
    seconds : int
        How long its answer is waited for.
    role_arn : str
        What the document may do; empty for a function, which has a role of its own.
    """

    arn: str
    seconds: int
    role_arn: str = ""

    @property
    def _region(self) -> str:
        return self.arn.split(":")[3]

    @property
    def _is_a_document(self) -> bool:
        return self.arn.split(":")[2] == "ssm"

    def ask(
        self,
        asked: Asked,
        *,
        clients: ClientFor = client_for,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> str:
        """Return why the hook does not allow it, or nothing when it does.

        While AWS throttles the call or cannot be reached, it is repeated with the same token. A function that
        does not answer within `seconds` has not allowed it, whatever it still does.
        """
        began, why = clock(), ""
        while True:
            left = self.seconds - (clock() - began)
            if left <= 0:
                return f"it did not answer within {self.seconds} s{why}"
            try:
                if self._is_a_document:
                    return self._run(asked, clients, left, clock, sleep)
                return self._call(asked, clients, left)
            except ReadTimeoutError as error:
                if not self._is_a_document:
                    return f"it did not answer within {self.seconds} s"
                why = shown(f": {error}", REASON)
            except ClientError as error:
                if not _passes_by(error):
                    return shown(f"it cannot be called: {error}", REASON)
                why = shown(f": {error}", REASON)
            except (ConnectionError, HTTPClientError) as error:
                why = shown(f": {error}", REASON)
            except BotoCoreError as error:
                return shown(f"it cannot be called: {error}", REASON)
            sleep(min(WAIT_SECONDS, max(0.0, self.seconds - (clock() - began))))

    def tell(self, asked: Asked, *, clients: ClientFor = client_for) -> str:
        """Call it and wait for nothing but that AWS has the call; return why AWS has not, or nothing."""
        try:
            if self._is_a_document:
                self._start(clients("ssm", self._region, _TELL_SECONDS), asked)
            else:
                clients("lambda", self._region, _TELL_SECONDS).invoke(
                    FunctionName=self.arn, InvocationType="Event", Payload=_bytes(asked)
                )
        except (ClientError, BotoCoreError) as error:
            return shown(f"it cannot be called: {error}", REASON)
        return ""

    def _call(self, asked: Asked, clients: ClientFor, left: float) -> str:
        answer = clients("lambda", self._region, left).invoke(
            FunctionName=self.arn, InvocationType="RequestResponse", Payload=_bytes(asked)
        )
        said = answer["Payload"].read(LONGEST_BYTES + 1)
        # Lambda answers 200 also where the function threw (Lambda API reference, Invoke).
        return failed(said) if answer.get("FunctionError") else against(said)

    def _run(
        self,
        asked: Asked,
        clients: ClientFor,
        left: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> str:
        began = clock()
        client = clients("ssm", self._region, min(left, _TELL_SECONDS))
        execution = self._start(client, asked)
        while True:
            run = _seen(client, execution)
            status = run.get("AutomationExecutionStatus", "InProgress")
            if status in _DONE:
                return ""
            if status not in _RUNS:
                said = run.get("FailureMessage") or "it says no more"
                return shown(f"its execution {execution} is {status}: {said}", REASON)
            if clock() - began + WAIT_SECONDS > left:
                return f"its execution {execution} did not end within {self.seconds} s"
            sleep(WAIT_SECONDS)

    def _start(self, client: Any, asked: Asked) -> str:
        name, _, version = self.arn.partition(":document/")[2].partition(":")
        of_version = {"DocumentVersion": version} if version else {}
        answer = client.start_automation_execution(
            DocumentName=name,
            # A token that was used already is answered with the execution that it began, or refused.
            ClientToken=asked.token,
            Parameters=asked.parameters() | {"AutomationAssumeRole": [self.role_arn]},
            **of_version,
        )
        return str(answer["AutomationExecutionId"])


def _seen(client: Any, execution: str) -> Mapping[str, Any]:
    """Return the execution as it stands; nothing where it could not be seen this time."""
    try:
        found: Mapping[str, Any] = client.get_automation_execution(AutomationExecutionId=execution)
    except ClientError as error:
        if not _passes_by(error):
            raise
        return {}
    except (ConnectionError, HTTPClientError):
        return {}
    run: Mapping[str, Any] = found["AutomationExecution"]
    return run


def _bytes(asked: Asked) -> bytes:
    return json.dumps(asked.payload()).encode()


def _passes_by(error: ClientError) -> bool:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code in TRANSIENT or status == _TOO_MANY or status >= _SERVER_ERROR
