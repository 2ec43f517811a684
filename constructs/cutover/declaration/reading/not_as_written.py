"""Texts and numbers that would not arrive in the templates as they stand in the declaration."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, Final

from cutover.declaration.shown import shown

PLACEHOLDERS: Final = {
    "${Token[": "CDK would take it for a value that is known later",
    "#{Token[": "CDK would take it for a list that is known later",
    "{{resolve:": "CloudFormation would put a secret or a parameter in its place",
}
_PARAMETER: Final = re.compile(r"\$\{[A-Za-z0-9_:.]+\}")
"""What CDK's check of a template takes for a parameter outside of Fn::Sub (cfn-lint, rule E1029)."""
LARGEST_NUMBER: Final = 2**53 - 1
"""Up to here every reader of JSON reads the same whole number (RFC 8259, 6); CDK's own, in Node, is one."""
DEEPEST: Final = 50
"""Lists and objects in each other. The declaration's own parts have seven."""


def not_as_written(body: Any) -> Iterator[str]:
    """Yield a sentence's end for each text, key and number in `body` that something on the way replaces,
    rounds or cannot hold."""
    waiting: list[tuple[str, Any, int]] = [("", body, 0)]
    while waiting:
        place, value, depth = waiting.pop()
        if depth > DEEPEST:
            yield f"{shown(place)} is nested more than {DEEPEST} deep. It must be: flatter."
        elif isinstance(value, dict):
            waiting += [(place, key, depth) for key in value]
            waiting += [(f"{place}.{key}", inner, depth + 1) for key, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{place}[{i}]", inner, depth + 1) for i, inner in enumerate(value)]
        else:
            why = _of_text(value) if isinstance(value, str) else _of_number(value)
            if why:
                yield f"{place} {why}"


def _of_text(text: str) -> str:
    for start, why in PLACEHOLDERS.items():
        if start in text:
            return f"holds {start}…: {why}. It must be: plain text."
    parameter = _PARAMETER.search(text)
    if parameter is not None:
        return (
            f"holds {shown(parameter[0])}: CDK's check of the templates would take it for a parameter, and "
            "refuse it. It must be: plain text."
        )
    half = next((sign for sign in text if "\ud800" <= sign <= "\udfff"), None)
    if half is None:
        return ""
    return (
        f'holds half a character (\\u{ord(half):04x}) in "{shown(text)}": no file can be written with it. '
        "It must be: whole characters."
    )


def _of_number(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "is a number beyond what JSON can hold. It must be: a number that is read back."
    if isinstance(value, int) and abs(value) > LARGEST_NUMBER:
        return (
            f"is a whole number beyond {LARGEST_NUMBER}, which CDK would round. It must be: a smaller one, "
            "or text."
        )
    return ""
