"""By which name and scheme the local edge asks an origin, and which headers it adds to an answer."""

from __future__ import annotations

import aiohttp
import pytest

from rehearsal.world.edge_config import (
    ALL_VIEWER_AND_CLOUDFRONT_HEADERS,
    ALL_VIEWER_EXCEPT_HOST_HEADER,
    SECURITY_HEADERS,
)
from tests.unit.world.test_world_edge import FakeCloudFront, Play
from tests.unit.world.test_world_edge_origin import Recorder, with_recorder

PUBLIC_NAME = "app.example.com"
CLAIMED = {
    "host": PUBLIC_NAME,
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "http",
    "cloudfront-forwarded-proto": "http",
}


async def told(stage: Play, recorder: Recorder, path: str) -> dict[str, str | None]:
    """Return what the origin hears of name and scheme when a viewer of the public name claims much."""
    host, port = stage.edge.address
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://{host}:{port}{path}", headers=CLAIMED) as answer,
    ):
        assert answer.status == 200
    heard = recorder.asked[-1].headers
    return {name: heard.get(name) for name in CLAIMED}


@pytest.mark.parametrize("path", ["/ping", "/static/a.js"])
def test_an_origin_hears_the_viewers_name_and_scheme_on_every_path(path: str) -> None:
    deployed = FakeCloudFront(100)
    deployed.forwards = ALL_VIEWER_AND_CLOUDFRONT_HEADERS
    deployed.key_headers = [
        "x-cutover-side",
        "x-forwarded-host",
        "Host",
        "CloudFront-Forwarded-Proto",
    ]

    async def scene(stage: Play, recorder: Recorder) -> None:
        assert await told(stage, recorder, path) == {
            "host": PUBLIC_NAME,
            "x-forwarded-host": PUBLIC_NAME,
            "x-forwarded-proto": None,
            "cloudfront-forwarded-proto": "https",
        }

    with_recorder(scene, deployed)


@pytest.mark.parametrize("path", ["/ping", "/static/a.js"])
def test_an_origin_that_hears_its_own_name_is_told_the_viewers_beside_it(path: str) -> None:
    deployed = FakeCloudFront(100)
    deployed.forwards = ALL_VIEWER_EXCEPT_HOST_HEADER
    deployed.key_headers = ["x-cutover-side", "x-forwarded-host"]

    async def scene(stage: Play, recorder: Recorder) -> None:
        heard = await told(stage, recorder, path)
        assert (heard["host"], heard["x-forwarded-host"]) == ("new-lb", PUBLIC_NAME)
        assert heard["x-forwarded-proto"] is None

    with_recorder(scene, deployed)


@pytest.mark.parametrize(("policy", "hsts"), [("", None), (SECURITY_HEADERS, "max-age=31536000")])
def test_an_answer_gets_no_security_header_but_by_the_policy(policy: str, hsts: str | None) -> None:
    deployed = FakeCloudFront(100)
    deployed.answers_get = policy

    async def scene(stage: Play, recorder: Recorder) -> None:
        host, port = stage.edge.address
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://{host}:{port}/ping") as answer,
        ):
            assert answer.headers.get("strict-transport-security") == hsts
            assert ("x-frame-options" in answer.headers) is bool(policy)

    with_recorder(scene, deployed)
