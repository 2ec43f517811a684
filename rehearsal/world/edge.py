"""The local edge: a reverse proxy that does what is deployed, with the deployed function's code.

Viewers speak plain HTTP to it, or TLS at a port of its own; it does not compress. Everything
else that steers a request comes from the distribution, the function, the cache policies and the
KeyValueStore, read again each half second; that is the propagation here. A body is passed on as it comes,
in both directions, and never held whole, unless it is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from rehearsal.edge_runtime.client import EdgeRuntime, EdgeRuntimeError
from rehearsal.edge_runtime.client import Origin as Choice
from rehearsal.world import edge_websocket
from rehearsal.world.edge_asking import Asking, InForce
from rehearsal.world.edge_cache import Answer, Cache, key_of, lifetime, without_cookies
from rehearsal.world.edge_config import (
    CACHING_DISABLED,
    Behaviour,
    CachePolicy,
    Deployed,
    Origin,
    read,
    read_cache_policy,
)
from rehearsal.world.edge_event import pairs, viewer_request, viewer_response
from rehearsal.world.edge_headers import MOST_OF_A_REQUEST, is_too_long, of_origin
from rehearsal.world.edge_log import EdgeLog, LogConfig, Told, log_config
from rehearsal.world.edge_range import part_of
from rehearsal.world.listener import Listener
from rehearsal.world.minutes import each_minute

_LOG = logging.getLogger("edge")
_POLL_SECONDS: Final = 0.5
VIEWER_IP_HEADER: Final = "x-rehearsal-viewer-ip"
"""Stands for the viewer's address, which on loopback is always the same."""
VIEWER_COUNTRY_HEADER: Final = "x-rehearsal-viewer-country"
"""Stands for what CloudFront knows of the address, like SE."""
_STAND_INS: Final = frozenset({VIEWER_IP_HEADER, VIEWER_COUNTRY_HEADER})
ASKED_HEADER: Final = "x-rehearsal-asked"
"""Tells a viewer which origins were asked, in this order; a real edge tells it in its logs at best."""
_FAILOVER_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ASKED_AGAIN_METHODS: Final = frozenset({"GET", "HEAD"})
_SECURITY_HEADERS: Final = (
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "SAMEORIGIN"),
    ("x-xss-protection", "1; mode=block"),
)
"""What the managed policy adds where an origin sends none (CloudFront Developer Guide,
using-managed-response-headers-policies)."""
_OWN_HEADERS: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What aiohttp would add to a request."""
_MOST_KEPT: Final = 16 * 1024 * 1024
"""Bytes of a file that is kept. CloudFront keeps up to 50 GB (Developer Guide, cloudfront-limits)."""
_READ_TOO: Final = 64 * 1024
"""So many bytes of a line or a header are read, to answer what is too long as CloudFront does."""


@dataclass
class EdgeCounters:
    """What viewers got since they were last taken."""

    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0
    function_errors: int = 0
    store_errors: int = 0


@dataclass(frozen=True)
class Arriving:
    """An answer whose body is still on its way from the origin."""

    status: int
    headers: tuple[tuple[str, str], ...]
    chunks: AsyncIterator[bytes]


class Edge:
    """One distribution on this machine.

    `resolve` maps an origin's domain name to this machine; `unreachable` is told of each attempt to
    connect that failed. With `tls` it listens for TLS too. Whose User-Agent holds `blocked_agent` is kept
    out, as by a web ACL.

    Attributes
    ----------
    log : EdgeLog
        Its real-time log.
    """

    def __init__(
        self,
        *,
        cloudfront: Any,
        store: Any,
        cloudwatch: Any,
        kinesis: Any,
        distribution_id: str,
        function_name: str,
        store_arn: str,
        resolve: Callable[[str], tuple[str, int]],
        unreachable: Callable[[str], None],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._cloudfront = cloudfront
        self._store = store
        self._cloudwatch = cloudwatch
        self.log = EdgeLog(kinesis, cloudwatch)
        self._distribution_id = distribution_id
        self._function_name = function_name
        self._store_arn = store_arn
        self._resolve = resolve
        self._unreachable = unreachable
        self.blocked_agent = ""
        self._in_force: InForce | None = None
        self._cache = Cache()
        self._counters = EdgeCounters()
        self._tasks: list[asyncio.Task[None]] = []
        self._ends = contextlib.AsyncExitStack()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._listener = Listener(
            app,
            tls=tls,
            auto_decompress=False,
            # A viewer that leaves ends what is asked of the origin for it.
            handler_cancellation=True,
            max_line_size=_READ_TOO,
            max_field_size=_READ_TOO,
            max_headers=_READ_TOO,
        )

    @property
    def address(self) -> tuple[str, int]:
        """Where viewers reach it."""
        return self._listener.address

    @property
    def secure_address(self) -> tuple[str, int]:
        """Where it speaks TLS, with `tls`."""
        return self._listener.secure_address

    @property
    def code(self) -> str:
        """The function's code in force."""
        return self._in_force.code if self._in_force else ""

    @property
    def switch(self) -> str:
        """The switch in force, as the store has it."""
        return (self._in_force.store or {}).get("switch", "") if self._in_force else ""

    async def start(self) -> None:
        """Read what is deployed, then listen."""
        self._runtime = await self._ends.enter_async_context(EdgeRuntime.start())
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=5)
        self._session = await self._ends.enter_async_context(
            aiohttp.ClientSession(
                connector=connector,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                max_line_size=MOST_OF_A_REQUEST,
                max_field_size=MOST_OF_A_REQUEST,
                skip_auto_headers=_OWN_HEADERS,
                timeout=aiohttp.ClientTimeout(total=None),
            )
        )
        await self._read_deployed()
        await self._listener.open()
        self._tasks = [
            asyncio.create_task(self._follow_deployments()),
            asyncio.create_task(each_minute(self._publish_what_was_counted, _LOG)),
            asyncio.create_task(self.log.deliver()),
            asyncio.create_task(self.log.tell_each_minute()),
        ]

    async def stop(self) -> None:
        """Listen no more."""
        for task in self._tasks:
            task.cancel()
        await self._listener.end()
        await self._ends.aclose()

    # What is deployed

    async def _follow_deployments(self) -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                await self._read_deployed()
            except Exception as error:  # what was read last stays in force
                _LOG.warning("cannot read what is deployed: %s", error)

    async def _read_deployed(self) -> None:
        distribution, policies, logs, code = await asyncio.to_thread(self._read_distribution)
        store = await asyncio.to_thread(self._read_store)
        before = self._in_force
        if before is None or before.code != code:
            try:
                await self._runtime.load(code, store)
            except EdgeRuntimeError as error:
                _LOG.error("the deployed function is refused: %s", error)
                return
        elif before.store != store:
            await self._runtime.set_store(store)
        self._in_force = InForce(distribution, policies, code, store, logs)

    def _read_distribution(
        self,
    ) -> tuple[Deployed, dict[str, CachePolicy], dict[str, LogConfig], str]:
        config = self._cloudfront.get_distribution_config(Id=self._distribution_id)
        distribution = read(config["DistributionConfig"])
        policies = {
            behaviour.cache_policy_id: read_cache_policy(
                self._cloudfront.get_cache_policy_config(Id=behaviour.cache_policy_id)[
                    "CachePolicyConfig"
                ]
            )
            for behaviour in distribution.behaviours
            if behaviour.cache_policy_id != CACHING_DISABLED
        }
        logs = {
            arn: log_config(self._cloudfront, arn)
            for arn in {behaviour.log_config_arn for behaviour in distribution.behaviours}
            if arn
        }
        function = self._cloudfront.get_function(Name=self._function_name, Stage="LIVE")
        return distribution, policies, logs, function["FunctionCode"].read().decode()

    def _read_store(self) -> dict[str, str] | None:
        try:
            answer = self._store.list_keys(KvsARN=self._store_arn)
        except Exception as error:  # unreadable here is unreadable to the function
            _LOG.warning("cannot read the store: %s", error)
            return None
        return {item["Key"]: item["Value"] for item in answer.get("Items") or []}

    # One request

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self._counters.requests += 1
        if self.blocked_agent and self.blocked_agent in request.headers.get("user-agent", ""):
            return self._say(403, "the web ACL keeps you out")
        told = Told()
        try:
            async with contextlib.AsyncExitStack() as until_sent:
                response = await self._respond(request, until_sent, told)
            told.status = response.status
            return response
        finally:
            # Also where the viewer has left.
            self.log.write(told)

    async def _respond(
        self, request: web.Request, until_sent: contextlib.AsyncExitStack, told: Told
    ) -> web.StreamResponse:
        in_force = self._in_force
        assert in_force is not None
        if is_too_long(request):
            response = self._say(413, "the request is too long")
            response.force_close()
            return response
        behaviour = in_force.distribution.behaviour_for(request.path)
        told.config, told.pattern = in_force.logs.get(behaviour.log_config_arn), behaviour.pattern
        if request.method not in behaviour.methods:
            return self._say(403, "method not allowed")
        if request.method == "GET" and request.body_exists:
            return self._say(403, "a GET has no body")
        ip = request.headers.get(VIEWER_IP_HEADER) or request.remote or "127.0.0.1"
        event = viewer_request(
            request, ip, hidden=_STAND_INS, told=_told_of_viewer(request, behaviour)
        )
        choice: Choice | None = None
        if "viewer-request" in behaviour.events:
            outcome = await self._runtime.run(event)
            self._counters.store_errors += outcome.store_errors
            if outcome.error is not None or outcome.request is None:
                self._counters.function_errors += outcome.error is not None
                return self._say(502, f"function: {outcome.error}")
            told.said = outcome.log_data
            event = {**event, "request": outcome.request}
            choice = outcome.origin
        asking = Asking(request, event, behaviour, in_force, choice, until_sent, [], told)
        if behaviour.forwards_all and edge_websocket.is_asked_for(request):
            return await self._upgrade(asking)
        answer = await self._fetch(asking)
        return await self._to_viewer(asking, answer)

    def _say(self, status: int, text: str) -> web.Response:
        """Answer for the edge itself."""
        self._count(status)
        return web.Response(status=status, text=f"{text}\n")

    def _count(self, status: int) -> None:
        self._counters.client_errors += 400 <= status < 500
        self._counters.server_errors += status >= 500

    async def _fetch(self, asking: Asking) -> Answer | Arriving:
        request, policy = asking.request, asking.policy
        key = None
        if policy is not None and request.method in asking.behaviour.cached_methods:
            named = dict(pairs(asking.sent["headers"]))
            key = key_of(request.method + request.path_qs, named, policy)
            kept = self._cache.get(key)
            if kept is not None:
                asking.told.from_cache = True
                return part_of(kept, request.headers)
        answer: Answer | Arriving = Answer(502, (), b"no origin\n")
        for position, origin in enumerate(asking.origins):
            last = position == len(asking.origins) - 1 or request.method not in _FAILOVER_METHODS
            answer = await self._ask(asking, origin)
            asking.told.asked.append((origin.domain_name, answer.status))
            if last or answer.status not in asking.codes:
                break
        if not asking.behaviour.forwards_all:
            answer = replace(answer, headers=without_cookies(answer.headers))
        if key is not None and policy is not None:
            return self._keep(key, answer, policy, asking.in_force.distribution.error_seconds)
        return answer

    def _keep(
        self,
        key: str,
        answer: Answer | Arriving,
        policy: CachePolicy,
        error_seconds: Mapping[int, float],
    ) -> Answer | Arriving:
        """Return `answer`, and keep it when it has arrived whole."""
        if isinstance(answer, Answer):
            self._cache.put(key, answer, policy, error_seconds)
            return answer
        head = Answer(answer.status, answer.headers, b"")
        if lifetime(head, policy, error_seconds) <= 0:
            return answer

        async def kept_as_it_comes() -> AsyncIterator[bytes]:
            body: bytearray | None = bytearray()
            async for chunk in answer.chunks:
                if body is not None and len(body) + len(chunk) <= _MOST_KEPT:
                    body += chunk
                else:
                    body = None
                yield chunk
            if body is not None:
                self._cache.put(key, replace(head, body=bytes(body)), policy, error_seconds)

        return replace(answer, chunks=kept_as_it_comes())

    async def _ask(self, asking: Asking, origin: Origin) -> Answer | Arriving:
        """Ask one origin; 503 where it cannot be reached, 504 where it does not answer in time,
        502 where it hung up on a request that must not be repeated, or says what cannot be read."""
        request = asking.request
        asking.asked.append(origin.id)
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=origin.connect_seconds, sock_read=origin.read_seconds
        )
        answer = Answer(503, (), b"the origin cannot be reached\n")
        for _ in range(origin.attempts):
            try:
                answered = await self._session.request(
                    request.method,
                    self._url("http", asking, origin),
                    headers=asking.headers_for(origin),
                    data=request.content if request.body_exists else None,
                    allow_redirects=False,
                    timeout=timeout,
                )
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                self._unreachable(origin.domain_name)
            except (aiohttp.ServerTimeoutError, TimeoutError):
                # Attempts hold for answers too (CloudFront Developer Guide, DownloadDistValuesOrigin).
                answer = Answer(504, (), b"the origin does not answer\n")
                if request.method not in _ASKED_AGAIN_METHODS:
                    return answer
            except aiohttp.ClientResponseError:
                return Answer(502, (), b"the origin's answer cannot be read\n")
            except (aiohttp.ClientError, OSError):
                self._unreachable(origin.domain_name)
                # The origin may have done what was asked before it hung up.
                if request.method not in _FAILOVER_METHODS:
                    return Answer(502, (), b"the origin hung up\n")
            else:
                asking.until_sent.callback(answered.close)
                headers = of_origin(answered.headers.items())
                return Arriving(answered.status, headers, answered.content.iter_any())
        return answer

    async def _to_viewer(self, asking: Asking, answer: Answer | Arriving) -> web.StreamResponse:
        headers: CIMultiDict[str] = CIMultiDict(answer.headers)
        behaviour, event = asking.behaviour, asking.event
        if behaviour.security_headers:
            for header, value in _SECURITY_HEADERS:
                headers.setdefault(header, value)
        # CloudFront does not run viewer-response functions for an error of the origin.
        if "viewer-response" in behaviour.events and answer.status < 400:
            outcome = await self._runtime.run(viewer_response(event, answer.status, answer.headers))
            if outcome.error is not None or outcome.response is None:
                self._counters.function_errors += 1
                return self._say(502, f"function: {outcome.error}")
            for name, cookie in (outcome.response.get("cookies") or {}).items():
                attributes = cookie.get("attributes", "")
                headers.add(
                    "set-cookie",
                    f"{name}={cookie['value']}" + (f"; {attributes}" * bool(attributes)),
                )
        headers[ASKED_HEADER] = ",".join(asking.asked)
        asking.told.first_byte, asking.told.status = time.time(), answer.status
        self._count(answer.status)
        if isinstance(answer, Answer):
            return web.Response(status=answer.status, headers=headers, body=answer.body)
        response = web.StreamResponse(status=answer.status, headers=headers)
        await response.prepare(asking.request)
        try:
            async for chunk in answer.chunks:
                await response.write(chunk)
        except (aiohttp.ClientError, TimeoutError, OSError):
            # The head is sent, so only a broken connection can say that this is not the whole.
            if asking.request.transport is not None:
                asking.request.transport.abort()
        return response

    async def _upgrade(self, asking: Asking) -> web.StreamResponse:
        """Open a WebSocket at the origin, then take the viewer's."""
        status, answered = 502, Answer(502, (), b"no origin\n")
        for origin in asking.origins:
            asking.asked.append(origin.id)
            try:
                async with asyncio.timeout(origin.connect_seconds + origin.read_seconds):
                    of_origin_side = await self._session.ws_connect(
                        self._url("ws", asking, origin),
                        headers=asking.headers_for(origin),
                        protocols=edge_websocket.protocols(asking.request),
                        autoclose=False,
                        autoping=False,
                        max_msg_size=0,
                    )
            except aiohttp.WSServerHandshakeError as refused:
                status = refused.status
                answered = Answer(status, (), b"the origin refuses the WebSocket\n")
            except TimeoutError:
                answered = Answer(504, (), b"the origin does not answer\n")
            except (aiohttp.ClientError, OSError):
                self._unreachable(origin.domain_name)
                answered = Answer(503, (), b"the origin cannot be reached\n")
            else:
                asking.told.asked.append((origin.domain_name, 101))
                async with of_origin_side:
                    told = {ASKED_HEADER: ",".join(asking.asked)}
                    return await edge_websocket.join(asking.request, of_origin_side, told)
            asking.told.asked.append((origin.domain_name, answered.status))
            if answered.status not in asking.codes:
                break
        return await self._to_viewer(asking, answered)

    def _url(self, scheme: str, asking: Asking, origin: Origin) -> URL:
        """Return where the origin listens, with path and query as the viewer wrote them."""
        host, port = self._resolve(origin.domain_name)
        return URL(f"{scheme}://{host}:{port}{asking.request.raw_path}", encoded=True)

    # What CloudFront tells CloudWatch

    async def _publish_what_was_counted(self, at: float) -> None:
        counted, self._counters = self._counters, EdgeCounters()
        await self._publish(counted, at)

    async def _publish(self, counted: EdgeCounters, at: float) -> None:
        everywhere = {"Name": "Region", "Value": "Global"}
        of_distribution = [
            {"Name": "DistributionId", "Value": self._distribution_id},
            everywhere,
        ]
        of_function = [{"Name": "FunctionName", "Value": self._function_name}, everywhere]
        total = counted.requests
        values = [("Requests", of_distribution, float(total))]
        if total:
            values += [
                ("4xxErrorRate", of_distribution, 100 * counted.client_errors / total),
                ("5xxErrorRate", of_distribution, 100 * counted.server_errors / total),
            ]
        if counted.function_errors:
            values.append(("FunctionExecutionErrors", of_function, float(counted.function_errors)))
        if counted.store_errors:
            values.append(("KvsReadErrors", of_function, float(counted.store_errors)))
        await asyncio.to_thread(
            self._cloudwatch.put_metric_data,
            Namespace="AWS/CloudFront",
            MetricData=[
                {"MetricName": name, "Dimensions": dimensions, "Timestamp": at, "Value": value}
                for name, dimensions, value in values
            ],
        )


def _told_of_viewer(request: web.Request, behaviour: Behaviour) -> dict[str, str]:
    """Return where CloudFront says that the viewer is. It does so where a policy has it forward that header
    (CloudFront Developer Guide, adding-cloudfront-headers)."""
    if not behaviour.forwards_host:
        return {}
    return {"cloudfront-viewer-country": request.headers.get(VIEWER_COUNTRY_HEADER, "")}
