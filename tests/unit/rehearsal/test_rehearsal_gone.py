"""At 100 % the rehearsal sees that old may not leave yet, in the words of the command."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from rehearsal import rehearse
from rehearsal.pace import FULL
from rehearsal.rehearse import STEPS, Rehearsal, RehearsalError
from rehearsal.telling import Telling


def told(monkeypatch: pytest.MonkeyPatch, printed: str) -> str:
    """Return what the rehearsal says of what `cutover decommission` printed."""

    class Person:
        def __init__(self, *_: Any) -> None:
            pass

        def knows_the_zone(self) -> None:
            pass

        async def cutover(self, *arguments: str, ends_with: Collection[int]) -> str:
            assert (arguments, ends_with) == (("decommission",), (1,))
            return printed

    monkeypatch.setattr(rehearse, "Person", Person)
    stage: Any = SimpleNamespace(environment={"CUTOVER_DECLARATION": "declaration.json"})
    status: Any = SimpleNamespace(update=lambda _: None)
    out = StringIO()
    play = Rehearsal(stage, Telling(Console(file=out, width=200), status, FULL))
    asyncio.run(play._review(STEPS[-1]))
    return out.getvalue()


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = "chatmrpt: 0 of 24 hours\nmissing: the edge door has sent 24 h.\nmissing: more.\n"
    said = told(monkeypatch, printed)
    assert "old may not leave yet. missing: the edge door has sent 24 h." in said


def test_a_command_that_misses_nothing_ends_the_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RehearsalError, match="misses nothing at 100 %: Nothing is missing"):
        told(monkeypatch, "Nothing is missing: old may leave the doors.")
