"""A body that was read whole, unpacked in bounded memory."""

from __future__ import annotations

import zlib
from typing import Final

BODY_BYTES: Final = 1 << 20
"""As much of a body is read, packed and unpacked: a page has less, a trap has more."""
GZIP: Final = frozenset({"gzip", "x-gzip"})
READABLE: Final = GZIP | {"", "identity"}
"""Encodings that can be unpacked."""


def unpacked(body: bytes, encoding: str, *, is_cut: bool) -> tuple[bytes, str]:
    """Return `body` unpacked, at most 1 MiB, and why it is cut where it is.

    Raises
    ------
    ValueError
        When it is not packed the way it says.
    """
    if not body or encoding not in GZIP:
        return body, ""
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = unpacker.decompress(body, BODY_BYTES + 1)
    except zlib.error as error:
        raise ValueError(f"the {encoding} body is broken: {error}") from error
    if len(plain) > BODY_BYTES:
        packed = max(1, len(body) >> 10)
        said = f"{packed} KiB of {encoding} unpack to more than {BODY_BYTES >> 20} MiB"
        return plain[:BODY_BYTES], said
    if not unpacker.eof and not is_cut:
        raise ValueError(f"the {encoding} body ends too early")
    if unpacker.unused_data:
        return plain, f"{len(unpacker.unused_data)} bytes follow the end of the {encoding}"
    return plain, ""


def unwrapped(body: bytes, encoding: str, *, is_cut: bool) -> tuple[bytes, str]:
    """Return `body` without the gzip around it, where that is the last of several encodings, which stand in
    the order in which they were applied (RFC 9110, 8.4): a gzip file holds its time, which differs."""
    last = encoding.rpartition(",")[2].strip()
    try:
        return unpacked(body, last, is_cut=is_cut)
    except ValueError:
        return body, ""
