"""Drives the edge function from tests: substitutes it as CloudFormation does, builds its events."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cutover.declaration.doors import Edge
from cutover.declaration.groups import Group, as_code
from cutover.doors.edge_code import router_code
from rehearsal.edge_runtime.client import EdgeRuntime, Outcome

SOURCE = router_code(with_groups=False)
SOURCE_WITH_GROUPS = router_code(with_groups=True)
SERVICE = "chatmrpt"
PIN_KEY = "5e" * 32
RELEASED = {"switch": '{"state":"released"}', "pin-key": PIN_KEY}
THROWN = {**RELEASED, "switch": '{"state":"thrown","by":"alarm","reason":"5xx","at":"2026-01-01"}'}
IN_A_CENTURY = 4_900_000_000

# A fixed crowd, so that no figure here depends on luck.
VIEWERS = [f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(100_000)]


STATIC_PATHS = Edge().static_expression


def substituted(
    weight: str,
    service: str = SERVICE,
    static_paths: str = STATIC_PATHS,
    groups: Sequence[Mapping[str, Any]] = (),
) -> str:
    """Return the code as Fn::Sub leaves it, with `groups` as they are declared."""
    declared = [Group.model_validate(group) for group in groups]
    return (
        (SOURCE_WITH_GROUPS if groups else SOURCE)
        .replace("${Groups}", as_code(declared))
        .replace("${NewWeight}", weight)
        .replace("${Service}", service)
        .replace("${StaticPaths}", static_paths)
        .replace("${SideHeader}", "x-cutover-side")
    )


def viewer_request(
    *,
    ip: str = "198.51.100.7",
    agent: str | None = "Mozilla/5.0",
    method: str = "GET",
    uri: str = "/",
    cookies: Mapping[str, str] | None = None,
    headers: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return an event shaped as functions-event-structure shows it."""
    shown = {"host": {"value": "d111111abcdef8.cloudfront.net"}, **(headers or {})}
    if agent is not None:
        shown["user-agent"] = {"value": agent}
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request", "requestId": "EXAMPLE"},
        "viewer": {"ip": ip},
        "request": {
            "method": method,
            "uri": uri,
            "querystring": {},
            "headers": shown,
            "cookies": {name: {"value": value} for name, value in (cookies or {}).items()},
        },
    }


def viewer_response(**request: Any) -> dict[str, Any]:
    """Return the viewer-response event of the same request."""
    event = viewer_request(**request)
    event["context"]["eventType"] = "viewer-response"
    event["response"] = {
        "statusCode": 200,
        "statusDescription": "OK",
        "headers": {"content-type": {"value": "text/html"}},
        "cookies": {"session": {"value": "s1", "attributes": "HttpOnly"}},
    }
    return event


def pin(
    side: str, *, expiry: int = IN_A_CENTURY, service: str = SERVICE, key: str = PIN_KEY
) -> str:
    """Return the value of a cutover-pin cookie; `expiry` in Unix seconds."""
    signed = f"{service}.{side}.{expiry}"
    return f"{side}.{expiry}." + hmac.new(key.encode(), signed.encode(), hashlib.sha256).hexdigest()


def side_of(outcome: Outcome) -> str:
    """Return the side that the origin is asked to be; the header must say the same."""
    assert outcome.error is None
    assert outcome.request is not None
    assert outcome.origin is not None
    assert outcome.request["headers"]["x-cutover-side"] == {"value": outcome.origin.ids[0]}
    return outcome.origin.ids[0]


class LocalEdge:
    """The runtime, called without await."""

    def __init__(self, runner: asyncio.Runner, runtime: EdgeRuntime) -> None:
        self._runner = runner
        self._runtime = runtime

    def load(
        self,
        weight: int | str,
        store: Mapping[str, str] | None = RELEASED,
        service: str = SERVICE,
    ) -> None:
        self.load_code(substituted(str(weight), service), store)

    def load_code(self, code: str, store: Mapping[str, str] | None = RELEASED) -> None:
        self._runner.run(self._runtime.load(code, store))

    def set_store(self, store: Mapping[str, str] | None) -> None:
        self._runner.run(self._runtime.set_store(store))

    def run(self, event: Mapping[str, Any]) -> Outcome:
        return self._runner.run(self._runtime.run(event))

    def census(self, viewers: Sequence[str]) -> list[str]:
        return self._runner.run(self._runtime.census(viewer_request(), viewers))


@contextlib.contextmanager
def local_edge() -> Iterator[LocalEdge]:
    """Start the runtime for the tests of one file."""
    with asyncio.Runner() as runner:
        started = EdgeRuntime.start()
        runtime = runner.run(started.__aenter__())
        try:
            yield LocalEdge(runner, runtime)
        finally:
            runner.run(started.__aexit__(None, None, None))
