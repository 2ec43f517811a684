"""Load: all at once, in a loop and by the clock; nothing may fail, and a stalled side cannot hide."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import cast

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.inference.verdict import Verdict
from shared.readiness.checks.load import burst, load
from shared.readiness.finding import Check
from shared.readiness.http import loops
from shared.readiness.http.fetch import Client, FetchError, client
from shared.readiness.http.loops import Due, Open, due_times, open_loop
from shared.readiness.spec import Endpoint, Load, Side
from tests.unit.support.virtual_time import VirtualLoop, run

QUICK = settings(max_examples=60, deadline=None)

ENDPOINTS = [Endpoint("/", status=200), Endpoint("/ping", status=200)]
LOAD = Load(at_once=10, loop_seconds=0.2, rate=50, max_rate=200, ramp_seconds=0.2, hold_seconds=0.4)
Answer = Callable[[int], Awaitable[None]]


class Served:
    """A side as a fake: what the n-th request meets, and how many were under way at once."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.count = self.most = self._under_way = 0
        self.paths: list[str] = []

    async def time(self, path: str, status: int) -> float:
        assert status == 200
        self.count = turn = self.count + 1
        self.paths.append(path)
        self._under_way += 1
        self.most = max(self.most, self._under_way)
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await self._answer(turn)
        finally:
            self._under_way -= 1
        return loop.time() - began


def as_client(served: Served) -> Client:
    return cast(Client, served)


async def quick(_: int) -> None:
    await asyncio.sleep(0.005)


def failing(on: Callable[[int], bool]) -> Answer:
    async def answer(n: int) -> None:
        await asyncio.sleep(0.005)
        if on(n):
            raise FetchError("status 503")

    return answer


def loaded(old: Answer, new: Answer, asked: Load = LOAD) -> tuple[Check, Served, Served]:
    sides = Served(old), Served(new)
    check = run(load(*map(as_client, sides), ENDPOINTS, asked, lambda _: None))
    return check, *sides


def verdicts(check: Check) -> dict[str, Verdict]:
    return {f.id.removeprefix("load:"): f.verdict for f in check.findings}


def said(check: Check, finding: str) -> str:
    return next(f.said for f in check.findings if f.id == f"load:{finding}")


def test_two_sides_that_answer_pass_everything() -> None:
    check, old, new = loaded(quick, quick)
    assert check.verdict is Verdict.PASS
    stages = ("burst", "closed", "open", "rate")
    assert list(verdicts(check)) == [
        f"{side}:{stage}" for side in ("old", "new") for stage in stages
    ]
    assert said(check, "new:burst").startswith("new answered 10 requests at once, the slowest in ")
    assert said(check, "new:rate") == "new keeps up with 50.0 of 50 requests a second"
    for side in (old, new):
        assert side.most == 10
        assert abs(side.paths.count("/") - side.paths.count("/ping")) <= 3


def test_the_figures_have_the_reports_shape() -> None:
    check, *_ = loaded(quick, quick)
    assert set(check.figures) == {"at_once", "rate", "rate_source", "sides"}
    for side in ("old", "new"):
        shown = check.figures["sides"][side]
        assert set(shown) == {"burst", "closed", "open"}
        assert shown["burst"] == {
            "sent": 10,
            "failed": 0,
            "slowest_ms": shown["burst"]["slowest_ms"],
        }
        assert shown["closed"]["concurrency"] == 10
        assert shown["closed"]["requests"] >= shown["closed"]["rate"] * 0.2 - 1
        assert shown["open"]["sent"] == 25
        assert shown["open"]["rate"] == 50
        points = shown["open"]["points"]
        assert [point["at_s"] for point in points] == pytest.approx([i * 0.06 for i in range(10)])
        assert sum(point["due_rate"] for point in points) * 0.06 == pytest.approx(25, abs=0.1)
        assert all(point["p50_ms"] >= 5 for point in points if point["p50_ms"] is not None)


@pytest.mark.parametrize("side", ["old", "new"])
def test_a_side_that_fails_some_of_ten_at_once_is_loaded_no_further(side: str) -> None:
    broken = failing(lambda n: n in {3, 7, 9})
    check, old, new = loaded(*((broken, quick) if side == "old" else (quick, broken)))
    assert verdicts(check)[f"{side}:burst"] is Verdict.FAIL
    sentence = said(check, f"{side}:burst")
    assert sentence.startswith(
        f"3 of 10 requests at once failed on {side}, the first /: status 503"
    )
    assert ("a rollback needs old" in sentence) is (side == "old")
    assert (old if side == "old" else new).count == 10
    assert f"{side}:closed" not in verdicts(check)
    assert f"{'new' if side == 'old' else 'old'}:rate" in verdicts(check)


def test_the_burst_alone_says_the_same_and_sends_nothing_else() -> None:
    old, new = Served(quick), Served(failing(lambda n: n > 8))
    check = run(burst(as_client(old), as_client(new), ENDPOINTS, LOAD))
    assert check.name == "load"
    assert verdicts(check) == {"old:burst": Verdict.PASS, "new:burst": Verdict.FAIL}
    assert check.figures["sides"]["new"]["burst"]["failed"] == 2
    assert old.count == new.count == 10


def test_one_failure_in_the_loop_fails_and_the_clock_is_not_tried() -> None:
    check, _, _ = loaded(quick, failing(lambda n: n == 15))
    assert verdicts(check)["new:closed"] is Verdict.FAIL
    assert said(check, "new:closed").startswith("1 of ")
    assert "10 at a time, failed on new, the first /: status 503" in said(check, "new:closed")
    assert "new:open" not in verdicts(check)


def test_a_side_that_fails_at_once_is_not_asked_thousands_of_times() -> None:
    async def refused(n: int) -> None:
        if n > 10:
            raise FetchError("no connection to 127.0.0.1:1: Connection refused")
        await asyncio.sleep(0.001)

    check, _, new = loaded(quick, refused)
    assert verdicts(check)["new:closed"] is Verdict.FAIL
    assert new.count <= 10 + loops.ENOUGH + LOAD.at_once


def test_one_failure_by_the_clock_fails_and_is_counted() -> None:
    async def scene() -> Open:
        return await open_loop(as_client(Served(failing(lambda n: n == 5))), ENDPOINTS, LOAD)

    found = run(scene())
    assert (found.failed, found.sent, found.is_stopped) == (1, 25, False)
    assert found.reason == "/: status 503"
    assert sum(point.failed for point in found.points()) == 1


def test_the_clock_ends_when_ten_have_failed() -> None:
    found = run(open_loop(as_client(Served(failing(lambda _: True))), ENDPOINTS, LOAD))
    assert found.is_stopped
    assert loops.ENOUGH <= found.failed < 25
    assert found.never_sent == 0
    assert found.milliseconds(0.5) is None


def standing_still(after: float, seconds: float) -> Answer:
    """Answer in 5 ms, but for the time in which everything stands still."""
    began: list[float] = []

    async def answer(_: int) -> None:
        loop = asyncio.get_running_loop()
        began.append(loop.time())
        now = loop.time() - began[0]
        left = after + seconds - now if after <= now < after + seconds else 0.0
        await asyncio.sleep(0.005 + left)

    return answer


def test_a_stalled_side_cannot_hide_from_the_clock_and_would_from_a_loop() -> None:
    async def scene(loop: str) -> loops.Closed | Open:
        side = as_client(Served(standing_still(0.4, 0.4)))
        if loop == "closed":
            return await loops.closed_loop(side, ENDPOINTS, 4, 1.2)
        return await open_loop(side, ENDPOINTS, Load(1, 1, 100, 100, 0, 1.2))

    by_the_clock, in_a_loop = (run(scene(loop)) for loop in ("open", "closed"))
    # The stall takes 400 ms of 1200: of the clock's, one in ten waits longer than 275 ms.
    assert by_the_clock.milliseconds(0.9) == pytest.approx(285, abs=15)
    assert in_a_loop.milliseconds(0.9) == pytest.approx(5, abs=0.1)


def test_a_side_that_cannot_carry_the_rate_fails_with_the_rate_that_it_carries() -> None:
    def one_by_one() -> Answer:
        turn = asyncio.Lock()

        async def answer(_: int) -> None:
            async with turn:
                await asyncio.sleep(0.02)

        return answer

    asked = Load(2, 0.1, 100, 100, 0.2, 0.8, rate_source="what old carries now")
    check, _, _ = loaded(quick, one_by_one(), asked)
    assert verdicts(check)["old:rate"] is Verdict.PASS
    assert verdicts(check)["new:rate"] is Verdict.FAIL
    sentence = said(check, "new:rate")
    carried = float(sentence.split("keeps up with ")[1].split(" of 100")[0])
    assert carried == pytest.approx(50, abs=3)
    assert "(what old carries now)" in sentence


def test_when_as_many_as_are_allowed_are_under_way_it_says_so_and_what_waits_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loops, "OUTSTANDING", 5)

    async def slow(_: int) -> None:
        await asyncio.sleep(0.5)

    served = Served(slow)
    found = run(open_loop(as_client(served), ENDPOINTS, Load(1, 1, 100, 100, 0.1, 0.7)))
    assert served.most == 5
    assert found.is_full
    assert found.sent == 10
    assert found.never_sent == 65
    assert not found.keeps_up
    # The last that were due never waited as long as the first.
    assert 300 < (found.milliseconds(0.5) or 0) < 700


def test_a_rate_that_is_missed_names_how_many_were_never_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(loops, "OUTSTANDING", 5)

    async def slow(n: int) -> None:
        await asyncio.sleep(0.001 if n <= 20 else 0.3)

    check, *_ = loaded(quick, slow, Load(2, 0.005, 100, 100, 0.1, 0.6))
    assert verdicts(check)["new:rate"] is Verdict.FAIL
    assert "were never sent, because 5 were already waiting for an answer" in said(
        check, "new:rate"
    )


def test_a_machine_that_is_itself_too_slow_blames_nobody() -> None:
    async def blocking(n: int) -> None:
        if n > 3:
            cast(VirtualLoop, asyncio.get_running_loop()).pass_by(0.03)

    check, *_ = loaded(quick, blocking, Load(1, 0.01, 100, 100, 0.1, 0.5))
    assert verdicts(check)["new:rate"] is Verdict.INCONCLUSIVE
    assert "this machine sent up to" in said(check, "new:rate")


def test_a_rate_of_nothing_is_inconclusive() -> None:
    check, *_ = loaded(quick, quick, Load(1, 0.01, 0.1, 1, 0.1, 0.2))
    assert verdicts(check)["new:rate"] is Verdict.INCONCLUSIVE


@QUICK
@given(
    rate=st.floats(0.5, 500),
    ramp=st.floats(0, 20),
    hold=st.floats(0.1, 20),
)
def test_as_many_are_due_as_the_ramp_and_the_hold_have_room_for(
    rate: float, ramp: float, hold: float
) -> None:
    due = due_times(Load(1, 1, rate, rate, ramp, hold))
    assert abs(len(due) - rate * (ramp / 2 + hold)) <= 1
    assert due == sorted(due)
    assert all(0 <= at <= ramp + hold + 1e-6 for at in due)
    in_hold = [at for at in due if at >= ramp]
    assert all(b - a == pytest.approx(1 / rate, rel=1e-6) for a, b in pairwise(in_hold))
    half_way = sum(1 for at in due if at < ramp / 2)
    assert abs(half_way - rate * ramp / 8) <= 1


def answered(latency: float, rate: float, ramp: float, hold: float, capacity: float) -> Open:
    """Return an open loop on a side that takes `latency` and has room for `capacity` a second."""
    requests = [Due(at, ENDPOINTS[0]) for at in due_times(Load(1, 1, rate, rate, ramp, hold))]
    free = 0.0
    for one in requests:
        one.sent, one.is_right = one.at, True
        free = max(free, one.at) + 1 / capacity
        one.ended = free + latency
    return Open(ramp, hold, rate, requests)


@QUICK
@given(
    latency=st.floats(0.001, 5),
    rate=st.floats(1, 200),
    ramp=st.floats(0, 5),
    hold=st.floats(1, 20),
)
def test_a_side_is_not_blamed_for_what_is_always_under_way_at_its_latency(
    latency: float, rate: float, ramp: float, hold: float
) -> None:
    assert answered(latency, rate, ramp, hold, capacity=10 * rate).keeps_up


@QUICK
@given(
    latency=st.floats(0.001, 1),
    rate=st.floats(10, 200),
    ramp=st.floats(0, 5),
    share=st.floats(0.2, 0.9),
)
def test_a_side_with_room_for_nine_of_ten_or_fewer_does_not_keep_up(
    latency: float, rate: float, ramp: float, share: float
) -> None:
    found = answered(latency, rate, ramp, 10, capacity=share * rate)
    assert not found.keeps_up
    forgiven = (1 - share) * rate * (latency + 1 / (share * rate))
    assert found.answered_in_hold == pytest.approx(10 * share * rate, abs=5 + forgiven)


def test_progress_is_told_while_it_lasts_and_ends_at_one() -> None:
    told: list[float] = []
    sides = [as_client(Served(quick)) for _ in range(2)]
    run(load(*sides, ENDPOINTS, LOAD, told.append))
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) >= 3


def test_real_sides_are_loaded_over_real_sockets() -> None:
    """New fails as soon as more than four are at it."""
    at_it = 0

    async def crowded(_: web.Request) -> web.Response:
        nonlocal at_it
        at_it += 1
        await asyncio.sleep(0.02)
        is_crowded = at_it > 4
        at_it -= 1
        return web.Response(status=503 if is_crowded else 200)

    async def roomy(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def scene() -> Check:
        runners, urls = [], []
        for handler in (roomy, crowded):
            app = web.Application()
            app.router.add_get("/{path:.*}", handler)
            runner = web.AppRunner(app)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            runners.append(runner)
            urls.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        try:
            async with (
                client(Side(urls[0]), timeout_seconds=60) as old,
                client(Side(urls[1]), timeout_seconds=60) as new,
            ):
                return await load(old, new, ENDPOINTS, LOAD, lambda _: None)
        finally:
            for runner in runners:
                await runner.cleanup()

    check = asyncio.run(scene())
    assert verdicts(check) == {
        "old:burst": Verdict.PASS,
        "old:closed": Verdict.PASS,
        "old:open": Verdict.PASS,
        "old:rate": Verdict.PASS,
        "new:burst": Verdict.FAIL,
    }
    assert "the first /: status 503" in said(check, "new:burst") or "/ping: status 503" in said(
        check, "new:burst"
    )
