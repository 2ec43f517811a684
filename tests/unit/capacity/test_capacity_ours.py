"""What is held of a reservation."""

from __future__ import annotations

import json

import pytest

from shared.capacity.ours import Ours, parse
from shared.doors.patience import DoorError

OURS = Ours("arn:x", (150, 250), 100, "2026-11-24T03:00:00+00:00", 50, used=True)


def test_it_reads_as_it_was_written() -> None:
    assert parse(OURS.written()) == OURS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "250",
        "null",
        "[]",
        "{}",
        "[" * 100_000,
        json.dumps(json.loads(OURS.written()) | {"at": "today"}),
        json.dumps(json.loads(OURS.written()) | {"at": "2026-11-24T03:00:00"}),
        json.dumps(json.loads(OURS.written()) | {"asked": ["many"]}),
    ],
)
def test_what_is_not_understood_is_a_fault_with_a_sentence(text: str) -> None:
    with pytest.raises(DoorError, match="is not understood: look at the load balancer"):
        parse(text)
