"""A part of an answer that is kept whole (RFC 9110, 14; CloudFront Developer Guide, RangeGETs)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from rehearsal.world.edge_cache import Answer

_ONE_RANGE: Final = re.compile(r"bytes=([0-9]*)-([0-9]*)")


def part_of(answer: Answer, asked: Mapping[str, str]) -> Answer:
    """Return the range that the headers `asked` name, 416 where it lies outside, and the whole where they
    name none, several, or one of another version."""
    found = _ONE_RANGE.fullmatch(asked.get("range", ""))
    unchanged = asked.get("if-range") in {None, answer.header("etag") or None}
    if answer.status != 200 or found is None or not any(found.groups()) or not unchanged:
        return answer
    whole = len(answer.body)
    first, last = found.groups()
    start = int(first) if first else max(0, whole - int(last))
    end = min(int(last), whole - 1) if first and last else whole - 1
    if first and last and int(last) < start:
        return answer
    left = tuple((n, v) for n, v in answer.headers if n.lower() != "content-length")
    if start > end:
        return Answer(416, (("content-range", f"bytes */{whole}"),), b"")
    place = ("content-range", f"bytes {start}-{end}/{whole}")
    return replace(answer, status=206, headers=(*left, place), body=answer.body[start : end + 1])
