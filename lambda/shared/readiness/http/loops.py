"""Three ways to send requests to one side: all at once, as fast as it answers, and by the clock."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from shared.inference.quantiles import quantile
from shared.readiness.http.fetch import Client, FetchError
from shared.readiness.spec import Endpoint, Load

ENOUGH: Final = 10
"""After this many failures no more is sent: the side has failed, and live traffic may be on it."""
OUTSTANDING: Final = 256
"""Requests under way at once in the open loop; Lambda gives a function 1,024 file descriptors (Lambda
Developer Guide, gettingstarted-limits)."""
_TICK: Final = 0.001
"""asyncio wakes up to a millisecond late (it rounds up what it waits), so it is told to wake one early."""
_POINTS: Final = 10
_SLACK: Final = 2
"""Requests by which the hold's two edges may be off, whatever the side does."""


class _Failing(Exception):  # noqa: N818 - no error: there is no sense in sending on
    """It has failed often enough."""


@dataclass
class Sent:
    """What became of the requests that were answered or failed.

    Attributes
    ----------
    seconds : list of float
        Of those that were answered right.
    failed : int
    reason : str
        Why the first one failed.
    """

    seconds: list[float] = field(default_factory=list)
    failed: int = 0
    reason: str = ""

    @property
    def count(self) -> int:
        """How many there were."""
        return len(self.seconds) + self.failed

    def milliseconds(self, share: float) -> float | None:
        """Return the quantile at `share`, None without an answer."""
        return milliseconds(self.seconds, share)

    def fails(self, endpoint: Endpoint, error: FetchError) -> None:
        """Count a failure."""
        self.failed += 1
        self.reason = self.reason or f"{endpoint.path}: {error}"


def milliseconds(seconds: Sequence[float], share: float) -> float | None:
    """Return the quantile of `seconds` at `share` in milliseconds, None where there are none."""
    return round(1000 * quantile(sorted(seconds), share), 3) if seconds else None


async def burst(client: Client, endpoints: Sequence[Endpoint], at_once: int) -> Sent:
    """Send `at_once` requests at once, to the endpoints in turn."""
    sent = Sent()

    async def ask(endpoint: Endpoint) -> None:
        try:
            sent.seconds.append(await client.time(endpoint.path, endpoint.status))
        except FetchError as error:
            sent.fails(endpoint, error)

    await asyncio.gather(*(ask(endpoints[i % len(endpoints)]) for i in range(at_once)))
    return sent


@dataclass
class Closed(Sent):
    """A closed loop: a fixed number at a time, each sent when another is answered.

    Attributes
    ----------
    elapsed : float
        Seconds for which new ones were sent.
    in_time : int
        How many were answered right within that time.
    """

    elapsed: float = 0.0
    in_time: int = 0

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return self.in_time / self.elapsed if self.elapsed else 0.0


async def closed_loop(
    client: Client, endpoints: Sequence[Endpoint], concurrency: int, seconds: float
) -> Closed:
    """Keep `concurrency` requests under way for `seconds`, or until ten have failed."""
    loop, sent, turns = asyncio.get_running_loop(), Closed(), count()
    began = loop.time()
    end = began + seconds

    async def worker() -> None:
        while loop.time() < end:
            endpoint = endpoints[next(turns) % len(endpoints)]
            try:
                taken = await client.time(endpoint.path, endpoint.status)
            except FetchError as error:
                sent.fails(endpoint, error)
                if sent.failed >= ENOUGH:
                    raise _Failing from error
                continue
            sent.seconds.append(taken)
            sent.in_time += loop.time() <= end

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(worker())
    except* _Failing:
        pass
    sent.elapsed = min(seconds, loop.time() - began)
    return sent


@dataclass(slots=True)
class Due:
    """One request of the open loop, in seconds since the loop began.

    `sent` and `ended` are None as long as it is not; `is_right` says what it ended in.
    """

    at: float
    endpoint: Endpoint
    sent: float | None = None
    ended: float | None = None
    is_right: bool = False

    def waited(self, end: float) -> float:
        """Return how long the answer took from when it was due, or how long it was waited for at `end`."""
        # It may be sent a tick before it is due: that saves no time.
        began = self.at if self.sent is None else min(self.at, self.sent)
        return (end if self.ended is None else self.ended) - began


@dataclass(frozen=True)
class Point:
    """A stretch of the open loop from `at` (seconds since it began) on: rates a second, milliseconds."""

    at: float
    due_rate: float
    answered_rate: float
    failed: int
    p50: float | None
    p95: float | None


@dataclass
class Open:
    """An open loop: each request is sent when it is due, whatever became of the ones before.

    Latency counts from when a request was due: one that had to wait because the side was busy with others
    is as slow as it would be to a viewer. One that was never sent counts with the time it waited.

    Attributes
    ----------
    ramp, hold, rate : float
        Seconds, seconds and requests a second, as asked for.
    requests : list of Due
    reason : str
        Why the first failure failed.
    is_full : bool
        Whether as many as are allowed were ever under way.
    is_stopped : bool
        Whether failures ended it early.
    lag : float
        Seconds by which 19 of 20 were sent late at most, by this machine's own fault.
    elapsed : float
        Seconds until the last answer.
    """

    ramp: float
    hold: float
    rate: float
    requests: list[Due]
    reason: str = ""
    is_full: bool = False
    is_stopped: bool = False
    lag: float = 0.0
    elapsed: float = 0.0

    @property
    def failed(self) -> int:
        """How many ended in no answer, or a wrong one."""
        return sum(1 for one in self.requests if one.ended is not None and not one.is_right)

    @property
    def sent(self) -> int:
        """How many were answered or failed."""
        return sum(1 for one in self.requests if one.ended is not None)

    @property
    def never_sent(self) -> int:
        """How many were due and never sent, because as many as are allowed were under way until the end."""
        return 0 if self.is_stopped else sum(1 for one in self.requests if one.sent is None)

    @property
    def due_in_hold(self) -> int:
        """How many were due while the rate was held."""
        return sum(1 for one in self.requests if one.at >= self.ramp)

    @property
    def answered_in_hold(self) -> int:
        """With how many of those that were due in the hold it kept up.

        What is under way at the hold's end counts against it, less what was when it began, or what always
        is at this rate when each takes as long as the fastest answer of its endpoint.
        """
        fastest: dict[str, float] = {}
        for one in self.requests:
            if one.is_right and one.sent is not None and one.ended is not None:
                taken = one.ended - one.sent
                fastest[one.endpoint.path] = min(taken, fastest.get(one.endpoint.path, taken))
        usual = sum(fastest.values()) / len(fastest) if fastest else 0.0
        began, ended = self._under_way(self.ramp), self._under_way(self.ramp + self.hold)
        return self.due_in_hold - max(0, ended - max(began, math.ceil(self.rate * usual)))

    @property
    def keeps_up(self) -> bool:
        """Whether it kept up with 19 of 20 that were due in the hold, or with all but two."""
        behind = self.due_in_hold - self.answered_in_hold
        return behind <= max(0.05 * self.due_in_hold, _SLACK)

    def _under_way(self, at: float) -> int:
        return sum(
            one.at < at and not (one.is_right and one.ended is not None and one.ended <= at)
            for one in self.requests
        )

    def milliseconds(self, share: float) -> float | None:
        """Return the quantile of the latency at `share`, None without an answer."""
        return milliseconds(self._waits(self.requests), share)

    def points(self) -> list[Point]:
        """Return its course: a point for each second, or ten where it is shorter than ten seconds."""
        whole = self.ramp + self.hold
        number = max(_POINTS, round(whole))
        width = whole / number
        due: list[list[Due]] = [[] for _ in range(number)]
        answered = [0] * number
        for one in self.requests:
            due[min(int(one.at / width), number - 1)].append(one)
            if one.is_right and one.ended is not None and one.ended < whole:
                answered[min(int(one.ended / width), number - 1)] += 1
        return [
            Point(
                at=round(i * width, 3),
                due_rate=round(len(ones) / width, 3),
                answered_rate=round(answered[i] / width, 3),
                failed=sum(one.ended is not None and not one.is_right for one in ones),
                p50=milliseconds(waits := self._waits(ones), 0.5),
                p95=milliseconds(waits, 0.95),
            )
            for i, ones in enumerate(due)
        ]

    def _waits(self, requests: Sequence[Due]) -> list[float]:
        """Return how long each was waited for, but for those that failed or were given up."""
        return [
            one.waited(self.ramp + self.hold)
            for one in requests
            if one.is_right or (one.sent is None and not self.is_stopped)
        ]


def due_times(load: Load) -> list[float]:
    """Return when each request is due, in seconds: the rate rises evenly from 0, then it is held."""
    in_ramp = load.rate * load.ramp_seconds / 2
    whole = int(in_ramp + load.rate * load.hold_seconds + 1e-9)
    middles = (i + 0.5 for i in range(whole))
    return [
        math.sqrt(2 * load.ramp_seconds * n / load.rate)
        if n <= in_ramp
        else load.ramp_seconds + (n - in_ramp) / load.rate
        for n in middles
    ]


async def open_loop(client: Client, endpoints: Sequence[Endpoint], load: Load) -> Open:
    """Send each request when it is due, to the endpoints in turn; end when ten have failed."""
    loop = asyncio.get_running_loop()
    requests = [Due(at, endpoints[i % len(endpoints)]) for i, at in enumerate(due_times(load))]
    found = Open(load.ramp_seconds, load.hold_seconds, load.rate, requests)
    slots, failed, lags = asyncio.Semaphore(OUTSTANDING), 0, [0.0]
    began = loop.time()
    end = load.ramp_seconds + load.hold_seconds

    async def ask(one: Due) -> None:
        nonlocal failed
        one.sent = loop.time() - began
        try:
            await client.time(one.endpoint.path, one.endpoint.status)
            one.is_right = True
        except FetchError as error:
            failed += 1
            found.reason = found.reason or f"{one.endpoint.path}: {error}"
        one.ended = loop.time() - began
        slots.release()
        if failed >= ENOUGH:
            raise _Failing

    async def send() -> None:
        async with asyncio.TaskGroup() as group:
            for one in requests:
                await asyncio.sleep(max(0.0, began + one.at - _TICK - loop.time()))
                if slots.locked():
                    found.is_full = True
                elif not found.is_full:
                    lags.append(loop.time() - began - one.at)
                try:
                    async with asyncio.timeout_at(began + end):
                        await slots.acquire()
                except TimeoutError:
                    break
                group.create_task(ask(one))

    try:
        await send()
    except* _Failing:
        found.is_stopped = True
    found.lag = max(0.0, quantile(sorted(lags), 0.95))
    found.elapsed = loop.time() - began
    return found
