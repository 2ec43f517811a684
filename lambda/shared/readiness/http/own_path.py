"""Where on a side a place leads that a site names: a site may name anything, and only the side is asked."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, urlsplit

LONGEST: Final = 255
_SCHEMES: Final = frozenset({"", "http", "https"})
_WHOLE: Final = re.compile(r"/(?!/)[!-\[\]-~]*")
"""Printable ASCII but for the blank, and the backslash, which a browser takes for a slash (URL Standard)."""
_DISGUISED: Final = re.compile(r"%(?:[01][0-9a-f]|7f|5c)", re.IGNORECASE)
_STEPS: Final = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_KEPT: Final = "%/:@!$&'()*+,;=~-._[]|^`{}<>\"?"


def own_path(place: str) -> str | None:
    """Return the path and query that `place`, a URL or a path, has on any host; None where it has none.

    The host is left out, because a site names its public one. What two readers may take for two places is
    none: user names, `//host`, backslashes, blanks and control characters (also as %0d%0a), steps like `..`,
    relative paths. Letters beyond ASCII are percent-encoded. It has at most 255 characters.
    """
    if not place.isprintable() or " " in place or "\\" in place:
        return None
    try:
        split = urlsplit(place)
        has_user = split.username is not None or split.password is not None
        has_port = split.port != 0
    except ValueError:
        return None
    if split.scheme not in _SCHEMES or bool(split.scheme) != bool(split.hostname):
        return None
    path, query = (quote(part, safe=_KEPT) for part in (split.path, split.query))
    if split.hostname and not path:
        path = "/"
    whole = f"{path}?{query}" if query else path
    fits = len(whole) <= LONGEST and _WHOLE.fullmatch(whole) and not _DISGUISED.search(whole)
    return whole if fits and has_port and not has_user and not _STEPS.search(path) else None
