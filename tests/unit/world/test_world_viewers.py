"""Viewers: a steady stream, each request of a viewer with an address of its own, some with a cookie."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from rehearsal.world.viewers import Viewers
from rehearsal.world.world import wait_until
from tests.unit.support.edge_driver import substituted
from tests.unit.world.test_world_edge import Play, play


def with_viewers(scene: Callable[[Play, Viewers], Awaitable[None]], *, weight: int) -> None:
    """Play `scene` with 200 requests a second."""

    async def run(stage: Play) -> None:
        viewers = Viewers(stage.edge.address, ["/ping", "/"], a_second=200)
        await viewers.start()
        try:
            await scene(stage, viewers)
        finally:
            await viewers.stop()

    play(run, weight=weight)


async def moved(stage: Play, weight: int) -> None:
    """Deploy `weight` and wait until the edge goes by it."""
    stage.cloudfront.weight = weight
    await wait_until(
        lambda: stage.edge.code == substituted(str(weight)), seconds=20, what="the weight"
    )


def test_the_share_that_viewers_see_is_the_declared_one_and_nobody_strays_while_it_grows() -> None:
    async def scene(stage: Play, viewers: Viewers) -> None:
        for weight in (30, 80):
            await moved(stage, weight)
            since = time.time()
            await wait_until(
                lambda since=since: viewers.share(50, since).total >= 150,
                seconds=20,
                what="150 viewers",
            )
            share = viewers.share(weight, since)
            assert share.matches(), str(share)
            assert not viewers.share(weight - 25, since).matches()
        assert viewers.failures(0) == []
        assert viewers.strayed == 0

    with_viewers(scene, weight=30)


def test_viewers_who_return_to_old_from_new_are_noticed() -> None:
    async def scene(stage: Play, viewers: Viewers) -> None:
        await wait_until(
            lambda: viewers.share(100, 0).total >= 150, seconds=20, what="150 viewers on new"
        )
        await moved(stage, 0)
        await wait_until(lambda: viewers.strayed > 0, seconds=20, what="a viewer who returned")

    with_viewers(scene, weight=100)


def test_a_failed_write_is_told_with_its_method_path_and_status_and_is_no_part_of_the_share() -> (
    None
):
    async def scene(stage: Play, viewers: Viewers) -> None:
        stage.sides["new"].fail()
        # What was under way when new broke may have been answered by it.
        under_way = len(viewers.seen)
        await wait_until(
            lambda: len(viewers.seen) > under_way + 100, seconds=20, what="100 viewers more"
        )
        since = time.time()
        await wait_until(
            lambda: len(viewers.failures(since)) >= 3 and viewers.share(100, since).total >= 50,
            seconds=20,
            what="writes that failed and reads that did not",
        )
        assert {seen.failure for seen in viewers.failures(since)} == {"POST /echo: 500"}
        assert viewers.share(100, since).new == 0

    with_viewers(scene, weight=100)
