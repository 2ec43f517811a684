"""Paths that people do not want to be taken from a document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate
from urllib.parse import unquote


class Excluded:
    """Patterns of paths: `*` is any number of characters, `?` exactly one, and capitals count, as in
    edge.static_paths; a path's query does not count."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = [re.compile(translate(one.replace("[", "[[]"))) for one in patterns]

    def covers(self, path: str) -> bool:
        """Return whether a pattern covers `path`, as it is written or percent-decoded."""
        asked = path.partition("?")[0]
        spelt = {asked, unquote(asked)}
        return any(one.match(way) for one in self._patterns for way in spelt)
