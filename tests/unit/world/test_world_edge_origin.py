"""What the local edge sends to an origin, how often, and what it tells CloudWatch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from rehearsal.world.edge import ASKED_HEADER, VIEWER_IP_HEADER, EdgeCounters
from rehearsal.world.edge_config import ALL_VIEWER_EXCEPT_HOST_HEADER
from rehearsal.world.listener import Listener
from rehearsal.world.world import wait_until
from tests.unit.world.test_world_edge import FakeCloudFront, Play, play


class Recorder:
    """An origin that keeps what it is asked and gives each a session of its own; it hangs up without an
    answer while `drops`, and gives none while `hangs`."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.drops = False
        self.hangs = False
        self.status = 200
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.listener = Listener(app)

    @property
    def address(self) -> tuple[str, int]:
        return self.listener.address

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        if self.drops:
            assert request.transport is not None
            request.transport.close()
        if self.hangs:
            await asyncio.sleep(60)
        answer = web.Response(status=self.status, text="kept", headers={"x-served-by": "new"})
        answer.set_cookie("session", f"s{len(self.asked)}")
        return answer


def with_recorder(
    scene: Callable[[Play, Recorder], Awaitable[None]], cloudfront: FakeCloudFront | None = None
) -> None:
    """Play `scene` with a recorder in the place of new."""

    async def run(stage: Play) -> None:
        recorder = Recorder()
        await recorder.listener.open()
        addresses = {"new-lb": recorder, "old-lb": stage.sides["old"]}
        stage.edge._resolve = lambda name: addresses[name].address
        try:
            await scene(stage, recorder)
        finally:
            await recorder.listener.end()

    play(run, cloudfront=cloudfront)


async def visit(stage: Play, path: str, **headers: str) -> tuple[int, str, str]:
    """Return the status, the origins that were asked, and the session that a viewer of its own gets."""
    host, port = stage.edge.address
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.get(f"http://{host}:{port}{path}", headers=headers) as answer,
    ):
        got = answer.cookies.get("session")
        return answer.status, answer.headers[ASKED_HEADER], "" if got is None else got.value


def test_no_viewer_gets_the_session_of_another() -> None:
    async def scene(stage: Play, recorder: Recorder) -> None:
        assert await visit(stage, "/static/a.js", cookie="session=of-ada") == (200, "new", "")
        assert await visit(stage, "/static/a.js") == (200, "", "")
        (asked,) = recorder.asked
        assert not asked.cookies
        sessions = [(await visit(stage, "/ping"))[2] for _ in range(2)]
        assert sessions == ["s2", "s3"]

    with_recorder(scene)


def test_a_cached_path_that_forwards_cookies_would_give_one_viewers_session_to_everybody() -> None:
    """What CloudFront does, so that a rehearsal would show it (CloudFront Developer Guide, Cookies)."""
    deployed = FakeCloudFront(100)
    deployed.static_forwards = ALL_VIEWER_EXCEPT_HOST_HEADER

    async def scene(stage: Play, recorder: Recorder) -> None:
        assert await visit(stage, "/static/a.js", cookie="session=of-ada") == (200, "new", "s1")
        assert await visit(stage, "/static/a.js") == (200, "", "s1")

    with_recorder(scene, deployed)


def test_a_cached_path_asks_with_its_key_and_nothing_else_of_the_viewer() -> None:
    async def scene(stage: Play, recorder: Recorder) -> None:
        sent = {"authorization": "Basic x", "accept-language": "de", "origin": "https://a.example"}
        await visit(stage, "/static/a.js?v=1", **sent)
        await visit(stage, "/static/a.js?v=1", origin="https://b.example")
        first, second = recorder.asked
        assert first.path_qs == "/static/a.js?v=1"
        assert first.headers["user-agent"] == "Amazon CloudFront"
        assert first.headers["x-origin-verify"] == "secret"
        assert not {"Authorization", "Accept-Language", "Cookie"} & first.headers.keys()
        assert [asked.headers["origin"] for asked in (first, second)] == [
            "https://a.example",
            "https://b.example",
        ]

    with_recorder(scene)


@pytest.mark.parametrize(("stated", "asked"), [([], ["new,old", ""]), ([0], ["new,old"] * 2)])
def test_an_error_stays_for_ten_seconds_unless_nothing_is_stated(
    stated: list[int], asked: list[str]
) -> None:
    deployed = FakeCloudFront(100)
    deployed.errors = [{"ErrorCode": 503, "ErrorCachingMinTTL": ttl} for ttl in stated]

    async def scene(stage: Play, recorder: Recorder) -> None:
        recorder.status = 503
        await stage.sides["old"].refuse()
        visits = [await visit(stage, "/static/a.js") for _ in range(2)]
        assert [(status, origins) for status, origins, _ in visits] == [(503, a) for a in asked]
        # CachingDisabled keeps no error.
        visits = [await visit(stage, "/ping") for _ in range(2)]
        assert [(status, origins) for status, origins, _ in visits] == [(503, "new,old")] * 2

    with_recorder(scene, deployed)


@pytest.mark.parametrize(
    ("method", "waits"), [("GET", 2), ("HEAD", 2), ("OPTIONS", 1), ("POST", 1)]
)
def test_a_read_waits_for_an_answer_as_often_as_it_may_connect(method: str, waits: int) -> None:
    async def scene(stage: Play, recorder: Recorder) -> None:
        recorder.hangs = True
        await stage.get("/ping", method=method)
        assert [asked.method for asked in recorder.asked] == [method] * waits

    with_recorder(scene)


def test_a_write_whose_connection_drops_reaches_the_origin_once() -> None:
    async def scene(stage: Play, recorder: Recorder) -> None:
        recorder.drops = True
        assert (await stage.get("/echo", method="POST"))[0] == 502
        assert [request.method for request in recorder.asked] == ["POST"]

    with_recorder(scene)


def test_a_read_whose_connection_drops_is_answered_by_old() -> None:
    async def scene(stage: Play, recorder: Recorder) -> None:
        recorder.drops = True
        assert await stage.get("/ping") == (200, "old")

    with_recorder(scene)


def test_an_origin_gets_its_own_name_the_secret_and_all_of_the_viewer_but_the_rehearsals_header() -> (
    None
):
    async def scene(stage: Play, recorder: Recorder) -> None:
        host, port = stage.edge.address
        sent = {
            "cookie": "session=s1; theme=dark",
            "accept": "text/x",
            VIEWER_IP_HEADER: "192.0.2.1",
        }
        url = f"http://{host}:{port}/ping?a=1&a=2"
        async with aiohttp.ClientSession() as session, session.get(url, headers=sent) as answer:
            assert answer.status == 200
        (asked,) = recorder.asked
        assert dict(asked.cookies) == {"session": "s1", "theme": "dark"}
        assert asked.path_qs == "/ping?a=1&a=2"
        shown = {
            name: asked.headers.get(name)
            for name in ("host", "x-origin-verify", "x-cutover-side", "accept", VIEWER_IP_HEADER)
        }
        assert shown == {
            "host": "new-lb",
            "x-origin-verify": "secret",
            "x-cutover-side": "new",
            "accept": "text/x",
            VIEWER_IP_HEADER: None,
        }

    with_recorder(scene)


def test_a_store_that_cannot_be_read_sends_everybody_to_old_and_is_counted() -> None:
    async def scene(stage: Play) -> None:
        def unreadable(**_: Any) -> dict[str, Any]:
            raise OSError("no store")

        assert await stage.get("/ping") == (200, "new")
        stage.keys.list_keys = unreadable
        await wait_until(lambda: stage.edge.switch == "", seconds=60, what="no switch")
        assert await stage.get("/ping") == (200, "old")
        assert stage.edge._counters.store_errors == 1

    play(scene)


def test_what_went_wrong_at_the_edge_is_told_under_the_dimensions_that_the_alarms_read() -> None:
    told: dict[str, tuple[float, dict[str, str]]] = {}

    class FakeCloudWatch:
        def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803
            assert Namespace == "AWS/CloudFront"
            for datum in MetricData:
                named = {entry["Name"]: entry["Value"] for entry in datum["Dimensions"]}
                told[datum["MetricName"]] = (datum["Value"], named)

    async def scene(stage: Play) -> None:
        stage.edge._cloudwatch = FakeCloudWatch()
        await stage.edge._publish(
            EdgeCounters(requests=200, server_errors=5, function_errors=2, store_errors=3),
            1_800_000_000.0,
        )

    play(scene)
    distribution = {"DistributionId": "D", "Region": "Global"}
    function = {"FunctionName": "router", "Region": "Global"}
    assert told == {
        "Requests": (200.0, distribution),
        "4xxErrorRate": (0.0, distribution),
        "5xxErrorRate": (2.5, distribution),
        "FunctionExecutionErrors": (2.0, function),
        "KvsReadErrors": (3.0, function),
    }
