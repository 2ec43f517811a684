"""Which records have been counted already: Lambda hands a batch over at least once (Lambda Developer Guide,
with-kinesis)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

_NUMBER: Final = re.compile(r"[0-9]{1,128}")
"""SequenceNumber has at most 128 digits (Kinesis API reference, Record)."""


class Published:
    """How far each shard has been counted, for as long as this process lives.

    A shard's records come in the order of their sequence numbers, one batch at a time (Lambda Developer
    Guide, services-kinesis-parameters: ParallelizationFactor 1).
    """

    def __init__(self) -> None:
        self._until: dict[str, int] = {}

    def new(self, records: Iterable[Any]) -> list[Any]:
        """Return those of `records` that have not been counted; one without a place in its shard is new."""
        fresh = []
        for record in records:
            place = _place(record)
            if place is None or place[1] > self._until.get(place[0], -1):
                fresh.append(record)
        return fresh

    def add(self, records: Iterable[Any]) -> None:
        """Remember that `records` have been counted."""
        for shard, number in filter(None, map(_place, records)):
            self._until[shard] = max(number, self._until.get(shard, -1))


def _place(record: Any) -> tuple[str, int] | None:
    """Return shard and sequence number, or None where it names none; eventID is
    `shardId-000000000006:4959…` (Lambda Developer Guide, with-kinesis)."""
    told = record.get("eventID") if isinstance(record, Mapping) else None
    shard, _, number = str(told).rpartition(":")
    return (shard, int(number)) if _NUMBER.fullmatch(number) else None
