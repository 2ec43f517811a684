"""Teaches MiniStack how Lambda goes about a call that nobody waits for: a failed one is tried twice more,
a throttled one again and again, what is given up goes to the on-failure destination, and each attempt
counts in the function's metrics.

Source: Lambda Developer Guide, invocation-async-error-handling: one minute before the second attempt, two
before the third; a throttled call is put back and tried again after 1 s, then after ever longer, up to 5
minutes. By default the minutes are seconds here, so that a test ends the same day; a drill has them in full.
"""

from __future__ import annotations

import contextvars
import json
import os
import threading
import time
from typing import Any, Final

from ministack.services import eventbridge, lambda_svc

VARIABLE: Final = "REHEARSAL_RETRY_SECONDS"
"""Names how long to wait before the second attempt; before the third it is twice that."""

_LONGEST_WAIT_SECONDS: Final = 300.0
_OLDEST_SECONDS: Final = 21600


def teach() -> None:
    """Replace how such calls are made."""
    first_wait = float(os.environ.get(VARIABLE, "1"))

    def invoke(func: dict[str, Any], event: dict[str, Any]) -> None:
        def run() -> None:
            config = func.get("config") or func
            account, region = lambda_svc._account_region_from_function_config(config)
            lambda_svc._request_account_id.set(account)
            lambda_svc._request_region.set(region)
            _attempt(func, event, first_wait)

        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(run,), daemon=True).start()

    lambda_svc.invoke_async_with_retry = invoke
    eventbridge._dispatch_to_lambda = _by_rule


def _by_rule(arn: str, payload: str) -> None:
    """Call the function of a rule's target as asynchronously as any other service does (Lambda Developer
    Guide, invocation-async): MiniStack calls it once, and counts nothing."""
    function, _config, name = lambda_svc._get_func_record_for_ref(arn)
    if function is None:
        eventbridge.logger.error("no function %s", name)
        return
    lambda_svc.invoke_async_with_retry(function, json.loads(payload))


def _attempt(func: dict[str, Any], event: dict[str, Any], first_wait: float) -> None:
    name = (func.get("config") or func)["FunctionName"]
    settings = _settings(func)
    retries = settings.get("MaximumRetryAttempts")
    retries = 2 if retries is None else int(retries)
    oldest = float(settings.get("MaximumEventAgeInSeconds") or _OLDEST_SECONDS)
    began, failed, throttled = time.time(), 0, 0
    while True:
        at = time.time()
        result = lambda_svc._execute_function(func, event)
        lambda_svc._emit_lambda_metrics(
            name,
            duration_ms=1000 * (time.time() - at),
            error=bool(result.get("error")) and not result.get("throttle"),
            # MiniStack counts those that it throttles by itself.
            throttle=False,
        )
        if not result.get("error"):
            return
        if result.get("throttle"):
            wait = min(2.0**throttled, _LONGEST_WAIT_SECONDS)
            throttled += 1
        else:
            wait = first_wait * (failed + 1)
            failed += 1
        if failed > retries or time.time() - began + wait > oldest:
            break
        time.sleep(wait)
    target = (settings.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
    if target:
        lambda_svc._route_async_failure(target, name, event, result)


def _settings(func: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (
        func.get("event_invoke_config")
        or (func.get("event_invoke_configs") or {}).get("$LATEST")
        or {}
    )
    return found
