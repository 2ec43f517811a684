"""What somebody else wrote, as it may be shown: one printable line, not too long.

A person, a site or a stored value may hold line ends, terminal codes, marks that turn the direction of
writing, characters of no width, and half characters that no file can be written with. None of them reaches a
terminal, a page, a mail, a log or the evidence.
"""

from __future__ import annotations

import json
from typing import Any, Final

SENTENCE: Final = 600
NAME: Final = 120
"""What a name may have; a mail address has 254 at most and hardly ever 100."""


def shown(text: str, most: int = SENTENCE) -> str:
    """Return `text` as one line of at most `most` characters; each that cannot be seen is spelt out.

    Shown again, it stays as it is.
    """
    # Cut first: it may have megabytes.
    line = "".join(map(spelt, text[: most + 1]))
    return line if len(line) <= most else line[: most - 1] + "…"


def shown_value(value: Any, most: int = NAME) -> str:
    """Return a value of JSON as JSON has it, shown; of what holds others, how many."""
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    try:
        return shown(json.dumps(value, ensure_ascii=False, default=str), most)
    except ValueError:
        return "a number of too many digits"


def shown_json(text: str) -> str:
    """Return `text`, which is JSON, with every character that cannot be seen in JSON's own spelling: it says
    the same."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def spelt(character: str) -> str:
    """Return `character` itself if it can be seen, else its name in Python's spelling, like \\x1b."""
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
