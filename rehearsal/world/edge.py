"""The local edge: a reverse proxy that does what is deployed, with the deployed function's code.

Plain HTTP towards viewers, and no compression: neither says anything about moving traffic. Everything
else that steers a request comes from the distribution, the function, the cache policies and the
KeyValueStore, read again each half second; that is the propagation here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, MultiDict

from rehearsal.edge_runtime.client import EdgeRuntime, EdgeRuntimeError
from rehearsal.edge_runtime.client import Origin as Choice
from rehearsal.world.edge_cache import Answer, Cache, key_of, without_cookies
from rehearsal.world.edge_config import (
    CACHING_DISABLED,
    Behaviour,
    CachePolicy,
    Deployed,
    Origin,
    read,
    read_cache_policy,
)
from rehearsal.world.listener import Listener
from rehearsal.world.minutes import minute_ended

_LOG = logging.getLogger("edge")
_POLL_SECONDS: Final = 0.5
VIEWER_IP_HEADER: Final = "x-rehearsal-viewer-ip"
"""Stands for the viewer's address, which on loopback is always the same."""
ASKED_HEADER: Final = "x-rehearsal-asked"
"""Tells a viewer which origins were asked, in this order; a real edge tells it in its logs at best."""
_FAILOVER_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_ASKED_AGAIN_METHODS: Final = frozenset({"GET", "HEAD"})
_HOP_BY_HOP: Final = frozenset(
    {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "date", "server"}
)
_OF_CLOUDFRONT: Final[Mapping[str, str]] = {"cloudfront-forwarded-proto": "https"}
"""What CloudFront tells of the viewer, whatever the viewer claims (CloudFront Developer Guide,
adding-cloudfront-headers). Every viewer that reaches an origin came by https: others are redirected."""
_SECURITY_HEADERS: Final = (
    ("referrer-policy", "strict-origin-when-cross-origin"),
    ("strict-transport-security", "max-age=31536000"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "SAMEORIGIN"),
    ("x-xss-protection", "1; mode=block"),
)
"""What the managed policy adds where an origin sends none (CloudFront Developer Guide,
using-managed-response-headers-policies)."""


@dataclass
class EdgeCounters:
    """What viewers got since they were last taken."""

    requests: int = 0
    client_errors: int = 0
    server_errors: int = 0
    function_errors: int = 0
    store_errors: int = 0


@dataclass
class InForce:
    """What the edge goes by at the moment."""

    distribution: Deployed
    policies: dict[str, CachePolicy]
    code: str
    store: dict[str, str] | None


class Edge:
    """One distribution on this machine.

    `resolve` maps an origin's domain name to this machine; `unreachable` is told of each attempt to
    connect that failed.
    """

    def __init__(
        self,
        *,
        cloudfront: Any,
        store: Any,
        cloudwatch: Any,
        distribution_id: str,
        function_name: str,
        store_arn: str,
        resolve: Callable[[str], tuple[str, int]],
        unreachable: Callable[[str], None],
    ) -> None:
        self._cloudfront = cloudfront
        self._store = store
        self._cloudwatch = cloudwatch
        self._distribution_id = distribution_id
        self._function_name = function_name
        self._store_arn = store_arn
        self._resolve = resolve
        self._unreachable = unreachable
        self._in_force: InForce | None = None
        self._cache = Cache()
        self._counters = EdgeCounters()
        self._tasks: list[asyncio.Task[None]] = []
        self._ends = contextlib.AsyncExitStack()
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._listener = Listener(app)

    @property
    def address(self) -> tuple[str, int]:
        """Where viewers reach it."""
        return self._listener.address

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
            aiohttp.ClientSession(connector=connector, auto_decompress=False)
        )
        await self._read_deployed()
        await self._listener.open()
        self._tasks = [
            asyncio.create_task(self._follow_deployments()),
            asyncio.create_task(self._publish_each_minute()),
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
        distribution, policies, code = await asyncio.to_thread(self._read_distribution)
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
        self._in_force = InForce(distribution, policies, code, store)

    def _read_distribution(self) -> tuple[Deployed, dict[str, CachePolicy], str]:
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
        function = self._cloudfront.get_function(Name=self._function_name, Stage="LIVE")
        return distribution, policies, function["FunctionCode"].read().decode()

    def _read_store(self) -> dict[str, str] | None:
        try:
            answer = self._store.list_keys(KvsARN=self._store_arn)
        except Exception as error:  # unreadable here is unreadable to the function
            _LOG.warning("cannot read the store: %s", error)
            return None
        return {item["Key"]: item["Value"] for item in answer.get("Items") or []}

    # One request

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        response = await self._respond(request)
        self._counters.requests += 1
        self._counters.client_errors += 400 <= response.status < 500
        self._counters.server_errors += response.status >= 500
        return response

    async def _respond(self, request: web.Request) -> web.Response:
        in_force = self._in_force
        assert in_force is not None
        behaviour = in_force.distribution.behaviour_for(request.path)
        if request.method not in behaviour.methods:
            return web.Response(status=403, text="method not allowed\n")
        event = _event(request)
        choice: Choice | None = None
        if "viewer-request" in behaviour.events:
            outcome = await self._runtime.run(event)
            self._counters.store_errors += outcome.store_errors
            if outcome.error is not None or outcome.request is None:
                self._counters.function_errors += outcome.error is not None
                return web.Response(status=502, text=f"function: {outcome.error}\n")
            event = {**event, "request": outcome.request}
            choice = outcome.origin
        asked: list[str] = []
        answer = await self._fetch(request, event["request"], behaviour, choice, in_force, asked)
        response = await self._to_viewer(event, behaviour, answer)
        response.headers[ASKED_HEADER] = ",".join(asked)
        return response

    async def _fetch(
        self,
        request: web.Request,
        sent: Mapping[str, Any],
        behaviour: Behaviour,
        choice: Choice | None,
        in_force: InForce,
        asked: list[str],
    ) -> Answer:
        ids: Sequence[str] = choice.ids if choice else (behaviour.origin_id,)
        codes = choice.status_codes if choice else ()
        of_viewer = {name: value["value"] for name, value in sent["headers"].items()}
        policy = in_force.policies.get(behaviour.cache_policy_id)
        headers = _forwarded(of_viewer, sent["cookies"], behaviour, policy)
        key = None
        if policy is not None and request.method in behaviour.cached_methods:
            key = key_of(request.method + request.path_qs, of_viewer, policy)
            kept = self._cache.get(key)
            if kept is not None:
                return kept
        body = await request.read()
        answer = Answer(502, (), b"no origin\n")
        for position, origin_id in enumerate(ids):
            last = position == len(ids) - 1 or request.method not in _FAILOVER_METHODS
            origin = in_force.distribution.origins[origin_id]
            asked.append(origin_id)
            answer = await self._ask(request, headers, body, origin)
            if last or answer.status not in codes:
                break
        if not behaviour.forwards_all:
            answer = without_cookies(answer)
        if key is not None and policy is not None:
            self._cache.put(key, answer, policy, in_force.distribution.error_seconds)
        return answer

    async def _ask(
        self, request: web.Request, headers: Mapping[str, str], body: bytes, origin: Origin
    ) -> Answer:
        """Ask one origin; 503 where it cannot be reached, 504 where it does not answer in time,
        502 where it hung up on a request that must not be repeated."""
        host, port = self._resolve(origin.domain_name)
        sent = CIMultiDict({k: v for k, v in headers.items() if k.lower() not in _HOP_BY_HOP})
        # Where the viewer's name is not forwarded, the origin gets its own.
        sent["host"] = headers.get("host", origin.domain_name)
        sent.update(dict(origin.headers))
        timeout = aiohttp.ClientTimeout(
            total=None, sock_connect=origin.connect_seconds, sock_read=origin.read_seconds
        )
        answer = Answer(503, (), b"the origin cannot be reached\n")
        for _ in range(origin.attempts):
            try:
                async with self._session.request(
                    request.method,
                    f"http://{host}:{port}{request.path_qs}",
                    headers=sent,
                    data=body or None,
                    allow_redirects=False,
                    timeout=timeout,
                ) as answered:
                    kept = tuple(
                        (k, v) for k, v in answered.headers.items() if k.lower() not in _HOP_BY_HOP
                    )
                    return Answer(answered.status, kept, await answered.read())
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                self._unreachable(origin.domain_name)
            except (aiohttp.ServerTimeoutError, TimeoutError):
                # Attempts hold for answers too (CloudFront Developer Guide, DownloadDistValuesOrigin).
                answer = Answer(504, (), b"the origin does not answer\n")
                if request.method not in _ASKED_AGAIN_METHODS:
                    return answer
            except (aiohttp.ClientError, OSError):
                self._unreachable(origin.domain_name)
                # The origin may have done what was asked before it hung up.
                if request.method not in _FAILOVER_METHODS:
                    return Answer(502, (), b"the origin hung up\n")
        return answer

    async def _to_viewer(
        self, event: Mapping[str, Any], behaviour: Behaviour, answer: Answer
    ) -> web.Response:
        headers: CIMultiDict[str] = CIMultiDict(answer.headers)
        if behaviour.security_headers:
            for header, value in _SECURITY_HEADERS:
                headers.setdefault(header, value)
        # CloudFront does not run viewer-response functions for an error of the origin.
        if "viewer-response" in behaviour.events and answer.status < 400:
            outcome = await self._runtime.run(_response_event(event, answer))
            if outcome.error is not None or outcome.response is None:
                self._counters.function_errors += 1
                return web.Response(status=502, text=f"function: {outcome.error}\n")
            for name, cookie in (outcome.response.get("cookies") or {}).items():
                attributes = cookie.get("attributes", "")
                headers.add(
                    "set-cookie",
                    f"{name}={cookie['value']}" + (f"; {attributes}" * bool(attributes)),
                )
        return web.Response(status=answer.status, headers=headers, body=answer.body)

    # What CloudFront tells CloudWatch

    async def _publish_each_minute(self) -> None:
        while True:
            at = await minute_ended()
            counted, self._counters = self._counters, EdgeCounters()
            try:
                await self._publish(counted, at)
            except Exception as error:  # a minute without metrics must not end it
                _LOG.warning("cannot publish: %s", error)

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


def _forwarded(
    of_viewer: Mapping[str, str],
    cookies: Mapping[str, Any],
    behaviour: Behaviour,
    policy: CachePolicy | None,
) -> dict[str, str]:
    """Return what of the viewer reaches the origin: everything, or what is in the cache key, under
    CloudFront's own name (CloudFront Developer Guide, controlling-origin-requests)."""
    if behaviour.forwards_all:
        headers = dict(of_viewer)
        if behaviour.forwards_host:
            headers |= _OF_CLOUDFRONT
        else:
            headers.pop("host", None)
        if cookies:
            headers["cookie"] = "; ".join(f"{k}={v['value']}" for k, v in cookies.items())
        return headers
    in_key = {name.lower() for name in policy.headers} if policy else set()
    return {
        "user-agent": "Amazon CloudFront",
        **{k: v for k, v in {**of_viewer, **_OF_CLOUDFRONT}.items() if k in in_key},
    }


def _event(request: web.Request) -> dict[str, Any]:
    """Return the viewer-request event (CloudFront Developer Guide, functions-event-structure)."""
    headers = MultiDict((k.lower(), v) for k, v in request.headers.items())
    ip = headers.pop(VIEWER_IP_HEADER, request.remote or "127.0.0.1")
    headers.pop("cookie", None)
    # CloudFront Developer Guide, RequestAndResponseBehaviorCustomOrigin: "CloudFront removes the header".
    headers.popall("x-forwarded-proto", None)
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request", "requestId": "rehearsal"},
        "viewer": {"ip": ip},
        "request": {
            "method": request.method,
            "uri": request.path,
            "querystring": {k: {"value": v} for k, v in request.query.items()},
            "headers": {name: {"value": value} for name, value in headers.items()},
            "cookies": {name: {"value": value} for name, value in request.cookies.items()},
        },
    }


def _response_event(event: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    headers = {
        name.lower(): {"value": value}
        for name, value in answer.headers
        if name.lower() != "set-cookie"
    }
    return {
        **event,
        "context": {**event["context"], "eventType": "viewer-response"},
        "response": {"statusCode": answer.status, "headers": headers, "cookies": {}},
    }
