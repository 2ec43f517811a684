"""What a JSON pointer points to (RFC 6901)."""

from __future__ import annotations

import re
from typing import Any, Final

NOTHING: Final = object()
"""Stands for what is not there."""
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}")


def pointed(document: Any, pointer: str) -> Any:
    """Return what `pointer` (it begins with /) points to in `document`, or NOTHING."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(document, dict) and key in document:
            document = document[key]
        elif isinstance(document, list) and _INDEX.fullmatch(key) and int(key) < len(document):
            document = document[int(key)]
        else:
            return NOTHING
    return document
