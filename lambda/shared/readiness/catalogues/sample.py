"""A few of many paths: the same few in every run, from all over the document, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from heapq import heappush, heapreplace


class Sample:
    """At most `most` of the paths that it is told of: those of the lowest rank.

    A path's rank is a hash of the path alone. So the sample does not depend on the order in which the paths
    come, and one more page in a long sitemap changes it in one place at most: waivers keep their findings.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[str, int] = {}
        self._highest: list[tuple[int, str]] = []
        self._count = 0
        self._passed_over = 0

    def add(self, path: str) -> None:
        """Take `path` into account; to be told of it again changes nothing."""
        self._count += 1
        if path in self._kept:
            return
        entry = (-rank(path), path)
        if len(self._kept) < self._most:
            heappush(self._highest, entry)
        elif entry > self._highest[0]:
            del self._kept[heapreplace(self._highest, entry)[1]]
            self._passed_over += 1
        else:
            self._passed_over += 1
            return
        self._kept[path] = self._count

    @property
    def passed_over(self) -> int:
        """How often it was told of a path that is not in it now; the same path may count more than once."""
        return self._passed_over

    def by_rank(self) -> list[str]:
        """Return the paths, the lowest rank first."""
        return [path for _, path in sorted(self._highest, reverse=True)]

    def in_order(self) -> list[str]:
        """Return the paths as they came."""
        return sorted(self._kept, key=self._kept.__getitem__)


def rank(path: str) -> int:
    """Return a number from 0 to 2^64 - 1 that depends on `path` alone."""
    return int.from_bytes(blake2b(path.encode(), digest_size=8).digest())


def shared_out(samples: Sequence[Sample], most: int) -> list[list[str]]:
    """Return what is taken of each sample, `most` altogether, each path once: in turn one of each, so that a
    long document leaves room for a short one."""
    waiting = [iter(sample.by_rank()) for sample in samples]
    taken: list[set[str]] = [set() for _ in samples]
    known: set[str] = set()
    still = list(range(len(samples)))
    while still and len(known) < most:
        for i in still.copy():
            path = next((one for one in waiting[i] if one not in known), None)
            if path is None:
                still.remove(i)
            elif len(known) < most:
                known.add(path)
                taken[i].add(path)
    return [
        [path for path in sample.in_order() if path in some]
        for sample, some in zip(samples, taken, strict=True)
    ]
