"""Which records have been counted already: Lambda hands a batch over at least once (Lambda Developer Guide,
with-kinesis)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


class Published:
    """How far each shard has been counted, for as long as this process lives.

    A shard's records come in the order of their sequence numbers, one batch at a time (Lambda Developer
    Guide, services-kinesis-parameters: ParallelizationFactor 1).
    """

    def __init__(self) -> None:
        self._until: dict[str, int] = {}

    def new(self, records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return those of `records` that have not been counted."""
        fresh = []
        for record in records:
            shard, number = _place(record)
            if number > self._until.get(shard, -1):
                fresh.append(record)
        return fresh

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Remember that `records` have been counted."""
        for record in records:
            shard, number = _place(record)
            self._until[shard] = max(number, self._until.get(shard, -1))


def _place(record: Mapping[str, Any]) -> tuple[str, int]:
    """Return shard and sequence number; eventID is `shardId-000000000006:4959…` (Lambda Developer Guide,
    with-kinesis)."""
    shard, _, number = str(record["eventID"]).rpartition(":")
    return shard, int(number)
