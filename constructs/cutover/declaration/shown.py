"""What a person typed, as it may be shown: in one line, not too long, and without control characters."""

from __future__ import annotations

import json
from typing import Any, Final

SHOWN_AT_MOST: Final = 80


def shown(text: str, most: int = SHOWN_AT_MOST) -> str:
    """Return `text` in one line of at most `most` characters; what no terminal should get becomes a ?."""
    # Cut before anything else: somebody may have typed a hundred megabytes.
    cut = text[:most] if len(text) <= most else text[: most - 1] + "…"
    return "".join(letter if letter.isprintable() else "?" for letter in cut)


def shown_value(value: Any) -> str:
    """Return a value as JSON has it, shown."""
    if isinstance(value, dict | list | tuple):
        # Its size and depth are unknown: only what is small is written out.
        kind = "an object" if isinstance(value, dict) else "a list"
        if len(value) > SHOWN_AT_MOST or any(isinstance(v, dict | list) for v in _values(value)):
            return f"{kind} of {len(value)}"
    try:
        return shown(json.dumps(value, ensure_ascii=False, default=lambda _: "…"))
    except ValueError:
        return "a number of too many digits"


def _values(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value
