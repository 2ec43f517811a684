"""The files that HTML pages name: scripts, styles, pictures, told within a time limit whatever the pages.

Python's `html.parser` may take very long on a page that is made for it, and a thread that is in it cannot be
stopped. A process can be killed, so the parsing has one, and each page its time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, Final

PAGE_CHARACTERS: Final = 1 << 18
"""As much of a page is read: what a page names stands at its beginning and end, and few have more."""
MOST: Final = 500
"""Names of one page."""
SECONDS: Final = 10.0
_A_PAGE: Final = 0.5
# What the HTML Standard calls external resources; canonical, next and the like are links to pages.
_PARSE: Final = f"""
import json, re, signal, sys
from html.parser import HTMLParser
signal.alarm(int(sys.argv[1]) + 1)
FILES = {{"stylesheet", "icon", "apple-touch-icon", "mask-icon", "preload", "modulepreload"}}
FILES.add("manifest")
class Late(Exception):
    pass
class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.base, self.found = "", []
    def handle_starttag(self, tag, attributes):
        has = {{name: value or "" for name, value in reversed(attributes)}}
        if tag == "base" and not self.base:
            self.base = has.get("href", "")
        if tag == "link" and FILES & set(has.get("rel", "").lower().split()):
            self.add(has.get("href", ""))
            self.set(has.get("imagesrcset", ""))
        if tag in ("script", "img", "source"):
            self.add(has.get("src", ""))
            self.set(has.get("srcset", ""))
    def add(self, place):
        if place.strip() and len(place) < 2000 and len(self.found) < {MOST}:
            self.found.append(place.strip())
    def set(self, several):
        # A URL, then perhaps a width, then a comma (HTML Standard, parsing a srcset attribute).
        at = 0
        while found := re.compile(r"[\\s,]*([^\\s,]\\S*)").match(several, at):
            at = found.end()
            if not found[1].endswith(","):
                at = several.find(",", at) % (len(several) + 1)
            self.add(found[1].rstrip(","))
def late(*_):
    raise Late
signal.signal(signal.SIGVTALRM, late)
told = []
for page in json.load(sys.stdin):
    reader = Page()
    signal.setitimer(signal.ITIMER_VIRTUAL, {_A_PAGE})
    try:
        reader.feed(page)
        reader.close()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        told.append([reader.base, reader.found])
    except (Late, AssertionError, RecursionError, ValueError):
        told.append(None)
json.dump(told, sys.stdout)
"""


class PagesError(Exception):
    """The pages cannot be read; the message says why."""


def named_files(
    pages: Sequence[str], *, seconds: float = SECONDS
) -> list[tuple[str, list[str]] | None]:
    """Return for each page its base and the places of the files that it names, 500 at most, as they stand
    there; None for a page that cannot be read within half a second of processor.

    Of each page the first 262,144 characters are read.

    Raises
    ------
    PagesError
        When all of them are not done within `seconds`.
    """
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own words
            [sys.executable, "-I", "-S", "-c", _PARSE, str(int(seconds))],
            input=json.dumps([page[:PAGE_CHARACTERS] for page in pages]).encode(),
            capture_output=True,
            timeout=seconds,
            check=True,
        )
        told: list[Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError) as error:
        raise PagesError(f"the pages could not be read within {seconds:g} s") from error
    return [None if one is None else (str(one[0]), list(one[1])) for one in told]
