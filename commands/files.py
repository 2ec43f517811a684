"""Files and folders that a person names, and JSON that another run left in one."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

LARGEST_BYTES: Final = 20_000_000
"""Of whatever a command reads whole."""


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
        When it is no file, like a device, which may never end; when it is larger than 20 MB; or when it is
        not JSON in UTF-8.
    """
    with file.open("rb") as opened:
        if not file.is_file():
            raise ValueError("it is not a file")
        data = opened.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise ValueError(f"it is larger than {LARGEST_BYTES:,} bytes")
    try:
        return json.loads(data.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
