"""One document, and the sitemaps that it leads to, read as it comes: whatever its kind and however it is
packed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Set
from typing import Final, Protocol

from shared.readiness.catalogues.error import DiscoveryError
from shared.readiness.catalogues.excluded import Excluded
from shared.readiness.catalogues.openapi import BYTES as OPENAPI_BYTES
from shared.readiness.catalogues.openapi import openapi
from shared.readiness.catalogues.sample import Sample
from shared.readiness.catalogues.sitemap import Text, Xml
from shared.readiness.http.own_path import own_path
from shared.readiness.http.unpacking import Gzip

BYTES: Final = 52_428_800
"""A sitemap is no longer, unpacked (sitemaps.org, protocol). With all that one leads to no more is read."""
SITEMAPS: Final = 10
_GZIP: Final = b"\x1f\x8b"
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
_XML: Final = (b"<", b"\xff\xfe<", b"\xfe\xff\x00<")
_FIRST_BYTES: Final = 1 << 10
_NO_PATH: Final = "are no plain paths"


class Tally:
    """What a declared document names, with all that it leads to.

    Attributes
    ----------
    named : int
        How many places.
    declared, excluded : int
        How many of them are endpoints of the declaration, and covered by a pattern.
    left_out : Counter
        How many cannot be asked for, by the reason.
    sample : Sample
        Of all others.
    sitemaps : Sample
        The further sitemaps that it names.
    bytes_left : int
        How much more is read.
    is_cut : bool
        Whether something was longer than is read.
    """

    def __init__(self, known: Set[str], excluded: Excluded, most: int) -> None:
        self._known = known
        self._excluded = excluded
        self.named = 0
        self.declared = 0
        self.excluded = 0
        self.left_out: Counter[str] = Counter()
        self.sample = Sample(most)
        self.sitemaps = Sample(SITEMAPS)
        self.bytes_left = BYTES
        self.is_cut = False

    def page(self, place: str) -> None:
        """Take a place that is named into account."""
        self.named += 1
        path = own_path(place)
        if path is None:
            self.left_out[_NO_PATH] += 1
        elif path in self._known:
            self.declared += 1
        elif self._excluded.covers(path):
            self.excluded += 1
        else:
            self.sample.add(path)

    def sitemap(self, place: str) -> None:
        """Take a further sitemap into account."""
        path = own_path(place)
        if path is not None:
            self.sitemaps.add(path)


class _Parser(Protocol):
    def feed(self, piece: bytes) -> bool: ...

    def close(self) -> None: ...


class Reader:
    """Reads one document into a tally, piece by piece.

    Memory is bounded by what is under way: an OpenAPI document is kept whole, up to 10 MiB, and one at a
    time is taken apart. A sitemap is not kept.
    """

    def __init__(self, path: str, tally: Tally, parsing: asyncio.Lock) -> None:
        self._path = path
        self._tally = tally
        self._parsing = parsing
        self._gzip: Gzip | None = None
        self._begun = b""
        self._has_begun = False
        self._parser: _Parser | None = None
        self._kept: bytearray | None = None
        self._is_cut = False

    async def take(self, piece: bytes) -> bool:
        """Read on; return whether more is wanted.

        Raises
        ------
        DiscoveryError
            When it cannot be read.
        """
        if not self._has_begun:
            self._begun += piece
            if len(self._begun) < len(_GZIP):
                return True
            piece, self._begun, self._has_begun = self._begun, b"", True
            self._gzip = Gzip() if piece.startswith(_GZIP) else None
        try:
            for unpacked in (piece,) if self._gzip is None else self._gzip.pieces(piece):
                if not self._read(unpacked):
                    self._is_cut = self._tally.is_cut = True
                    return False
                # What is there already comes without a pause, in which nothing else could be done.
                await asyncio.sleep(0)
        except ValueError as error:
            raise DiscoveryError(str(error)) from error
        return True

    async def finish(self) -> None:
        """Take into account what is read.

        Raises
        ------
        DiscoveryError
            When it cannot be read, or has not ended.
        """
        if self._is_cut:
            return
        if not self._has_begun:
            self._read(self._begun)
        if self._gzip is not None and not self._gzip.is_whole:
            raise DiscoveryError("its gzip ends too early")
        if self._parser is None and self._kept is None:
            self._begin(self._begun)
        if self._parser is not None:
            self._parser.close()
        if self._kept is not None:
            async with self._parsing:
                named = await asyncio.to_thread(openapi, bytes(self._kept), self._path)
            self._kept = None
            self._tally.named += named.left_out.total()
            self._tally.left_out += named.left_out
            for place in named.places:
                self._tally.page(place)

    def _read(self, unpacked: bytes) -> bool:
        whole = len(unpacked) <= self._tally.bytes_left
        unpacked = unpacked[: self._tally.bytes_left]
        self._tally.bytes_left -= len(unpacked)
        if self._parser is None and self._kept is None:
            self._begun += unpacked
            if len(self._begun.lstrip(_BLANK)) < len(max(_XML, key=len)) and whole:
                if len(self._begun) > _FIRST_BYTES:
                    raise DiscoveryError("it begins with more than a kibibyte of blanks")
                return True
            unpacked, self._begun = self._begun, b""
            return self._begin(unpacked) and whole
        return self._go_on(unpacked) and whole

    def _begin(self, first: bytes) -> bool:
        start = first.lstrip(_BLANK)
        if start.startswith(_XML) or first.startswith(_XML):
            self._parser = Xml(self._tally.page, self._tally.sitemap)
            # XML must begin with its declaration.
            first = first if first.startswith(_XML) else start
        elif start[:1] in {b"{", b"["} or not start:
            self._kept = bytearray()
        else:
            self._parser = Text(self._tally.page)
        return self._go_on(first)

    def _go_on(self, piece: bytes) -> bool:
        if self._parser is not None:
            return self._parser.feed(piece)
        assert self._kept is not None
        self._kept += piece
        if len(self._kept) > OPENAPI_BYTES:
            raise DiscoveryError(f"it is JSON of more than {OPENAPI_BYTES >> 20} MiB")
        return True
