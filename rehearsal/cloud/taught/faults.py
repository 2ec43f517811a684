"""Teaches MiniStack to get things wrong as told (`rehearsal.cloud.faults`), and to note to the millisecond
when an alarm changes and when a function starts.

Nothing of it is there unless the file is named: `make rehearse` and the tests run without.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import ministack.app
from ministack.services import cloudwatch, lambda_svc
from ministack.services.cloudformation import provisioners

from rehearsal.cloud.faults import VARIABLE, Fault, Injected

_SIGNED_FOR: Final = re.compile(rb"Credential=[^,]+/([a-z0-9-]+)/aws4_request")
_CHANGED_TYPES: Final = ("AWS::Route53::RecordSet", "AWS::CloudFront::Function")
_LONGEST_HANG_SECONDS: Final = 60.0
Send = Callable[[dict[str, Any]], Awaitable[None]]


def teach() -> None:
    """Register the faults, if there may be any."""
    file = os.environ.get(VARIABLE)
    if not file:
        return
    injected = Injected(Path(file))
    _teach_calls(injected)
    _teach_functions(injected)
    _teach_changes(injected)
    _note_alarms(injected)


def _teach_calls(injected: Injected) -> None:
    plain = ministack.app.app

    async def app(scope: dict[str, Any], receive: Any, send: Send) -> None:
        fault = injected.call(*_asked(scope)) if scope["type"] == "http" else None
        if fault is None:
            await plain(scope, receive, send)
        elif fault.how == "hang":
            await asyncio.sleep(_LONGEST_HANG_SECONDS)
        else:
            await _refuse(fault, send)

    ministack.app.app = app


def _asked(scope: dict[str, Any]) -> tuple[str, str, str]:
    headers = dict(scope.get("headers") or ())
    signed = _SIGNED_FOR.search(headers.get(b"authorization", b""))
    return signed[1].decode() if signed else "", scope["method"], scope["path"]


async def _refuse(fault: Fault, send: Send) -> None:
    said = f"injected by the drill: {fault.how}"
    # Route 53, CloudFront and load balancers speak XML, the KeyValueStore's data API JSON.
    if fault.of in {"route53", "cloudfront", "elasticloadbalancing"}:
        kind, body = (
            "text/xml",
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{fault.how}</Code>"
            f"<Message>{said}</Message></Error><RequestId>drill</RequestId></ErrorResponse>",
        )
    else:
        kind, body = "application/json", json.dumps({"__type": fault.how, "message": said})
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-amzn-errortype", fault.how.encode()),
    ]
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": body.encode()})


def _teach_functions(injected: Injected) -> None:
    plain, plain_async = lambda_svc._execute_function, lambda_svc.invoke_async_with_retry

    def execute(func: dict[str, Any], event: dict[str, Any]) -> Any:
        config = func.get("config") or func
        # Then it comes by here once more, under the function's own region.
        if lambda_svc._function_config_scope_mismatch(config):
            return plain(func, event)
        name = config["FunctionName"]
        fault = injected.function(name, "error", "throttle")
        if fault is None:
            injected.note("started", name)
            return plain(func, event)
        if fault.how == "throttle":
            return lambda_svc._throttle_response(
                reason_code="ConcurrentInvocationLimitExceeded", msg="injected by the drill"
            )
        failed = {"errorType": "Runtime.ExitError", "errorMessage": "injected by the drill"}
        return {"error": True, "body": failed, "log": ""}

    def invoke_async(func: dict[str, Any], event: dict[str, Any]) -> None:
        config = func.get("config") or func
        plain_async(func, event)
        if injected.function(config["FunctionName"], "twice") is not None:
            plain_async(func, event)

    lambda_svc._execute_function = execute
    lambda_svc.invoke_async_with_retry = invoke_async


def _teach_changes(injected: Injected) -> None:
    for resource_type in _CHANGED_TYPES:
        handlers = provisioners._RESOURCE_HANDLERS[resource_type]
        provisioners._RESOURCE_HANDLERS[resource_type] = handlers | {
            "update": _changed(injected, resource_type, handlers["update"])
        }


def _changed(injected: Injected, resource_type: str, plain: Any) -> Any:
    def update(*arguments: Any) -> Any:
        fault = injected.change(resource_type)
        if fault is not None:
            raise RuntimeError(fault.how)
        return plain(*arguments)

    return update


def _note_alarms(injected: Injected) -> None:
    plain = cloudwatch._record_history

    def record(name: str, before: str, after: str, reason: str, *more: Any, **named: Any) -> None:
        injected.note("alarm", name, before=before, after=after, reason=reason)
        plain(name, before, after, reason, *more, **named)

    cloudwatch._record_history = record
