"""Files and folders that a person names, and JSON that another run left in one."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

LARGEST_BYTES: Final = 20_000_000
"""Of whatever a command reads whole."""
DEEPEST: Final = 100
"""Lists and objects in each other: a template has hardly twenty. What is done with it recurses, and Python
goes no deeper than some hundred."""


def named(text: str) -> Path:
    """Return the path that `text` names; nothing names none, though Python takes it for this folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError(
            "nothing is given. It must be: the name of a file or folder"
        )
    return Path(text)


def json_in(file: Path) -> Any:
    """Return what `file` holds.

    Raises
    ------
    OSError
        When it cannot be read.
    ValueError
        When it is no file, like a device, which may never end; when it is larger than 20 MB, or nested
        more than 100 deep; or when it is not JSON in UTF-8.
    """
    with file.open("rb") as opened:
        if not file.is_file():
            raise ValueError("it is not a file")
        data = opened.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise ValueError(f"it is larger than {LARGEST_BYTES:,} bytes")
    try:
        held = json.loads(data.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if _is_deeper(held, DEEPEST):
        raise ValueError("it is nested too deeply")
    return held


def _is_deeper(held: Any, most: int) -> bool:
    """Return whether lists and objects lie in each other more than `most` deep, without recursing."""
    level = [held]
    for _ in range(most + 1):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)
