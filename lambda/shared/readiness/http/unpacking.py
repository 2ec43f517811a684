"""Unpacks gzip as it comes, in small pieces: a bomb is a long row of small pieces, and no large one."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

PIECE: Final = 1 << 16
"""Bytes of a piece at most."""
_FILLING: Final = b"\0"
"""Some fill a file up behind its last member, and gzip itself passes over that."""


class Gzip:
    """Unpacks one gzip file: one member, or several one after the other (RFC 1952, 2.2)."""

    def __init__(self) -> None:
        self._member = _member()
        self._is_open = False
        self._is_between = False

    @property
    def is_whole(self) -> bool:
        """Whether it ended where a member ends, or nothing came."""
        return not self._is_open

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Yield what `packed` unpacks to, in pieces of 64 KiB at most.

        Raises
        ------
        ValueError
            When it is not gzip.
        """
        if self._is_between:
            packed = packed.lstrip(_FILLING)
        while packed:
            self._is_open, self._is_between = True, False
            try:
                piece = self._member.decompress(packed, PIECE)
            except zlib.error as error:
                raise ValueError(f"the gzip is broken: {error}") from error
            packed = self._member.unconsumed_tail
            if piece:
                yield piece
            if self._member.eof:
                packed = self._member.unused_data.lstrip(_FILLING)
                self._member, self._is_open, self._is_between = _member(), False, True


def _member() -> zlib._Decompress:
    return zlib.decompressobj(zlib.MAX_WBITS | 16)
