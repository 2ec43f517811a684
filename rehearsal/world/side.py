"""A real HTTP service on this machine in place of one side: its load balancer and its targets."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from aiohttp import web

from rehearsal.world.access_log import AccessLog
from rehearsal.world.leak import Leak
from rehearsal.world.listener import Listener
from rehearsal.world.listener_rules import Asked, Rule, first_match, location
from rehearsal.world.target import TARGETS, Target

TARGET_HEADER: Final = "x-target-health"
"""On what a load balancer's health checker asks: the number of the target that it asks."""
_BY_BALANCER: Final = web.RequestKey("by_balancer", bool)
"""On a request that the load balancer answers by itself, by one of its rules."""
_STARTED: Final = web.RequestKey("started", float)
"""On a request that counts: when it came, by the loop's clock."""

Fault = Literal[
    "none",
    "errors",
    "slow",
    "hang",
    "wrong content",
    "only the probe",
    "differs",
    "crowded",
    "refuses writes",
]


@dataclass
class Counters:
    """What happened since they were last taken; `errors`, `succeeded`, `redirected` and `refused` are answers
    of the targets with 5xx, 2xx, 3xx and 4xx, `sent_on` and `fixed` those of its listener's rules."""

    requests: int = 0
    errors: int = 0
    succeeded: int = 0
    redirected: int = 0
    refused: int = 0
    seconds: list[float] = field(default_factory=list)
    connection_errors: int = 0
    sent_on: int = 0
    fixed: int = 0

    def count(self, status: int) -> None:
        """Count an answer of the targets."""
        kind = status // 100
        self.succeeded += kind == 2
        self.redirected += kind == 3
        self.refused += kind == 4
        self.errors += kind == 5


class LocalSide:
    """Answers the declared endpoints, `/echo` and `/static/…`, and misbehaves when it is told to.

    Attributes
    ----------
    name : str
        old or new; every answer names it in the header `x-served-by`.
    targets : tuple of Target
        What answers. A request goes to a healthy target, by turns; to any where none is healthy (Elastic Load
        Balancing User Guide for Application Load Balancers, target-group-health-checks).
    rules : tuple of Rule
        The rules of its listener but the default, in the order in which they are tried.
    access_log : AccessLog or None
        Where its load balancer takes down every request.
    """

    def __init__(self, name: str, paths: Sequence[str], *, mean_latency_ms: float) -> None:
        self.name = name
        self.targets = tuple(Target() for _ in range(TARGETS))
        self.rules: tuple[Rule, ...] = ()
        self.access_log: AccessLog | None = None
        self._turn = 0
        self._paths = frozenset(paths)
        self._probe = next(iter(paths))
        self._mean_seconds = mean_latency_ms / 1000
        self._random = random.Random(name)
        self._fault: Fault = "none"
        self._share: Callable[[], float] = lambda: 1.0
        self._extra_seconds = 0.0
        self._different = ""
        self._at_once = 0
        self._under_way = 0
        self._counters = Counters()
        self._healed = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        app.on_response_prepare.append(self._begin_answer)
        self._listener = Listener(app)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return self._listener.address

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        await self._listener.open()

    async def stop(self) -> None:
        """Listen no more, and let go of who is kept waiting."""
        self._healed.set()
        await self._listener.end()

    def fail(self, share: float = 1.0) -> None:
        """Answer 500 to `share` of the requests, 0 to 1."""
        self._fault, self._share = "errors", lambda: share

    def leak(self, leak: Leak) -> None:
        """Answer 500 to more and more requests, from now on."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._fault, self._share = "errors", lambda: leak.share(loop.time() - began)

    def slow(self, milliseconds: float) -> None:
        """Take so much longer for each request."""
        self._fault, self._extra_seconds = "slow", milliseconds / 1000

    def hang(self) -> None:
        """Take requests and answer none; `heal` drops them, as a service that is started anew does."""
        self._fault = "hang"
        self._healed.clear()

    def give_wrong_content(self) -> None:
        """Answer 200 with a body that says something else."""
        self._fault = "wrong content"

    def answer_only_the_probe(self) -> None:
        """Answer the first endpoint as ever, and all else with 500."""
        self._fault = "only the probe"

    def refuse_writes(self) -> None:
        """Answer 403 to every POST, as a session does that is signed with another key."""
        self._fault = "refuses writes"

    def differ(self, path: str) -> None:
        """Answer `path` with another type and body, as if something else were installed there."""
        self._fault, self._different = "differs", path

    def crowd(self, at_once: int, milliseconds: float) -> None:
        """Answer 503 to a request while `at_once` others are under way, and take so much longer for each
        that those which come at once are under way together although some are late."""
        self._fault, self._at_once, self._extra_seconds = "crowded", at_once, milliseconds / 1000

    async def refuse(self) -> None:
        """Refuse connections, on the same port, until `heal`."""
        await self._listener.close()

    def lose(self, targets: int) -> None:
        """Let so many targets die: they refuse connections."""
        for target in self.targets[:targets]:
            target.up = False

    async def heal(self) -> None:
        """Behave again."""
        for target in self.targets:
            target.up = target.in_service = True
        self._fault, self._extra_seconds = "none", 0.0
        self._healed.set()
        await self._listener.open()

    def note_connection_error(self) -> None:
        """Count a connection that could not be made: a load balancer whose targets refuse."""
        self._counters.connection_errors += 1

    def take_counters(self) -> Counters:
        """Return what happened since the last call, and begin anew."""
        taken, self._counters = self._counters, Counters()
        return taken

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        # A load balancer carries its rules out, and logs, for all but what its own health checker asks.
        if TARGET_HEADER in request.headers or not (self.rules or self.access_log):
            return await self._forward(request)
        asked = _asked(request, self.address[1])
        rule = first_match(self.rules, asked)
        answer: web.StreamResponse | None = self._by_rule(request, rule, asked)
        if answer is None:
            answer = await self._forward(request)
        if self.access_log is not None:
            peer = request.transport.get_extra_info("peername") if request.transport else None
            self.access_log.note(asked, peer[1] if peer else 0, rule, answer.status)
        return answer

    async def _forward(self, request: web.Request) -> web.StreamResponse:
        started = asyncio.get_running_loop().time()
        # It counts what it forwards.
        counts = TARGET_HEADER not in request.headers
        target = self._next() if counts else self.targets[int(request.headers[TARGET_HEADER])]
        self._counters.requests += counts
        if not (target.up and (counts or target.in_service)):
            return self._refused(request, counts)
        if counts:
            request[_STARTED] = started
        self._under_way += 1
        try:
            status = await self._behave(request)
        finally:
            self._under_way -= 1
        return await self._respond(request, status)

    def _by_rule(
        self, request: web.Request, rule: Rule | None, asked: Asked
    ) -> web.Response | None:
        """Return the load balancer's own answer, where a rule has one. It is in no count of requests or of
        targets (Elastic Load Balancing, load-balancer-cloudwatch-metrics, RequestCount)."""
        if rule is None or rule.action["Type"] == "forward":
            return None
        request[_BY_BALANCER] = True
        if rule.action["Type"] == "redirect":
            self._counters.sent_on += 1
            config = rule.action["RedirectConfig"]
            return web.Response(
                status=int(config["StatusCode"].removeprefix("HTTP_")),
                headers={"location": location(config, asked)},
            )
        self._counters.fixed += 1
        fixed = rule.action["FixedResponseConfig"]
        return web.Response(
            status=int(fixed["StatusCode"]),
            text=fixed.get("MessageBody", ""),
            content_type=fixed.get("ContentType", "text/plain"),
        )

    async def _begin_answer(self, request: web.Request, response: web.StreamResponse) -> None:
        """Name the side, and count the answer: a load balancer stops its watch when the target begins to send
        headers (Elastic Load Balancing, load-balancer-cloudwatch-metrics, TargetResponseTime)."""
        if _BY_BALANCER in request:
            return
        response.headers["x-served-by"] = self.name
        # Who has left gets no answer, so there is none to count and no time that it took.
        if _STARTED in request and request.transport is not None:
            self._counters.seconds.append(asyncio.get_running_loop().time() - request[_STARTED])
            self._counters.count(response.status)

    async def _respond(self, request: web.Request, status: int) -> web.StreamResponse:
        """Answer with `status`, which the request was found to deserve."""
        body = f"chatmrpt answers {status} to {request.method} {request.path}\n"
        if self._fault == "wrong content":
            body = "it works!\n"
        if self._fault == "differs" and request.path == self._different:
            return web.json_response({"status": "ok"})
        headers = {"cache-control": "max-age=60"} if request.path.startswith("/static/") else {}
        if request.method == "POST":
            body = (await request.read()).decode(errors="replace")
        return web.Response(status=status, text=body, headers=headers)

    def _next(self) -> Target:
        takes = [target for target in self.targets if target.healthy] or self.targets
        self._turn += 1
        return takes[self._turn % len(takes)]

    def _refused(self, request: web.Request, counts: bool) -> web.StreamResponse:
        """Answer for a target that does not: viewers get the load balancer's own 502."""
        if counts:
            self.note_connection_error()
        elif request.transport is not None:
            request.transport.abort()
        return web.Response(status=web.HTTPBadGateway.status_code)

    async def _behave(self, request: web.Request) -> int:
        probe = request.path == self._probe
        if self._fault == "hang":
            await self._healed.wait()
            if request.transport is not None:
                request.transport.abort()
        if self._fault == "crowded" and self._under_way > self._at_once:
            return 503
        # Close about the mean, so that its 95th percentile stays well below one and a fifth of it.
        seconds = self._mean_seconds * self._random.uniform(0.9, 1.1)
        is_slower = self._fault in {"slow", "crowded"}
        await asyncio.sleep(seconds + (self._extra_seconds if is_slower else 0))
        if self._fault == "errors" and self._random.random() < self._share():
            return 500
        if self._fault == "only the probe" and not probe:
            return 500
        if self._fault == "refuses writes" and request.method == "POST":
            return 403
        return 200 if self._knows(request.path) else 404

    def _knows(self, path: str) -> bool:
        return path in self._paths or path.startswith(("/static/", "/echo"))


def _asked(request: web.Request, port: int) -> Asked:
    """Return `request` as rules see it: with the listener's scheme and port, and the path as it was sent."""
    path, _, query = request.raw_path.partition("?")
    return Asked(
        method=request.method,
        scheme="http",
        host=request.host.rpartition(":")[0] if ":" in request.host else request.host,
        port=port,
        path=path,
        query=query,
        headers=tuple(request.headers.items()),
        source_ip=request.remote or "127.0.0.1",
    )
