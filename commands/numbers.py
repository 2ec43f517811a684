"""Numbers that a person types: read, or refused with what would be right."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Final

_SHOWN: Final = 40


def whole(low: int, high: int) -> Callable[[str], int]:
    """Return what reads a whole number from `low` to `high`; anything else ends with a sentence."""

    def read(text: str) -> int:
        # int() takes "1_0" and digits of other scripts too. Nobody means them.
        number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,15}", text) else None
        if number is None or not low <= number <= high:
            raise argparse.ArgumentTypeError(
                f"{text[:_SHOWN]!r} makes no sense. It must be: a whole number from {low} to {high}"
            )
        return number

    return read


def above_zero(high: float) -> Callable[[str], float]:
    """Return what reads a number above 0 and up to `high`; anything else ends with a sentence."""

    def read(text: str) -> float:
        number = float(text) if re.fullmatch(r"\+?[0-9]{1,15}(\.[0-9]{1,15})?", text) else None
        if number is None or not 0 < number <= high:
            raise argparse.ArgumentTypeError(
                f"{text[:_SHOWN]!r} makes no sense. It must be: a number above 0, up to {high:g}"
            )
        return number

    return read
