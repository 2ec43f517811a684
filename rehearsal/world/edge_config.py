"""What is deployed at the edge, read as CloudFront would have it in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""The managed policy (CloudFront Developer Guide, using-managed-cache-policies)."""


@dataclass(frozen=True)
class CachePolicy:
    """Whether and under which key a behaviour caches; times in seconds."""

    headers: tuple[str, ...]
    minimum: float
    default: float
    maximum: float


@dataclass(frozen=True)
class Behaviour:
    """What holds for the paths that match `pattern`."""

    pattern: str
    origin_id: str
    methods: frozenset[str]
    events: frozenset[str]
    cache_policy_id: str


@dataclass(frozen=True)
class Origin:
    """Where a request may be sent; times in seconds."""

    domain_name: str
    headers: tuple[tuple[str, str], ...]
    connect_seconds: float
    attempts: int
    read_seconds: float


@dataclass(frozen=True)
class Deployed:
    """A distribution: its origins by id, its behaviours in the order in which they are tried."""

    origins: Mapping[str, Origin]
    behaviours: tuple[Behaviour, ...]

    def behaviour_for(self, path: str) -> Behaviour:
        """Return the first behaviour whose pattern the path matches; the default is the last."""
        return next(b for b in self.behaviours if fnmatchcase(path, b.pattern))


def read(config: Mapping[str, Any]) -> Deployed:
    """Return what a DistributionConfig says."""
    default = _behaviour("*", config["DefaultCacheBehavior"])
    others = (config.get("CacheBehaviors") or {}).get("Items") or []
    return Deployed(
        origins={origin["Id"]: _origin(origin) for origin in config["Origins"]["Items"]},
        behaviours=(*(_behaviour(b["PathPattern"], b) for b in others), default),
    )


def _behaviour(pattern: str, said: Mapping[str, Any]) -> Behaviour:
    associated = (said.get("FunctionAssociations") or {}).get("Items") or []
    return Behaviour(
        pattern=pattern,
        origin_id=said["TargetOriginId"],
        methods=frozenset(said["AllowedMethods"]["Items"]),
        events=frozenset(item["EventType"] for item in associated),
        cache_policy_id=said["CachePolicyId"],
    )


def _origin(said: Mapping[str, Any]) -> Origin:
    headers = (said.get("CustomHeaders") or {}).get("Items") or []
    return Origin(
        domain_name=said["DomainName"],
        headers=tuple((h["HeaderName"], h["HeaderValue"]) for h in headers),
        connect_seconds=float(said.get("ConnectionTimeout", 10)),
        attempts=int(said.get("ConnectionAttempts", 3)),
        read_seconds=float(said["CustomOriginConfig"].get("OriginReadTimeout", 30)),
    )


def read_cache_policy(config: Mapping[str, Any]) -> CachePolicy:
    """Return what a CachePolicyConfig says."""
    key = config["ParametersInCacheKeyAndForwardedToOrigin"]
    headers = ((key.get("HeadersConfig") or {}).get("Headers") or {}).get("Items") or []
    return CachePolicy(
        headers=tuple(headers),
        minimum=float(config.get("MinTTL") or 0),
        default=float(config.get("DefaultTTL") or 0),
        maximum=float(config.get("MaxTTL") or 0),
    )
