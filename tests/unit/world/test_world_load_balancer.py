"""What a load balancer and the edge tell CloudWatch, and that it is what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from rehearsal.world.load_balancer import LoadBalancer
from rehearsal.world.side import Counters, LocalSide
from tests.unit.support.virtual_time import run_with_sockets

GROUP = {"TargetGroup": "targetgroup/new/2", "LoadBalancer": "app/new/1"}
BALANCER = {"LoadBalancer": "app/new/1"}


class FakeCloudWatch:
    """Keeps what is put, by call."""

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803
        assert Namespace == "AWS/ApplicationELB"
        self.calls.append(MetricData)


def published(counted: Counters) -> dict[str, dict[str, Any]]:
    """Return what is put for one minute, by metric."""
    return {datum["MetricName"]: datum for datum in all_published(counted)}


def by_name(cloudwatch: FakeCloudWatch) -> dict[str, dict[str, Any]]:
    (call,) = cloudwatch.calls
    return {datum["MetricName"]: datum for datum in call}


def all_published(counted: Counters) -> list[dict[str, Any]]:
    """Return all that is put for one minute."""
    cloudwatch = FakeCloudWatch()

    async def run() -> None:
        balancer = LoadBalancer(
            cloudwatch,
            LocalSide("new", ["/ping"], mean_latency_ms=1),
            load_balancer="app/new/1",
            target_group="targetgroup/new/2",
            health_path="/ping",
        )
        await balancer._publish(counted, 1_800_000_000.0)

    run_with_sockets(run())
    (call,) = cloudwatch.calls
    return call


def dimensions(datum: dict[str, Any]) -> dict[str, str]:
    return {entry["Name"]: entry["Value"] for entry in datum["Dimensions"]}


def test_a_minute_without_requests_tells_of_requests_and_hosts_and_nothing_else() -> None:
    told = published(Counters())
    assert {name: datum.get("Value", datum.get("Values")) for name, datum in told.items()} == {
        "RequestCount": 0,
        "HealthyHostCount": [3.0],
        "UnHealthyHostCount": [0.0],
    }
    assert {datum["Timestamp"] for datum in told.values()} == {1_800_000_000.0}


def test_errors_are_told_under_the_dimensions_that_the_alarms_read() -> None:
    told = published(Counters(requests=9, errors=4, connection_errors=3))
    assert (told["HTTPCode_Target_5XX_Count"]["Value"], told["RequestCount"]["Value"]) == (4, 9)
    assert told["HTTPCode_ELB_5XX_Count"]["Value"] == 3
    assert told["TargetConnectionErrorCount"]["Value"] == 3
    assert dimensions(told["HTTPCode_ELB_5XX_Count"]) == BALANCER
    for name in ("HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount"):
        assert dimensions(told[name]) == GROUP


def test_requests_are_told_of_the_target_group_and_of_the_whole_load_balancer() -> None:
    """Elastic Load Balancing User Guide, load-balancer-cloudwatch-metrics, RequestCount's dimensions."""
    calls = all_published(Counters(requests=9))
    told = [(dimensions(one), one["Value"]) for one in calls if one["MetricName"] == "RequestCount"]
    assert told == [(GROUP, 9), (BALANCER, 9)]


def test_answers_are_told_by_class_and_a_class_without_any_is_not() -> None:
    told = published(Counters(requests=9, succeeded=6, refused=3))
    codes = {name: datum["Value"] for name, datum in told.items() if name.startswith("HTTPCode")}
    assert codes == {"HTTPCode_Target_2XX_Count": 6, "HTTPCode_Target_4XX_Count": 3}
    assert dimensions(told["HTTPCode_Target_4XX_Count"]) == GROUP
    assert published(Counters(requests=2, redirected=2))["HTTPCode_Target_3XX_Count"]["Value"] == 2


def test_each_status_counts_in_its_class() -> None:
    counted = Counters()
    for status in (200, 204, 304, 403, 404, 499, 500):
        counted.count(status)
    assert counted == Counters(succeeded=2, redirected=1, refused=3, errors=1)


def test_a_side_that_refuses_writes_answers_reads_and_counts_both() -> None:
    async def run() -> None:
        side = LocalSide("new", ["/ping"], mean_latency_ms=1)
        await side.start()
        host, port = side.address
        try:
            async with aiohttp.ClientSession() as session:
                side.refuse_writes()
                async with session.post(f"http://{host}:{port}/echo", data="x") as answer:
                    assert answer.status == 403
                async with session.get(f"http://{host}:{port}/ping") as answer:
                    assert answer.status == 200
                counted = side.take_counters()
                assert (counted.requests, counted.succeeded, counted.refused) == (2, 1, 1)
                await side.heal()
                async with session.post(f"http://{host}:{port}/echo", data="x") as answer:
                    assert answer.status == 200
        finally:
            await side.stop()

    asyncio.run(run())


def test_latencies_are_told_in_seconds_each_with_its_count() -> None:
    told = published(Counters(requests=3, seconds=[0.2011, 0.2009, 0.25]))["TargetResponseTime"]
    assert (told["Values"], told["Counts"]) == ([0.201, 0.25], [2.0, 1.0])
    assert told["Unit"] == "Seconds"
    assert dimensions(told) == GROUP


def with_side(
    scene: Callable[[LocalSide, Callable[[], Awaitable[int]]], Awaitable[None]],
) -> None:
    """Play `scene` with a side, and a viewer who waits for half a second at most."""

    async def run() -> None:
        side = LocalSide("new", ["/ping"], mean_latency_ms=1)
        await side.start()
        host, port = side.address
        try:
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.5)) as session:

                async def get() -> int:
                    async with session.get(f"http://{host}:{port}/ping") as answer:
                        return answer.status

                await scene(side, get)
        finally:
            await side.stop()

    run_with_sockets(run())


def test_a_request_that_hung_counts_when_it_came_and_has_no_latency_once_its_viewer_left() -> None:
    async def scene(side: LocalSide, get: Callable[[], Awaitable[int]]) -> None:
        side.hang()
        with pytest.raises(TimeoutError):
            await get()
        while_hung = side.take_counters()
        assert (while_hung.requests, while_hung.seconds) == (1, [])
        await side.heal()
        await asyncio.sleep(0.1)
        assert side.take_counters() == Counters()
        assert await get() == 200

    with_side(scene)


def test_half_of_the_requests_fail_when_told_so() -> None:
    async def scene(side: LocalSide, get: Callable[[], Awaitable[int]]) -> None:
        side.fail(0.5)
        statuses = [await get() for _ in range(100)]
        assert set(statuses) == {200, 500}
        # The draws are seeded: far from none and far from all.
        assert 30 <= statuses.count(500) <= 70
        assert side.take_counters().errors == statuses.count(500)

    with_side(scene)


def test_a_slow_side_answers_later_and_counts_it() -> None:
    async def scene(side: LocalSide, get: Callable[[], Awaitable[int]]) -> None:
        side.slow(120)
        assert await get() == 200
        (seconds,) = side.take_counters().seconds
        assert seconds >= 0.12
        await side.heal()
        assert await get() == 200
        (seconds,) = side.take_counters().seconds
        assert seconds < 0.12

    with_side(scene)


def with_balancer(
    scene: Callable[
        [LocalSide, Callable[[], Awaitable[int]], Callable[[], Awaitable[None]]], Awaitable[None]
    ],
) -> FakeCloudWatch:
    """Play `scene` with a side, a viewer, and one look of its load balancer a call; then a minute ends."""
    cloudwatch = FakeCloudWatch()

    async def run() -> None:
        side = LocalSide("new", ["/ping"], mean_latency_ms=1)
        await side.start()
        balancer = LoadBalancer(
            cloudwatch,
            side,
            load_balancer="app/new/1",
            target_group="targetgroup/new/2",
            health_path="/ping",
        )
        host, port = side.address
        try:
            async with aiohttp.ClientSession() as session:

                async def get() -> int:
                    async with session.get(f"http://{host}:{port}/ping") as answer:
                        return answer.status

                async def look() -> None:
                    await balancer.look(session)

                await scene(side, get, look)
                await balancer._publish(side.take_counters(), 1_800_000_000.0)
        finally:
            await side.stop()

    asyncio.run(run())
    return cloudwatch


def test_a_target_that_dies_is_asked_until_two_looks_have_found_it_dead() -> None:
    async def scene(
        side: LocalSide, get: Callable[[], Awaitable[int]], look: Callable[[], Awaitable[None]]
    ) -> None:
        side.lose(2)
        before = [await get() for _ in range(6)]
        assert (before.count(200), before.count(502)) == (2, 4)
        await look()
        assert [target.healthy for target in side.targets] == [True, True, True]
        await look()
        assert [target.healthy for target in side.targets] == [False, False, True]
        assert [await get() for _ in range(6)] == [200] * 6

    told = by_name(with_balancer(scene))
    assert told["RequestCount"]["Value"] == 12
    assert told["TargetConnectionErrorCount"]["Value"] == 4
    assert told["HTTPCode_ELB_5XX_Count"]["Value"] == 4
    assert told["HealthyHostCount"]["Values"] == [3.0, 1.0]
    assert told["UnHealthyHostCount"]["Values"] == [0.0, 2.0]


def test_a_target_that_leaves_answers_until_it_is_asked_no_more() -> None:
    async def scene(
        side: LocalSide, get: Callable[[], Awaitable[int]], look: Callable[[], Awaitable[None]]
    ) -> None:
        side.targets[0].in_service = False
        await look()
        assert [await get() for _ in range(6)] == [200] * 6
        await look()
        side.targets[0].up = False
        assert [await get() for _ in range(6)] == [200] * 6
        await side.heal()
        await look()
        await look()

    told = by_name(with_balancer(scene))
    assert "TargetConnectionErrorCount" not in told
    assert told["HealthyHostCount"]["Values"] == [3.0, 2.0, 2.0, 3.0]
    assert told["UnHealthyHostCount"]["Values"] == [0.0, 1.0, 1.0, 0.0]


def test_where_no_target_is_healthy_all_are_asked() -> None:
    async def scene(
        side: LocalSide, get: Callable[[], Awaitable[int]], look: Callable[[], Awaitable[None]]
    ) -> None:
        for target in side.targets:
            target.in_service = False
        await look()
        await look()
        assert not any(target.healthy for target in side.targets)
        assert [await get() for _ in range(3)] == [200] * 3

    told = by_name(with_balancer(scene))
    assert told["HealthyHostCount"]["Values"] == [3.0, 0.0]


def test_what_a_rule_answers_is_no_request_of_the_targets() -> None:
    told = published(Counters(sent_on=3, fixed=2))
    assert told["RequestCount"]["Value"] == 0
    for name, count in (("HTTP_Redirect_Count", 3), ("HTTP_Fixed_Response_Count", 2)):
        assert told[name]["Value"] == count
        assert dimensions(told[name]) == BALANCER
