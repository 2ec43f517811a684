"""What a document names, read as readiness reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from shared.readiness.catalogues.excluded import Excluded
from shared.readiness.catalogues.reader import Reader, Tally


def tally(
    body: bytes, *, at: str = "/document", piece: int = 1 << 16, exclude: Sequence[str] = ()
) -> Tally:
    """Return what `body` names, handed over in pieces of so many bytes; raise DiscoveryError as it does."""

    async def run() -> Tally:
        found = Tally(frozenset(), Excluded(exclude), 50)
        reader = Reader(at, found, asyncio.Lock())
        for start in range(0, len(body), piece):
            if not await reader.take(body[start : start + piece]):
                break
        await reader.finish()
        return found

    return asyncio.run(run())


def pages(body: bytes) -> list[str]:
    """Return the paths of the pages that `body` names, 50 at most."""
    return tally(body).sample.in_order()


def sitemaps(body: bytes) -> list[str]:
    """Return the paths of the sitemaps that `body` names, 10 at most."""
    return tally(body).sitemaps.in_order()
