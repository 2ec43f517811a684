"""Two builds side by side at the local edge: a page gets its files, whichever side its viewer is on."""

from __future__ import annotations

import hashlib

from aiohttp import web

from rehearsal.world.edge import ASKED_HEADER
from rehearsal.world.world import wait_until
from tests.unit.support.behind_edge import Behind, Handler, behind_edge
from tests.unit.support.edge_driver import SERVICE


def build(name: str, status: int = 404) -> Handler:
    """A side with one file, which says `status` to every other path."""

    async def side(request: web.Request) -> web.StreamResponse:
        if request.path == f"/static/app.{name}.js":
            return web.Response(text=name, headers={"cache-control": "max-age=60"})
        return web.Response(status=status)

    return side


def key_of_viewer(side: str, weight: int) -> str:
    """Return a viewer key that the weight puts on `side`."""
    for number in range(10_000):
        key = hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()
        digest = hashlib.sha256(f"{SERVICE}.{key}".encode()).hexdigest()[:8]
        if (int(digest, 16) / 2**32 * 100 < weight) == (side == "new"):
            return key
    raise AssertionError(f"nobody is on {side} at {weight}")


async def get(viewer: Behind, path: str, *, side: str, weight: int = 50) -> tuple[int, str, str]:
    """Return the status, the body and who was asked."""
    cookie = {"Cookie": f"cutover-viewer={key_of_viewer(side, weight)}"}
    async with viewer.session() as session, session.get(path, headers=cookie) as answer:
        return answer.status, await answer.text(), answer.headers[ASKED_HEADER]


def test_a_page_gets_its_files_after_its_viewer_has_moved() -> None:
    async def scene(viewer: Behind) -> None:
        for side, other in (("new", "old"), ("old", "new")):
            asked = f"{side},{other}"
            assert await get(viewer, f"/static/app.{other}.js", side=side) == (200, other, asked)
            # And then it is kept, under the key of this side.
            assert await get(viewer, f"/static/app.{other}.js", side=side) == (200, other, "")
            assert await get(viewer, f"/static/app.{side}.js", side=side) == (200, side, side)
            # What nobody has is missing, and is not kept.
            for _ in range(2):
                assert await get(viewer, "/static/none.js", side=side) == (404, "", asked)
            # What is missing elsewhere is missing.
            assert await get(viewer, f"/app.{other}.js", side=side) == (404, "", side)

    behind_edge(scene, new=build("new"), old=build("old"), weight=50)


def test_a_side_that_keeps_its_files_in_a_bucket_says_403() -> None:
    async def scene(viewer: Behind) -> None:
        for side, other in (("new", "old"), ("old", "new")):
            path = f"/static/app.{other}.js"
            assert await get(viewer, path, side=side) == (200, other, f"{side},{other}")

    behind_edge(scene, new=build("new", 403), old=build("old", 403), weight=50)


def test_a_rollback_ends_every_dependence_on_new() -> None:
    async def scene(viewer: Behind) -> None:
        assert (await get(viewer, "/static/app.new.js", side="old"))[0] == 200
        viewer.stage.keys.switch = '{"state":"thrown"}'
        edge = viewer.stage.edge
        await wait_until(lambda: "thrown" in edge.switch, seconds=20, what="the switch")
        assert await get(viewer, "/static/other.js", side="new") == (404, "", "old")
        # What old's viewers had been given by new is kept until it runs out.
        assert await get(viewer, "/static/app.new.js", side="new") == (200, "new", "")

    behind_edge(scene, new=build("new"), old=build("old"), weight=50)
