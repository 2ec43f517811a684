"""What is deployed at the edge, read as CloudFront would have it in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

CACHING_DISABLED: Final = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""The managed policy (CloudFront Developer Guide, using-managed-cache-policies)."""
ALL_VIEWER_EXCEPT_HOST_HEADER: Final = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
ALL_VIEWER_AND_CLOUDFRONT_HEADERS: Final = "33f36d7e-f396-46d9-90e0-52428a34d9dc"
"""The managed policies (CloudFront Developer Guide, using-managed-origin-request-policies)."""
SECURITY_HEADERS: Final = "67f7725c-6f97-4210-82d7-5512b31e9d03"
"""The managed policy (CloudFront Developer Guide, using-managed-response-headers-policies)."""


@dataclass(frozen=True)
class CachePolicy:
    """For how long a behaviour caches, in seconds, and the headers in its key, which reach the origin too.

    Path and query are always in the key, cookies never.
    """

    headers: tuple[str, ...]
    minimum: float
    default: float
    maximum: float


@dataclass(frozen=True)
class Behaviour:
    """What holds for the paths that match `pattern`.

    Attributes
    ----------
    forwards_all : bool
        Whether the origin gets the viewer's headers and cookies; otherwise what is in the cache key.
    forwards_host : bool
        Whether the viewer's Host is among them, and what CloudFront adds of the viewer.
    security_headers : bool
        Whether answers get CloudFront's managed security headers.
    log_config_arn : str
        The real-time log that its requests go to; empty: none.
    """

    pattern: str
    origin_id: str
    methods: frozenset[str]
    cached_methods: frozenset[str]
    events: frozenset[str]
    cache_policy_id: str
    forwards_all: bool
    forwards_host: bool
    security_headers: bool
    log_config_arn: str


@dataclass(frozen=True)
class Origin:
    """Where a request may be sent; times in seconds."""

    id: str
    domain_name: str
    headers: tuple[tuple[str, str], ...]
    connect_seconds: float
    attempts: int
    read_seconds: float


@dataclass(frozen=True)
class Deployed:
    """A distribution: its origins by id, its behaviours in the order in which they are tried, and for how
    many seconds at least an error is kept, by status, where it is stated."""

    origins: Mapping[str, Origin]
    behaviours: tuple[Behaviour, ...]
    error_seconds: Mapping[int, float]

    def behaviour_for(self, path: str) -> Behaviour:
        """Return the first behaviour whose pattern the path matches; the default is the last."""
        return next(b for b in self.behaviours if fnmatchcase(path, b.pattern))


def read(config: Mapping[str, Any]) -> Deployed:
    """Return what a DistributionConfig says."""
    default = _behaviour("*", config["DefaultCacheBehavior"])
    others = (config.get("CacheBehaviors") or {}).get("Items") or []
    errors = (config.get("CustomErrorResponses") or {}).get("Items") or []
    return Deployed(
        origins={origin["Id"]: _origin(origin) for origin in config["Origins"]["Items"]},
        behaviours=(*(_behaviour(b["PathPattern"], b) for b in others), default),
        error_seconds={
            int(error["ErrorCode"]): float(error["ErrorCachingMinTTL"])
            for error in errors
            if "ErrorCachingMinTTL" in error
        },
    )


def _behaviour(pattern: str, said: Mapping[str, Any]) -> Behaviour:
    """Raises ValueError when it has a policy that the local edge does not know."""
    forwards = said.get("OriginRequestPolicyId")
    if forwards not in {
        None,
        "",
        ALL_VIEWER_EXCEPT_HOST_HEADER,
        ALL_VIEWER_AND_CLOUDFRONT_HEADERS,
    }:
        raise ValueError(
            f"the local edge does not know the origin request policy {forwards} of {pattern}"
        )
    answers = said.get("ResponseHeadersPolicyId")
    if answers not in {None, "", SECURITY_HEADERS}:
        raise ValueError(
            f"the local edge does not know the response headers policy {answers} of {pattern}"
        )
    associated = (said.get("FunctionAssociations") or {}).get("Items") or []
    return Behaviour(
        pattern=pattern,
        origin_id=said["TargetOriginId"],
        methods=frozenset(said["AllowedMethods"]["Items"]),
        cached_methods=frozenset(said["AllowedMethods"]["CachedMethods"]["Items"]),
        events=frozenset(item["EventType"] for item in associated),
        cache_policy_id=said["CachePolicyId"],
        forwards_all=bool(forwards),
        forwards_host=forwards == ALL_VIEWER_AND_CLOUDFRONT_HEADERS,
        security_headers=bool(answers),
        log_config_arn=said.get("RealtimeLogConfigArn") or "",
    )


def _origin(said: Mapping[str, Any]) -> Origin:
    headers = (said.get("CustomHeaders") or {}).get("Items") or []
    return Origin(
        id=said["Id"],
        domain_name=said["DomainName"],
        headers=tuple((h["HeaderName"], h["HeaderValue"]) for h in headers),
        connect_seconds=float(said.get("ConnectionTimeout", 10)),
        attempts=int(said.get("ConnectionAttempts", 3)),
        read_seconds=float(said["CustomOriginConfig"].get("OriginReadTimeout", 30)),
    )


def read_cache_policy(config: Mapping[str, Any]) -> CachePolicy:
    """Return what a CachePolicyConfig says.

    Raises
    ------
    ValueError
        When its key is made as no local edge knows.
    """
    key = config["ParametersInCacheKeyAndForwardedToOrigin"]
    cookies = key["CookiesConfig"]["CookieBehavior"]
    queries = key["QueryStringsConfig"]["QueryStringBehavior"]
    if (cookies, queries) != ("none", "all"):
        raise ValueError(
            f"the local edge knows cache policies with no cookie and every query string in the key, "
            f"and this one has {cookies} and {queries}"
        )
    headers = ((key.get("HeadersConfig") or {}).get("Headers") or {}).get("Items") or []
    return CachePolicy(
        headers=tuple(headers),
        minimum=float(config.get("MinTTL") or 0),
        default=float(config.get("DefaultTTL") or 0),
        maximum=float(config.get("MaxTTL") or 0),
    )
