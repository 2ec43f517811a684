"""Two bodies: the same, or how they differ."""

from __future__ import annotations

import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from shared.inference.verdict import Verdict
from shared.readiness.bodies.documents import MISSING, unlike
from shared.readiness.bodies.patterns import PatternError, held
from shared.readiness.spec import Body

_WORD: Final = re.compile(r"\w+|[^\w\s]")
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_CODECS: Final = {
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    # Browsers take these two for what Windows made of them (WHATWG Encoding Standard, names and labels).
    "iso-8859-1": "cp1252",
    "us-ascii": "cp1252",
    **{f"iso-8859-{i}": f"iso8859-{i}" for i in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"windows-125{i}": f"cp125{i}" for i in range(9)},
    "koi8-r": "koi8-r",
    "shift_jis": "cp932",
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "big5": "big5hkscs",
}
"""What the web is written in. A server must not be able to pick any other of Python's codecs: some of them
take time out of all proportion (punycode)."""
_SHOWN: Final = 60


@dataclass(frozen=True)
class Difference:
    """How two bodies differ, or that it cannot be told.

    Attributes
    ----------
    said : str
        A sentence with by how much.
    old, new : str
        What each side shows.
    verdict : Verdict
        FAIL, or INCONCLUSIVE where it cannot be told.
    """

    said: str
    old: str
    new: str
    verdict: Verdict = Verdict.FAIL


def text(body: bytes, content_type: str) -> str:
    """Return `body` decoded by the charset that `content_type` names, or as UTF-8.

    Bytes that are not text show as `\\xff`, so that different bytes are different text.
    """
    found = _CHARSET.search(content_type)
    codec = _CODECS.get(found[1].lower(), "utf-8-sig") if found else "utf-8-sig"
    return body.decode(codec, errors="backslashreplace")


def difference(old: str, new: str, rule: Body) -> Difference | None:
    """Return how `new` differs from `old` by `rule`, or None when it does not."""
    if rule.by == "text":
        return _text(old, new)
    if rule.by == "json":
        return _json(old, new, rule)
    if rule.by == "pattern":
        return _pattern(old, new, rule.pattern)
    if rule.by == "similarity":
        alike = similarity(old, new)
        if alike >= rule.at_least:
            return None
        said = f"the bodies are {alike:.1%} alike, but must be {rule.at_least:.1%}"
        return Difference(said, *excerpts(old, new))
    return None


def bytes_difference(old: bytes, new: bytes, encoding: str) -> Difference | None:
    """Return how two bodies differ whose content-encoding nobody here can unpack, or None."""
    if old == new:
        return None
    at = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
    first = (min(len(old), len(new)) if at is None else at) + 1
    said = (
        f"the bodies differ from byte {first} on (of {len(old)} on old, {len(new)} on new); they are "
        f"compared as bytes, because content-encoding {encoding!r} was not asked for"
    )
    return Difference(said, f"{len(old)} bytes", f"{len(new)} bytes")


def similarity(one: str, other: str) -> float:
    """Return the share of neighbouring word pairs that both texts have in common, 0 to 1 (Dice's
    coefficient over pairs). It takes time in proportion to the texts, whatever they contain."""
    if one == other:
        return 1.0
    left = Counter(_pairs(one))
    total, common = left.total(), 0
    for pair in _pairs(other):
        total += 1
        if left[pair] > 0:
            left[pair] -= 1
            common += 1
    return 2 * common / total if total else 1.0


def excerpts(old: str, new: str, most: int = _SHOWN) -> tuple[str, str]:
    """Return as much of both texts as can be shown, from shortly before they part where it must be cut."""
    longest = max(len(old), len(new))
    start = 0 if longest <= most else max(0, min(_parting(old, new) - most // 4, longest - most))
    return _cut(old, start, most), _cut(new, start, most)


def _cut(whole: str, start: int, most: int) -> str:
    if not whole:
        return "nothing"
    head = "…" if start else ""
    tail = "…" if len(whole) > start + most else ""
    return f"{head}{whole[start : start + most]}{tail}"


def _parting(old: str, new: str) -> int:
    """Return how many characters both have in common from the start."""
    unlike = (i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
    return next(unlike, min(len(old), len(new)))


def _pairs(whole: str) -> Iterator[int]:
    """Yield the pairs as numbers: half a million tuples of words would take a hundred megabytes."""
    before = ""
    for found in _WORD.finditer(whole):
        yield zlib.crc32(f"{before} {found[0]}".encode("utf-8", "surrogatepass"))
        before = found[0]


def _text(old: str, new: str) -> Difference | None:
    if old == new:
        return None
    at = _parting(old, new)
    line = old.count("\n", 0, at) + 1
    said = (
        f"the bodies differ from line {line} on (character {at + 1} of {len(old)} on old, "
        f"{len(new)} on new)"
    )
    return Difference(said, *excerpts(old, new))


def _json(old: str, new: str, rule: Body) -> Difference | None:
    documents: list[Any] = []
    wrong: list[str] = []
    for side, body in (("old", old), ("new", new)):
        try:
            documents.append(json.loads(body, parse_constant=_no_json))
        except RecursionError:
            wrong.append(f"{side}'s body is nested too deeply to be read as JSON")
        except ValueError as error:
            wrong.append(f"{side}'s body is not JSON: {error}")
    if wrong:
        return Difference("; ".join(wrong), _cut(old, 0, _SHOWN), _cut(new, 0, _SHOWN))
    found = unlike(documents[0], documents[1], rule.ignore, rule.unordered)
    if found is None:
        return None
    place = ".".join(found.path) or "its root"
    also = f" (and {found.more} more)" if found.more else ""
    shown = excerpts(_value(found.old), _value(found.new))
    return Difference(f"the JSON differs at {place[:200]}{also}", *shown)


def _no_json(constant: str) -> NoReturn:
    raise ValueError(f"it holds {constant}")


def _value(value: Any) -> str:
    if value is MISSING:
        return "nothing"
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return json.dumps(value, ensure_ascii=False)


def _pattern(old: str, new: str, pattern: str) -> Difference | None:
    shown = (_cut(old, 0, _SHOWN), _cut(new, 0, _SHOWN))
    try:
        holds = dict(zip(("old", "new"), held(pattern, [old, new]), strict=True))
    except PatternError as error:
        return Difference(str(error), *shown, verdict=Verdict.INCONCLUSIVE)
    missing = [f"{side}'s body" for side, has in holds.items() if not has]
    if not missing:
        return None
    verb = "does" if len(missing) == 1 else "do"
    return Difference(f"{' and '.join(missing)} {verb} not hold {pattern!r}", *shown)
