"""Changes one number in a JSON file that a person wrote, and not a byte beside it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Final

from commands.pipeline.errors import CouldNotTellError

_SPACE: Final = " \t\r\n"


def with_number(text: str, path: Sequence[str], number: int) -> str:
    """Return `text`, which is JSON without a key twice, with `number` where the keys of `path` lead to.

    Raises
    ------
    KeyError
        When there is no such place.
    """
    start, end = _place(text, _skip(text, 0), list(path))
    return f"{text[:start]}{number}{text[end:]}"


def write_number(file: Path, path: Sequence[str], number: int) -> None:
    """Put `number` there in the file, at once or not at all; formatting, line ends and rights stay.

    Raises
    ------
    CouldNotTellError
        When the file does not hold such a place, or cannot be written.
    """
    try:
        real = file.resolve(strict=True)
        text = real.read_bytes().decode("utf-8")
        bom = "\ufeff" if text.startswith("\ufeff") else ""
        changed = with_number(text.removeprefix(bom), path, number)
        if _at(changed, path) != number:
            raise KeyError(path[-1])
        _replace(real, (bom + changed).encode("utf-8"))
    except OSError as error:
        raise CouldNotTellError(
            f"{file} cannot be written: {error.strerror}. Nothing was changed."
        ) from error
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise CouldNotTellError(
            f"{file} has no {'.'.join(path)} that could be changed. Nothing was changed."
        ) from error


def _at(text: str, path: Sequence[str]) -> object:
    value = json.loads(text)
    for key in path:
        value = value[key]
    return value


def _replace(file: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
        Path(name).chmod(file.stat().st_mode & 0o7777)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _place(text: str, at: int, path: list[str]) -> tuple[int, int]:
    """Return where the value begins and ends that `path` leads to from the value at `at`."""
    if not path:
        return at, _end(text, at)
    if text[at] != "{":
        raise KeyError(path[0])
    at = _skip(text, at + 1)
    while text[at] != "}":
        key, at = scanstring(text, at + 1)
        at = _skip(text, _skip(text, at) + 1)  # the colon
        if key == path[0]:
            return _place(text, at, path[1:])
        at = _skip(text, _end(text, at))
        if text[at] == ",":
            at = _skip(text, at + 1)
    raise KeyError(path[0])


def _end(text: str, at: int) -> int:
    _, end = json.JSONDecoder().raw_decode(text, at)
    return int(end)


def _skip(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at
