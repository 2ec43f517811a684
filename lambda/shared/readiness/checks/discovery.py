"""Endpoints that a side names itself: in a sitemap, or in an OpenAPI document."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from shared.inference.verdict import Verdict
from shared.readiness.catalogues.error import DiscoveryError
from shared.readiness.catalogues.excluded import Excluded
from shared.readiness.catalogues.reader import SITEMAPS, Reader, Tally
from shared.readiness.catalogues.sample import shared_out
from shared.readiness.finding import Check, Finding, check
from shared.readiness.http.fetch import Client, FetchError
from shared.readiness.spec import Endpoint

MOST: Final = 50
"""More endpoints than this would make a gate of minutes; the rest is counted, not asked."""
_PATIENCE: Final = 3


@dataclass(frozen=True)
class _Read:
    """What a document names, why it was not read whole where it was not, and how many of its sitemaps were
    not read at all."""

    tally: Tally
    error: str
    unread: int


async def discover(
    old: Client,
    documents: Sequence[str],
    declared: Sequence[Endpoint],
    exclude: Sequence[str] = (),
) -> tuple[list[Endpoint], Check]:
    """Return the endpoints that old's `documents` name beyond the declared and the excluded ones, 50 at most,
    and what was wrong.

    Of more than 50 a sample is taken, the same in every run, to which each document adds its share. The
    documents are read side by side, each with the sitemaps that it leads to one after the other, in three
    times the client's time limit at most.
    """
    known = frozenset(endpoint.path for endpoint in declared)
    excluded, parsing = Excluded(exclude), asyncio.Lock()
    read = await asyncio.gather(
        *(_read(old, one, Tally(known, excluded, MOST), parsing) for one in documents)
    )
    taken = shared_out([one.tally.sample for one in read], MOST)
    findings = [
        _told(document, one, len(some))
        for document, one, some in zip(documents, read, taken, strict=True)
    ]
    found = [path for some in taken for path in some]
    return [Endpoint(path) for path in found], check("discovery", findings, endpoints=found)


def _told(document: str, read: _Read, taken: int) -> Finding:
    tally, name = read.tally, f"discovery:{document}"
    how_many = f"{tally.named} endpoint{'' if tally.named == 1 else 's'}"
    if read.error and not taken:
        said = f"{document} on old names no endpoints: {read.error}"
        return Finding(name, Verdict.INCONCLUSIVE, said, waivable=True)
    said = f"{document} names {how_many}: {', '.join(_parts(tally, taken))}"
    if tally.is_cut:
        said += "; it is longer than is read"
    if read.unread:
        said += f"; {read.unread} of its sitemaps are not read"
    if read.error:
        said += f"; it was not read whole: {read.error}"
        return Finding(name, Verdict.INCONCLUSIVE, said, waivable=True)
    if not (taken or tally.declared or tally.sample.by_rank()):
        said += "; so nothing of it was checked"
        return Finding(name, Verdict.INCONCLUSIVE, said, waivable=True)
    return Finding(name, Verdict.PASS, said)


def _parts(tally: Tally, taken: int) -> Iterator[str]:
    yield f"{taken} are checked"
    others = tally.named - taken - tally.declared - tally.excluded - tally.left_out.total()
    counts = {
        "are declared": tally.declared,
        "are excluded": tally.excluded,
        **dict(sorted(tally.left_out.items())),
        "are not (the same again, or not in the sample)": others,
    }
    yield from (f"{count} {what}" for what, count in counts.items() if count)


async def _read(old: Client, document: str, tally: Tally, parsing: asyncio.Lock) -> _Read:
    """Read `document`, and the sitemaps that it leads to."""
    limit = _PATIENCE * old.timeout_seconds
    waiting, asked, error = [document], set[str](), ""
    try:
        async with asyncio.timeout(limit):
            while waiting and len(asked) < SITEMAPS and tally.bytes_left:
                path = waiting.pop(0)
                asked.add(path)
                try:
                    await _one(old, path, tally, parsing)
                except (FetchError, DiscoveryError) as wrong:
                    error = error or str(wrong)
                named = tally.sitemaps.in_order()
                waiting = [one for one in named if one not in asked]
    except TimeoutError:
        # How far it came is another place in each run, and no sample of what was read.
        said = f"it was not read within {limit:g} s, with everything that it names"
        return _Read(Tally(frozenset(), Excluded(()), 0), said, 0)
    return _Read(tally, error, len(waiting) + tally.sitemaps.passed_over)


async def _one(old: Client, path: str, tally: Tally, parsing: asyncio.Lock) -> None:
    reader = Reader(path, tally, parsing)
    first = await old.fetch(path, into=reader.take)
    _, answers = await old.follow(first, path, into=reader.take)
    answer = answers[-1]
    if answer.status != 200:  # noqa: PLR2004
        raise DiscoveryError(
            f"{path} answers with status {answer.status}, but must answer with 200"
        )
    if answer.packed:
        raise DiscoveryError(
            f"{path} comes with content-encoding {answer.packed!r}, which was not asked for"
        )
    await reader.finish()
