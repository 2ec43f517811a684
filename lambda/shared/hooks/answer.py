"""What a function answers as a hook, read strictly: nothing that is not understood lets a weight rise."""

from __future__ import annotations

import json
from typing import Any, Final

from shared.shown import shown, shown_value

LONGEST_BYTES: Final = 20_000
REASON: Final = 400
"""How much of a hook's reason is shown."""
_RIGHT: Final = 'It must be {"allow": true}, or {"allow": false, "reason": "why"}'


def against(answer: bytes) -> str:
    """Return why the hook refuses or is not understood, or nothing when it allows. Other keys are let be."""
    if len(answer) > LONGEST_BYTES:
        return f"its answer has more than {LONGEST_BYTES:,} bytes. {_RIGHT}"
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return f"its answer is no JSON. {_RIGHT}"
    if not isinstance(said, dict):
        return f"its answer is {shown_value(said)}. {_RIGHT}"
    allow = said.get("allow")
    if isinstance(allow, bool):
        return "" if allow else _refusal(said.get("reason"))
    given = shown_value(allow) if "allow" in said else "missing"
    return f"allow is {given} in its answer. {_RIGHT}"


def _refusal(reason: Any) -> str:
    if not isinstance(reason, str) or not reason.strip():
        return "it refused without a reason"
    return shown(reason.strip(), REASON).rstrip(".")


def failed(answer: bytes) -> str:
    """Return what Lambda says of a function that threw or ran out of its own time: an object with
    errorType and errorMessage (Lambda Developer Guide, python-exceptions)."""
    try:
        said = json.loads(answer[:LONGEST_BYTES])
        parts = [str(said[key]) for key in ("errorType", "errorMessage") if said.get(key)]
    except (ValueError, RecursionError, AttributeError):
        parts = []
    return shown(f"it failed: {': '.join(parts) or 'nobody knows why'}", REASON).rstrip(".")
