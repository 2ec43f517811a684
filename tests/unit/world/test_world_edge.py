"""The local edge does what is deployed: the function's choice, failover, the cache by side."""

from __future__ import annotations

import asyncio
import io
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.cloud.certificate import Certificate
from rehearsal.world import edge
from rehearsal.world.edge import _POLL_SECONDS, VIEWER_IP_HEADER, Edge
from rehearsal.world.edge_cache import Answer, Cache, key_of, lifetime
from rehearsal.world.edge_config import (
    ALL_VIEWER_EXCEPT_HOST_HEADER,
    CACHING_DISABLED,
    CachePolicy,
    read,
)
from rehearsal.world.side import LocalSide
from rehearsal.world.world import wait_until
from tests.unit.support.edge_driver import substituted

RELEASED = '{"state":"released"}'
BEHAVIOUR = {
    "TargetOriginId": "old",
    "AllowedMethods": {
        "Items": ["GET", "HEAD", "OPTIONS", "POST"],
        "CachedMethods": {"Items": ["GET", "HEAD", "OPTIONS"]},
    },
    "FunctionAssociations": {
        "Items": [{"EventType": "viewer-request"}, {"EventType": "viewer-response"}]
    },
    "CachePolicyId": CACHING_DISABLED,
    "OriginRequestPolicyId": ALL_VIEWER_EXCEPT_HOST_HEADER,
}
STATIC = CachePolicy(("x-cutover-side",), minimum=0, default=300, maximum=3600)


class FakeCloudFront:
    """A deployed distribution with both origins, and the deployed function."""

    def __init__(self, weight: int) -> None:
        self.weight = weight
        self.read_timeout_seconds = 10
        self.static_forwards = ""
        self.forwards = ALL_VIEWER_EXCEPT_HOST_HEADER
        self.answers_get = ""
        self.key_headers = ["x-cutover-side", "Origin"]
        self.errors: list[dict[str, Any]] = []
        self.groups: list[dict[str, Any]] = []

    def get_distribution_config(self, *, Id: str) -> dict[str, Any]:  # noqa: N803
        origins = [
            {
                "Id": side,
                "DomainName": f"{side}-lb",
                "CustomHeaders": {
                    "Items": [{"HeaderName": "x-origin-verify", "HeaderValue": "secret"}]
                },
                "ConnectionAttempts": 2,
                "ConnectionTimeout": 1,
                "CustomOriginConfig": {"OriginReadTimeout": self.read_timeout_seconds},
            }
            for side in ("old", "new")
        ]
        default = {
            **BEHAVIOUR,
            "OriginRequestPolicyId": self.forwards,
            "ResponseHeadersPolicyId": self.answers_get,
        }
        static = {
            **default,
            "PathPattern": "/static/*",
            "CachePolicyId": "static",
            "OriginRequestPolicyId": self.static_forwards,
        }
        return {
            "DistributionConfig": {
                "Origins": {"Items": origins},
                "DefaultCacheBehavior": default,
                "CacheBehaviors": {"Items": [static]},
                "CustomErrorResponses": {"Items": self.errors},
            }
        }

    def get_cache_policy_config(self, *, Id: str) -> dict[str, Any]:  # noqa: N803
        return {
            "CachePolicyConfig": {
                "MinTTL": 0,
                "DefaultTTL": 300,
                "MaxTTL": 3600,
                "ParametersInCacheKeyAndForwardedToOrigin": {
                    "HeadersConfig": {"Headers": {"Items": self.key_headers}},
                    "CookiesConfig": {"CookieBehavior": "none"},
                    "QueryStringsConfig": {"QueryStringBehavior": "all"},
                },
            }
        }

    def get_function(self, *, Name: str, Stage: str) -> dict[str, Any]:  # noqa: N803
        code = substituted(str(self.weight), groups=self.groups)
        return {"FunctionCode": io.BytesIO(code.encode())}


class FakeKeys:
    def __init__(self) -> None:
        self.switch = RELEASED

    def list_keys(self, *, KvsARN: str) -> dict[str, Any]:  # noqa: N803
        return {"Items": [{"Key": "switch", "Value": self.switch}]}


class Play:
    """An edge, two quick sides, and a viewer."""

    def __init__(
        self,
        weight: int,
        cloudfront: FakeCloudFront | None = None,
        kind: Callable[..., LocalSide] = LocalSide,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.cloudfront = cloudfront or FakeCloudFront(weight)
        self.keys = FakeKeys()
        self.sides = {
            side: kind(side, ["/ping", "/"], mean_latency_ms=1) for side in ("old", "new")
        }
        self.unreachable: list[str] = []
        self.edge = Edge(
            cloudfront=self.cloudfront,
            store=self.keys,
            cloudwatch=None,
            kinesis=None,
            distribution_id="D",
            function_name="router",
            store_arn="arn",
            resolve=lambda name: self.sides[name.removesuffix("-lb")].address,
            unreachable=self.unreachable.append,
            tls=tls,
        )

    async def get(
        self, path: str, *, method: str = "GET", ip: str = "198.51.100.9"
    ) -> tuple[int, str]:
        host, port = self.edge.address
        async with self.session.request(
            method, f"http://{host}:{port}{path}", headers={VIEWER_IP_HEADER: ip}
        ) as answer:
            return answer.status, answer.headers.get("x-served-by", "")


def play(
    scene: Callable[[Play], Awaitable[None]],
    *,
    weight: int = 100,
    cloudfront: FakeCloudFront | None = None,
    kind: Callable[..., LocalSide] = LocalSide,
    tls: ssl.SSLContext | None = None,
) -> None:
    async def run() -> None:
        stage = Play(weight, cloudfront, kind, tls)
        for side in stage.sides.values():
            await side.start()
        await stage.edge.start()
        try:
            async with aiohttp.ClientSession() as stage.session:
                await scene(stage)
        finally:
            await stage.edge.stop()
            for side in stage.sides.values():
                await side.stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(edge, "_POLL_SECONDS", 0.02)
        asyncio.run(run())


def test_a_failing_read_on_new_is_answered_by_old_and_a_write_is_not_repeated() -> None:
    async def scene(stage: Play) -> None:
        assert await stage.get("/ping") == (200, "new")
        stage.sides["new"].fail()
        assert await stage.get("/ping") == (200, "old")
        assert await stage.get("/echo", method="POST") == (500, "new")

    play(scene)


def test_a_new_that_refuses_connections_or_hangs_is_answered_by_old() -> None:
    async def scene(stage: Play) -> None:
        await stage.sides["new"].refuse()
        assert await stage.get("/ping") == (200, "old")
        assert stage.unreachable == ["new-lb", "new-lb"]
        await stage.sides["new"].heal()
        assert await stage.get("/ping") == (200, "new")
        stage.sides["new"].hang()
        assert await stage.get("/ping") == (200, "old")

    cloudfront = FakeCloudFront(100)
    cloudfront.read_timeout_seconds = 3
    play(scene, cloudfront=cloudfront)


def test_a_thrown_switch_takes_effect_within_a_second() -> None:
    assert _POLL_SECONDS <= 0.5  # and to read it takes less than that

    async def scene(stage: Play) -> None:
        assert await stage.get("/ping") == (200, "new")
        stage.keys.switch = '{"state":"thrown"}'
        await wait_until(lambda: "thrown" in stage.edge.switch, seconds=60, what="the switch")
        assert await stage.get("/ping") == (200, "old")
        assert await stage.get("/echo", method="POST") == (200, "old")

    play(scene)


def test_a_new_weight_takes_effect_when_the_function_is_published() -> None:
    async def scene(stage: Play) -> None:
        assert await stage.get("/ping") == (200, "old")
        stage.cloudfront.weight = 100
        await wait_until(lambda: "percent('100')" in stage.edge.code, seconds=60, what="weight 100")
        assert await stage.get("/ping") == (200, "new")

    play(scene, weight=0)


def test_what_is_cached_for_one_side_is_not_given_to_the_other() -> None:
    async def scene(stage: Play) -> None:
        assert await stage.get("/static/app.js") == (200, "new")
        counted = stage.sides["new"].take_counters().requests
        assert await stage.get("/static/app.js") == (200, "new")
        assert (counted, stage.sides["new"].take_counters().requests) == (1, 0)
        stage.keys.switch = '{"state":"thrown"}'
        await wait_until(lambda: "thrown" in stage.edge.switch, seconds=60, what="the switch")
        assert await stage.get("/static/app.js") == (200, "old")

    play(scene)


def test_whom_a_web_acl_keeps_out_gets_403_from_the_edge_and_nobody_else_does() -> None:
    async def scene(stage: Play) -> None:
        stage.edge.blocked_agent = "aiohttp"
        assert await stage.get("/ping") == (403, "")
        stage.edge.blocked_agent = "another"
        assert await stage.get("/ping") == (200, "new")

    play(scene)


def test_the_edge_speaks_tls_to_whoever_trusts_its_certificate(tmp_path: Path) -> None:
    certificate = Certificate(tmp_path)

    async def scene(stage: Play) -> None:
        trusting = ssl.create_default_context(cafile=str(certificate.trusted))
        async with stage.session.get(
            f"https://localhost:{stage.edge.secure_address[1]}/ping", ssl=trusting
        ) as answer:
            assert (answer.status, answer.headers["x-served-by"]) == (200, "new")

    play(scene, tls=certificate.server())


def test_a_method_that_is_not_allowed_does_not_reach_an_origin() -> None:
    async def scene(stage: Play) -> None:
        assert await stage.get("/ping", method="DELETE") == (403, "")

    play(scene)


def test_a_side_misbehaves_as_told_and_heals() -> None:
    async def scene(stage: Play) -> None:
        new = stage.sides["new"]
        new.answer_only_the_probe()
        assert await stage.get("/ping") == (200, "new")
        assert await stage.get("/") == (200, "old")
        await new.heal()
        assert await stage.get("/") == (200, "new")
        assert await stage.get("/nowhere") == (404, "new")
        counted = new.take_counters()
        assert (counted.requests, counted.errors) == (4, 1)
        assert len(counted.seconds) == 4

    play(scene)


@given(side=st.sampled_from(["old", "new"]), path=st.text(max_size=20))
def test_the_key_tells_the_sides_apart(side: str, path: str) -> None:
    other = {"old": "new", "new": "old"}[side]
    assert key_of(path, {"x-cutover-side": side}, STATIC) != key_of(
        path, {"x-cutover-side": other}, STATIC
    )


def kept(status: int = 200, stated: dict[int, float] | None = None, **headers: str) -> float:
    said = tuple((k.replace("_", "-"), v) for k, v in headers.items())
    return lifetime(Answer(status, said, b""), STATIC, stated or {})


def test_how_long_an_answer_may_be_kept() -> None:
    assert kept() == 300
    assert kept(cache_control="max-age=60") == 60
    assert kept(cache_control="max-age=60, s-maxage=10") == 10
    assert kept(cache_control="max-age=999999") == 3600
    assert kept(cache_control="no-store") == 0
    assert kept(cache_control="private, max-age=60") == 0
    assert kept(301) == 300
    assert kept(206) == 0


def test_an_answer_that_sets_a_cookie_is_kept_like_any_other() -> None:
    assert kept(set_cookie="session=1") == 300
    assert kept(set_cookie="session=1", cache_control='max-age=60, no-cache="Set-Cookie"') == 60


@pytest.mark.parametrize("status", [404, 414, 500, 501, 502, 503, 504])
def test_an_error_is_kept_for_ten_seconds_unless_something_else_is_stated(status: int) -> None:
    assert kept(status) == 10
    assert kept(status, {status: 0.0}) == 0
    assert kept(status, {status: 0.0}, cache_control="max-age=60") == 60
    may_refuse = status in {404, 414, 501}
    assert kept(status, cache_control="no-store") == (0 if may_refuse else 10)


@pytest.mark.parametrize("status", [400, 403, 405, 412, 415])
def test_some_errors_are_kept_only_when_the_origin_asks_for_it(status: int) -> None:
    assert kept(status) == 0
    assert kept(status, cache_control="max-age=60") == 60
    assert kept(401, cache_control="max-age=60") == 0


def test_a_kept_answer_runs_out() -> None:
    now = [0.0]
    cache = Cache(lambda: now[0])
    cache.put("k", Answer(200, (("cache-control", "max-age=60"),), b"x"), STATIC, {})
    assert cache.get("k") is not None
    now[0] = 61
    assert cache.get("k") is None


def test_cookies_are_kept_with_the_answer_unless_the_origin_excepts_them() -> None:
    cache = Cache()
    for key, said in (("a", "max-age=60"), ("b", 'max-age=60, no-cache="Set-Cookie"')):
        sets = (("cache-control", said), ("Set-Cookie", "session=1"))
        cache.put(key, Answer(200, sets, b"x"), STATIC, {})
    stored = {key: cache.get(key) for key in "ab"}
    assert {key: found and found.header("set-cookie") for key, found in stored.items()} == {
        "a": "session=1",
        "b": "",
    }


def test_an_origin_request_policy_that_nobody_taught_it_is_refused() -> None:
    deployed = FakeCloudFront(0)
    deployed.static_forwards = "another"
    with pytest.raises(ValueError, match="does not know the origin request policy another of /st"):
        read(deployed.get_distribution_config(Id="D")["DistributionConfig"])


def test_a_response_headers_policy_that_nobody_taught_it_is_refused() -> None:
    deployed = FakeCloudFront(0)
    deployed.answers_get = "another"
    with pytest.raises(ValueError, match="does not know the response headers policy another of"):
        read(deployed.get_distribution_config(Id="D")["DistributionConfig"])
