"""One request on its way through the edge to an origin, and what of the viewer reaches it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web
from multidict import CIMultiDict

from rehearsal.edge_runtime.client import Origin as Choice
from rehearsal.world.edge_config import Behaviour, CachePolicy, Deployed, Origin
from rehearsal.world.edge_event import pairs
from rehearsal.world.edge_log import LogConfig, Told

_ALWAYS_FORWARDED: Final = frozenset({"content-length", "content-type", "if-range", "range"})
"""They say what the body is, and which part is asked for (CloudFront Developer Guide, RangeGETs)."""
_OF_CLOUDFRONT: Final[Mapping[str, str]] = {"cloudfront-forwarded-proto": "https"}
"""What CloudFront tells of the viewer, whatever the viewer claims (CloudFront Developer Guide,
adding-cloudfront-headers). Every viewer that reaches an origin came by https: others are redirected."""


@dataclass
class InForce:
    """What the edge goes by at the moment."""

    distribution: Deployed
    policies: dict[str, CachePolicy]
    code: str
    store: dict[str, str] | None
    logs: Mapping[str, LogConfig]


@dataclass(frozen=True)
class Asking:
    """One request on its way to an origin: what the function left of it, and who has been asked."""

    request: web.Request
    event: Mapping[str, Any]
    behaviour: Behaviour
    in_force: InForce
    choice: Choice | None
    until_sent: contextlib.AsyncExitStack
    asked: list[str]
    told: Told

    @property
    def sent(self) -> Mapping[str, Any]:
        """What the function left of the request."""
        sent: Mapping[str, Any] = self.event["request"]
        return sent

    @property
    def policy(self) -> CachePolicy | None:
        """The cache policy; None where nothing is kept."""
        return self.in_force.policies.get(self.behaviour.cache_policy_id)

    @property
    def origins(self) -> Sequence[Origin]:
        """Those that may be asked, in this order."""
        ids = self.choice.ids if self.choice else (self.behaviour.origin_id,)
        return [self.in_force.distribution.origins[one] for one in ids]

    @property
    def codes(self) -> Sequence[int]:
        """The statuses after which the next one is asked."""
        return self.choice.status_codes if self.choice else ()

    def headers_for(self, origin: Origin) -> CIMultiDict[str]:
        """Return what `origin` hears; where the viewer's name is not forwarded, its own."""
        headers = CIMultiDict(self._forwarded())
        headers.setdefault("host", origin.domain_name)
        before = headers.get("x-forwarded-for")
        ip = self.event["viewer"]["ip"]
        headers["x-forwarded-for"] = f"{before}, {ip}" if before else ip
        headers.update(dict(origin.headers))
        return headers

    def _forwarded(self) -> Iterable[tuple[str, str]]:
        """Return what of the viewer reaches the origin: everything, or what is in the cache key, under
        CloudFront's own name (CloudFront Developer Guide, controlling-origin-requests)."""
        told = _OF_CLOUDFRONT.items()
        of_viewer = [(n, v) for n, v in pairs(self.sent["headers"]) if n not in _OF_CLOUDFRONT]
        if self.behaviour.forwards_all:
            # As they were sent, byte for byte: the function changes no cookie.
            cookies = [("cookie", value) for value in self.request.headers.getall("cookie", [])]
            if self.behaviour.forwards_host:
                return [*of_viewer, *told, *cookies]
            return [*((name, value) for name, value in of_viewer if name != "host"), *cookies]
        in_key = {name.lower() for name in self.policy.headers} if self.policy else set()
        in_key |= _ALWAYS_FORWARDED
        named = ((name, value) for name, value in [*of_viewer, *told] if name in in_key)
        return [("user-agent", "Amazon CloudFront"), *named]
