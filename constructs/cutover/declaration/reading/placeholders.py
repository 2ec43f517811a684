"""Texts that CDK or CloudFormation would replace by something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

PLACEHOLDERS: Final = {
    "${Token[": "CDK would take it for a value that is known later",
    "{{resolve:": "CloudFormation would put a secret or a parameter in its place",
}


def placeholders(body: Any) -> Iterator[str]:
    """Yield a sentence's end for each text or key in `body` that holds a placeholder."""
    waiting: list[tuple[str, Any]] = [("", body)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(place, key) for key in value]
            waiting += [(f"{place}.{key}", inner) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}[{i}]", inner) for i, inner in enumerate(value)]
        elif isinstance(value, str):
            for start, why in PLACEHOLDERS.items():
                if start in value:
                    yield f"{place} holds {start}…: {why}. It must be: plain text."
