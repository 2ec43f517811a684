"""Moments that look instead of break: what they do not find ends the drill with a sentence."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rehearsal.drill.drill import Drill, Expected, MissingError, Moment, Playing
from rehearsal.drill.play import Play
from rehearsal.drill.strikes import diffs_weights_alone, shows
from tests.unit.support.virtual_time import run

DIFF = """Stack chatmrpt-environment
There were no differences
Stack chatmrpt-traffic
 ├─ [-] 10
 └─ [+] 50
"""


def playing(printed: str) -> Playing:
    async def run_cutover(*arguments: str) -> str:
        assert arguments == ("status",)
        return printed

    async def diff(*context: str) -> str:
        assert context == ("new_weight=50",)
        return printed

    cdk = SimpleNamespace(diff=diff)
    return cast(Playing, SimpleNamespace(run_cutover=run_cutover, stage=SimpleNamespace(cdk=cdk)))


def test_a_command_must_say_each_of_the_patterns() -> None:
    strike = shows("status", says=(r"old \d+", r"new \d+"))
    asyncio.run(cast(Any, strike(playing("old 12\nnew 3"))))
    with pytest.raises(MissingError, match=r"cutover status does not say .*it says: old 12 new \?"):
        asyncio.run(cast(Any, strike(playing("old 12\nnew ?"))))


def test_of_several_looks_one_must_say_it() -> None:
    printed = ["old 12\nnew ?", "old 12\nnew ?", "old 12\nnew 3"]

    async def run_cutover(*_: str) -> str:
        return printed.pop(0)

    play = cast(Playing, SimpleNamespace(run_cutover=run_cutover))
    run(cast(Any, shows("status", says=(r"new \d+",), looks=5)(play)))
    assert printed == []
    printed.extend(["new ?"] * 3)
    with pytest.raises(MissingError, match="it says: new"):
        run(cast(Any, shows("status", says=(r"new \d+",), looks=3)(play)))
    assert printed == []


def test_a_diff_must_change_the_weights_and_nothing_else() -> None:
    asyncio.run(cast(Any, diffs_weights_alone(50, weights=1)(playing(DIFF))))
    for printed in (DIFF + ' └─ [+] "Threshold": 3\n', "There were no differences"):
        with pytest.raises(MissingError):
            asyncio.run(cast(Any, diffs_weights_alone(50, weights=1)(playing(printed))))


def test_what_is_missing_ends_the_drill_and_no_later_moment_comes() -> None:
    came = []

    async def looks(_play: Playing) -> None:
        raise MissingError("it says: nothing")

    async def breaks(_play: Playing) -> None:
        came.append("fault")

    drill = Drill(
        "two",
        "Two moments",
        "That the second does not come.",
        10,
        (Moment("status reads both", looks, kind="before"), Moment("new breaks", breaks)),
        Expected("declared", "released", 10),
    )
    stage = SimpleNamespace(world=None, cloud=None)
    play = Play(drill, cast(Any, stage), cast(Any, None), lambda _what: None)
    missed = asyncio.run(play._go_through_moments())
    assert missed == "status reads both: it says: nothing"
    assert came == []
