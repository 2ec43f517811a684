"""What a browser makes of a page while its viewer is moved and rolled back. `make browser` runs it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from rehearsal.browser.chromium import MISSING, BrowserError, Page, chromium, find
from rehearsal.chat.side import ChatSide
from rehearsal.chat.visitor import Shown, Visitor
from rehearsal.cloud.certificate import Certificate
from rehearsal.world.edge_config import ALL_VIEWER_AND_CLOUDFRONT_HEADERS
from rehearsal.world.side import LocalSide
from rehearsal.world.world import wait_until
from tests.unit.world.test_world_edge import RELEASED, FakeCloudFront, Play, play

if not find():
    pytest.skip(MISSING, allow_module_level=True)
pytestmark = pytest.mark.timeout(600)
HOST = "d111111abcdef8.cloudfront.net"
THROWN = '{"state":"thrown"}'
Scene = Callable[[Play, Visitor, Page], Awaitable[None]]


def quick(name: str, paths: list[str], *, mean_latency_ms: float) -> LocalSide:
    return ChatSide(name, paths, mean_latency_ms=mean_latency_ms, pause=0.05)


def forgetful(name: str, paths: list[str], *, mean_latency_ms: float) -> LocalSide:
    return ChatSide(name, paths, mean_latency_ms=mean_latency_ms, pause=0.05, key=name.encode())


def in_a_browser(scene: Scene, folder: Path, kind: Callable[..., LocalSide] = quick) -> None:
    deployed = FakeCloudFront(0)
    deployed.forwards = ALL_VIEWER_AND_CLOUDFRONT_HEADERS
    # As deployed: nothing here waits for a side that is late.
    deployed.read_timeout_seconds = 60
    deployed.errors = [{"ErrorCode": code, "ErrorCachingMinTTL": 0} for code in (403, 404)]

    async def run(stage: Play) -> None:
        hosts = {HOST: stage.edge.secure_address}
        async with chromium(find(), hosts=hosts) as browser:
            page = await browser.page()
            await scene(stage, Visitor(page, f"https://{HOST}", "ada"), page)

    play(run, weight=0, cloudfront=deployed, kind=kind, tls=Certificate(folder).server())


async def move_to(stage: Play, weight: int) -> None:
    stage.cloudfront.weight = weight
    await wait_until(lambda: f"percent('{weight}')" in stage.edge.code, seconds=60, what="weight")


async def set_switch(stage: Play, state: str) -> None:
    stage.keys.switch = state
    await wait_until(lambda: stage.edge.switch == state, seconds=60, what="the switch")


def test_a_page_works_before_during_and_after_a_move_and_a_rollback(tmp_path: Path) -> None:
    async def scene(stage: Play, ada: Visitor, _page: Page) -> None:
        await ada.log_in()
        assert await ada.look() == Shown("old", "old", "old")
        ada.see_nothing_wrong()

        # The move, while an answer is read: the page that is open is of old, and so is its WebSocket.
        await ada.ask()
        await move_to(stage, 100)
        assert await ada.answer() == "old"
        assert await ada.look() == Shown("old", "new", "old")
        assert await ada.late_part() == "old"
        ada.see_nothing_wrong()

        await ada.reload()
        assert await ada.look() == Shown("new", "new", "new")
        assert await ada.late_part() == "new"
        ada.see_nothing_wrong()

        # The rollback, while an answer is read: what is under way goes on, the next request is old's.
        await ada.ask()
        stage.sides["new"].fail()
        await set_switch(stage, THROWN)
        assert await ada.answer() == "new"
        assert await ada.look() == Shown("new", "old", "new")
        ada.see_nothing_wrong()

        await ada.reload()
        assert await ada.look() == Shown("old", "old", "old")
        ada.see_nothing_wrong()

        await stage.sides["new"].heal()
        await set_switch(stage, RELEASED)
        await ada.reload()
        assert await ada.look() == Shown("new", "new", "new")
        ada.see_nothing_wrong()

    in_a_browser(scene, tmp_path)


def test_what_a_browser_complains_of_is_noticed(tmp_path: Path) -> None:
    async def scene(stage: Play, ada: Visitor, page: Page) -> None:
        await ada.log_in()
        await ada.look()
        await move_to(stage, 100)
        await page.evaluate("document.getElementById('ask').requestSubmit()")
        await wait_until(
            lambda: any("console: " in one for one in page.wrong), seconds=60, what="a complaint"
        )
        with pytest.raises(BrowserError) as complaint:
            ada.see_nothing_wrong()
        said = str(complaint.value)
        assert f"401 for https://{HOST}/ask" in said
        assert "console: Error: /ask answers 401" in said

    in_a_browser(scene, tmp_path, forgetful)


def test_a_file_that_nobody_has_is_noticed(tmp_path: Path) -> None:
    async def scene(_stage: Play, ada: Visitor, page: Page) -> None:
        await ada.log_in()
        await page.evaluate("void (new Image().src = '/static/nowhere.png')")
        await asyncio.sleep(0.5)
        with pytest.raises(BrowserError, match=f"404 for https://{HOST}/static/nowhere.png"):
            ada.see_nothing_wrong()

    in_a_browser(scene, tmp_path)
