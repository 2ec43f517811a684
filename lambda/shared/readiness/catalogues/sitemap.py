"""Sitemaps, in XML and in plain text, read as they come (sitemaps.org, protocol)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from shared.readiness.catalogues.error import DiscoveryError

PAGES: Final = 50_000
"""As many as one sitemap may name; the rest is not read."""
_LONGEST: Final = 1 << 12
"""A place is shorter than 2,048 characters; the rest of a longer one is not kept, and it is no path."""
_TAG_BYTES: Final = 1 << 20
_DEEPEST: Final = 100
_NAMES: Final = 1000
_KINDS: Final = frozenset({"urlset", "sitemapindex"})
_ENTRY: Final = 2
"""How deep an entry's elements are; the <loc> of an image or a video is one level deeper."""

Tell = Callable[[str], None]


class Xml:
    """A sitemap, or an index of sitemaps, in XML.

    Nothing of it is kept but what is under way. What would make the parser keep much is refused: a document
    type, elements more than 100 deep, more than 1,000 different names, a tag of more than 1 MiB.
    """

    def __init__(self, page: Tell, sitemap: Tell) -> None:
        self._target = _Target(page, sitemap)
        self._parser = DefusedXMLParser(target=self._target, forbid_dtd=True)
        self._silent = 0

    def feed(self, piece: bytes) -> bool:
        """Read on; return whether more is wanted.

        Raises
        ------
        DiscoveryError
            When it is no sitemap, or a trap.
        """
        before = self._target.events
        self._parse(lambda: self._parser.feed(piece))
        self._silent = 0 if self._target.events > before else self._silent + len(piece)
        if self._silent > _TAG_BYTES:
            raise DiscoveryError("it holds one tag or comment of more than 1 MiB")
        return self._target.pages < PAGES

    def close(self) -> None:
        """Say that it has ended; raise DiscoveryError when it has not."""
        self._parse(self._parser.close)

    def _parse(self, parse: Callable[[], object]) -> None:
        try:
            parse()
        except DefusedXmlException as error:
            raise DiscoveryError(
                f"the XML declares a document type, which is refused: {error}"
            ) from error
        except (ParseError, ValueError, LookupError) as error:
            raise DiscoveryError(f"it is not XML: {error}") from error


class _Target:
    """Told of each element by the parser, whose names for these methods they are."""

    def __init__(self, page: Tell, sitemap: Tell) -> None:
        self._tell = {"urlset": page, "sitemapindex": sitemap}
        self._kind = ""
        self._deep = 0
        self._place: list[str] | None = None
        self._length = 0
        self._names: set[str] = set()
        self.events = 0
        self.pages = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.events += 1
        self._names.update([tag, *attributes])
        if len(self._names) > _NAMES:
            raise DiscoveryError(
                f"it uses more than {_NAMES} different names, which no sitemap does"
            )
        local = tag.rpartition("}")[2]
        if self._deep == 0:
            if local not in _KINDS:
                raise DiscoveryError(
                    f"its root is <{local}>: it must be <urlset> or <sitemapindex>"
                )
            self._kind = local
        elif self._deep == _ENTRY and local == "loc":
            self._place, self._length = [], 0
        self._deep += 1
        if self._deep > _DEEPEST:
            raise DiscoveryError(f"its elements are more than {_DEEPEST} deep")

    def data(self, text: str) -> None:
        self.events += 1
        if self._place is not None and self._deep == _ENTRY + 1 and self._length < _LONGEST:
            self._place.append(text)
            self._length += len(text)

    def end(self, _tag: str) -> None:
        self.events += 1
        self._deep -= 1
        if self._place is not None and self._deep == _ENTRY:
            self.pages += 1
            self._tell[self._kind]("".join(self._place).strip())
            self._place = None

    def close(self) -> None:
        pass


class Text:
    """A sitemap in plain text: one whole URL a line, in UTF-8, and nothing else."""

    def __init__(self, page: Tell) -> None:
        self._page = page
        self._rest = b""
        self._lines = 0
        self._pages = 0

    def feed(self, piece: bytes) -> bool:
        """Read on; return whether more is wanted.

        Raises
        ------
        DiscoveryError
            When a line is no URL.
        """
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._line(line)
            if self._pages >= PAGES:
                return False
        if len(self._rest) > _LONGEST:
            self._line(self._rest)
        return True

    def close(self) -> None:
        """Say that it has ended; raise DiscoveryError when its last line is no URL."""
        self._line(self._rest)

    def _line(self, line: bytes) -> None:
        self._lines += 1
        if len(line) > _LONGEST:
            raise DiscoveryError(f"{_NO_LIST}: line {self._lines} is longer than {_LONGEST} bytes")
        try:
            place = line.removeprefix(b"\xef\xbb\xbf").decode().strip()
        except UnicodeDecodeError as error:
            raise DiscoveryError(f"{_NO_LIST}: line {self._lines} is not UTF-8") from error
        if not place:
            return
        if not _is_url(place):
            raise DiscoveryError(f"{_NO_LIST}: line {self._lines} is {place[:60]!r}")
        self._pages += 1
        self._page(place)


_NO_LIST: Final = "it is neither XML nor JSON nor a list of whole URLs, one a line"


def _is_url(place: str) -> bool:
    try:
        split = urlsplit(place)
    except ValueError:
        return False
    return split.scheme in {"http", "https"} and bool(split.netloc)
