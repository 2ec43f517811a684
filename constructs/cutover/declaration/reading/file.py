"""Reads a JSON file that a person wrote; whatever stands in it, the answer is a value or a sentence."""

from __future__ import annotations

import json
import math
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from cutover.declaration.reading.errors import DeclarationError
from cutover.declaration.shown import shown

LARGEST_BYTES: Final = 1_000_000
"""A declaration of 200 services has a tenth of it."""

_LONGEST_NUMBER: Final = 40
_MOST_DIGITS: Final = 300
"""More than any number has that a reader of JSON takes for a decimal one."""


def read_json(name: str, *, called: str = "") -> Any:
    """Return what the file `name` holds; a refusal names it as it was `called`.

    Raises
    ------
    DeclarationError
        When it cannot be read, is not JSON as RFC 8259 has it, or holds a key twice: JSON readers
        take the last one, and a person reads the first.
    """
    try:
        value = json.loads(
            _text(name, called or name),
            object_pairs_hook=_Object,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
        twice = next(_twice(value, ""), None)
    except RecursionError:
        raise _refused(called or name, "is nested too deeply to be a declaration") from None
    except json.JSONDecodeError as error:
        raise _refused(called or name, f"is not JSON: {error}") from error
    except ValueError as error:
        raise _refused(called or name, f"holds a number that cannot be read: {error}") from error
    if twice is not None:
        raise _refused(
            called or name, f"has the key {shown(twice)} twice: keep the one that is meant"
        )
    return value


def _text(name: str, called: str) -> str:
    try:
        path = Path(name)
        # Not is_file(), which takes links in a circle, and a folder that nobody may enter, for nothing there.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refused(called, "is not a file. Give a JSON file")
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise _refused(called, f"cannot be read: {error.strerror}. Give a JSON file") from error
    except ValueError:
        raise _refused(called, "is not the name of a file. Give a JSON file") from None
    if len(data) > LARGEST_BYTES:
        raise _refused(called, f"is larger than {LARGEST_BYTES:,} bytes, which no declaration is")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(
            called, f"is not UTF-8: byte {error.start} is not. Save it as UTF-8"
        ) from error


def _refused(called: str, why: str) -> DeclarationError:
    return DeclarationError([f"{shown(called, 200)} {why}."])


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is not a number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _too_large(text)
    return number


def _whole(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise _too_large(text)
    return int(text)


def _too_large(text: str) -> ValueError:
    return ValueError(f"{shown(text, _LONGEST_NUMBER)} is beyond what JSON's readers can hold")


class _Object(dict[str, Any]):
    """An object that remembers the first key that it was given twice."""

    twice: str | None = None

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        if len(self) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    self.twice = key
                    break
                seen.add(key)


def _twice(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, _Object):
        if value.twice is not None:
            yield f"{place}{value.twice}"
        for key, inner in value.items():
            yield from _twice(inner, f"{place}{key}.")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _twice(inner, f"{place}{index}.")
