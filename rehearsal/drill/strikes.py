"""What goes wrong, and what people do about it: small acts that a moment of a drill names."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

from rehearsal.cdk import beyond_the_weights, weights_changed
from rehearsal.cloud.faults import Fault
from rehearsal.drill.drill import MissingError, Playing, Side, Strike
from rehearsal.world.leak import Leak
from rehearsal.world.side import LocalSide
from rehearsal.world.world import wait_until

STORE = "cloudfront-keyvaluestore"
_STARTS_WITHIN_SECONDS: Final = 15
_SAID_LENGTH: Final = 1500
_LOOKS_AGAIN_SECONDS: Final = 10
OVERRIDE = ("override_by=the drill", "override_reason=old is gone")


def _of(play: Playing, side: Side) -> LocalSide:
    return {"old": play.world.old, "new": play.world.new}[side]


def answers_500(side: Side, share: float = 1.0) -> Strike:
    """`share` of what the side answers is 500."""

    async def strike(play: Playing) -> None:
        _of(play, side).fail(share)

    return strike


async def both_sides_are_noisy(play: Playing) -> None:
    """Both sides answer 500 to 1 % of requests."""
    for side in (play.world.old, play.world.new):
        side.fail(0.01)


def leaks(side: Side, leak: Leak) -> Strike:
    """The side answers 500 to more and more requests; the other one to as many as it does at first."""

    async def strike(play: Playing) -> None:
        _of(play, "old" if side == "new" else "new").fail(leak.first)
        _of(play, side).leak(leak)

    return strike


async def functions_are_cut_off(play: Playing) -> None:
    """Both sides refuse the cloud's functions, of which the sentinel alone asks them; viewers reach both."""
    play.world.cut_functions_off()


def is_slow(side: Side, milliseconds: float) -> Strike:
    """The side takes so much longer."""

    async def strike(play: Playing) -> None:
        _of(play, side).slow(milliseconds)

    return strike


async def new_hangs(play: Playing) -> None:
    """New takes requests and answers none."""
    play.world.new.hang()


async def new_says_something_else(play: Playing) -> None:
    """New answers 200 with another text."""
    play.world.new.give_wrong_content()


async def new_refuses_writes(play: Playing) -> None:
    """New answers 403 to every POST."""
    play.world.new.refuse_writes()


async def new_answers_only_the_probe(play: Playing) -> None:
    """New's health endpoint is good, all else answers 500."""
    play.world.new.answer_only_the_probe()


def dies(*sides: Side) -> Strike:
    """The sides refuse connections."""

    async def strike(play: Playing) -> None:
        await asyncio.gather(*(_of(play, side).refuse() for side in sides))

    return strike


def loses_targets(side: Side, targets: int) -> Strike:
    """So many of the side's targets refuse connections."""

    async def strike(play: Playing) -> None:
        _of(play, side).lose(targets)

    return strike


def redeploys_target(side: Side, number: int) -> Strike:
    """One target fails its health check until it gets no request, is started anew, and is healthy again."""

    async def strike(play: Playing) -> None:
        target = _of(play, side).targets[number]
        target.in_service = False
        await _until(lambda: not target.healthy)
        target.up = False
        await asyncio.sleep(_STARTS_WITHIN_SECONDS)
        target.up = target.in_service = True
        await _until(lambda: target.healthy)

    return strike


async def _until(condition: Callable[[], bool]) -> None:
    await wait_until(condition, seconds=60, what="the load balancer to notice")


async def nothing(_play: Playing) -> None:
    """Nothing happens: that is the drill."""


async def viewers_leave(play: Playing) -> None:
    """All viewers leave."""
    play.edge_viewers.paused = play.dns_viewers.paused = True


def cloud_fault(*faults: Fault) -> Strike:
    """The cloud gets something wrong."""

    async def strike(play: Playing) -> None:
        for fault in faults:
            play.fault(fault)

    return strike


async def cloud_recovers(play: Playing) -> None:
    """The cloud gets everything right again."""
    play.faults.clear()


async def cloud_freezes(play: Playing) -> None:
    """Nothing of the cloud answers: no API, no function, no alarm is looked at."""
    play.cloud.freeze()


async def cloud_thaws(play: Playing) -> None:
    """It continues where it stopped."""
    play.cloud.thaw()


def alarm(what: str, state: str) -> Strike:
    """An alarm is brought to a state, whatever its metric says; it looks again within a second."""

    async def strike(play: Playing) -> None:
        await play.set_alarm(what, state)

    return strike


def stamps_behind(side: Side, seconds: float) -> Strike:
    """The side's load balancer stamps its metrics with a clock that is behind."""

    async def strike(play: Playing) -> None:
        play.world.balancer(side).behind_seconds = seconds

    return strike


async def log_falls_silent(play: Playing) -> None:
    """The edge's real-time log delivers nothing any more."""
    play.world.edge.log.silent = True


def log_is_late(seconds: float) -> Strike:
    """The edge's real-time log delivers what happened so long ago."""

    async def strike(play: Playing) -> None:
        play.world.edge.log.behind_seconds = seconds

    return strike


def deploys(weight: int, *context: str) -> Strike:
    """A person runs `cdk deploy -c new_weight=WEIGHT`."""

    async def strike(play: Playing) -> None:
        play.deploy(weight, *context)

    return strike


def asks(**request: object) -> Strike:
    """A person calls the rollback function."""

    async def strike(play: Playing) -> None:
        answer = await play.ask_rollback(**request)
        play.note("note", f"it answers: {answer}"[:300])

    return strike


def shows(*command: str, says: tuple[str, ...], looks: int = 1) -> Strike:
    """A person runs `cutover COMMAND`, and it prints each of these patterns; of several `looks`, ten seconds
    apart, one must."""

    async def strike(play: Playing) -> None:
        for left in reversed(range(looks)):
            printed = await play.run_cutover(*command)
            lacks = [pattern for pattern in says if not re.search(pattern, printed)]
            if not lacks:
                return
            if left:
                await asyncio.sleep(_LOOKS_AGAIN_SECONDS)
        said = " ".join(printed.split())[-_SAID_LENGTH:]
        raise MissingError(f"cutover {' '.join(command)} does not say {lacks}; it says: {said}")

    return strike


def diffs_weights_alone(weight: int, weights: int) -> Strike:
    """A person runs `cdk diff -c new_weight=WEIGHT`: so many weights differ in all stacks, and no more."""

    async def strike(play: Playing) -> None:
        diff = await play.stage.cdk.diff(f"new_weight={weight}")
        others = beyond_the_weights(diff)
        if others or weights_changed(diff) != weights:
            raise MissingError(f"{weights_changed(diff)} weights differ, and {others or 'nothing'}")

    return strike
