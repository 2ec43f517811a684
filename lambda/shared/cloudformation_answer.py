"""How a custom resource answers CloudFormation."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from typing import Any, Final

REASON_BYTES: Final = 2000
"""CloudFormation takes an answer of 4,096 bytes (CloudFormation User Guide, crpg-ref-responses)."""


def answer(event: Mapping[str, Any], reason: str) -> None:
    """Say that it failed for a `reason`, or that it is done where there is none; the physical id never
    changes, so nothing is ever replaced."""
    said = {
        "Status": "FAILED" if reason else "SUCCESS",
        "Reason": _cut(reason),
        "PhysicalResourceId": event.get("PhysicalResourceId") or event.get("LogicalResourceId"),
        "StackId": event.get("StackId"),
        "RequestId": event.get("RequestId"),
        "LogicalResourceId": event.get("LogicalResourceId"),
    }
    request = urllib.request.Request(  # noqa: S310 - the address is CloudFormation's own
        event["ResponseURL"],
        data=json.dumps(said, ensure_ascii=False).encode(errors="backslashreplace"),
        method="PUT",
        headers={"content-type": ""},
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310
        pass


def _cut(reason: str) -> str:
    # Half a character, which a site or an error may hold, is spelt out.
    told = reason.encode(errors="backslashreplace")
    if len(told) <= REASON_BYTES:
        return told.decode()
    return told[:REASON_BYTES].decode(errors="ignore") + "…"
