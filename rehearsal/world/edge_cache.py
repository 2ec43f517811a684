"""The edge's cache: what may be kept, for how long, under which key."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from rehearsal.world.edge_config import CachePolicy


@dataclass(frozen=True)
class Answer:
    """What an origin answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """Return the first header of that name, or nothing."""
        return next((v for k, v in self.headers if k.lower() == name), "")


_ALWAYS_KEPT_ERRORS: Final = frozenset({404, 414, 500, 501, 502, 503, 504})
_ERRORS_KEPT_IF_ASKED: Final = frozenset({400, 403, 405, 412, 415})
_ERRORS_THAT_MAY_REFUSE: Final = frozenset({404, 410, 414, 501})
_ERROR_SECONDS: Final = 10.0
_KEPT: Final = frozenset({200, 301, 302, 307, 308})
_EXCEPT_SET_COOKIE: Final = re.compile(r'no-cache\s*=\s*"\s*set-cookie\s*"')


class Cache:
    """Keeps answers, errors and Set-Cookie among them, as long as the origin, the policy and the
    distribution say."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[str, tuple[float, Answer]] = {}

    def get(self, key: str) -> Answer | None:
        """Return what is kept under `key` and has not run out."""
        until, answer = self._kept.get(key, (0.0, None))
        return answer if answer is not None and until > self._now() else None

    def put(
        self, key: str, answer: Answer, policy: CachePolicy, error_seconds: Mapping[int, float]
    ) -> None:
        """Keep `answer`, if it may be kept, with the cookies that it sets: CloudFront stores them with
        the object, unless it is told no-cache="Set-Cookie" (CloudFront Developer Guide, Cookies)."""
        seconds = lifetime(answer, policy, error_seconds)
        if seconds > 0:
            if _EXCEPT_SET_COOKIE.search(_cache_control(answer)):
                answer = replace(answer, headers=without_cookies(answer.headers))
            self._kept[key] = (self._now() + seconds, answer)


def key_of(path_and_query: str, headers: Mapping[str, str], policy: CachePolicy) -> str:
    """Return the cache key: the path and query, and the headers that the policy names."""
    named = [f"{name.lower()}={headers.get(name.lower(), '')}" for name in sorted(policy.headers)]
    return "\n".join([path_and_query, *named])


def without_cookies(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return an answer's headers without what it sets: all that is left where no cookie is forwarded
    (CloudFront Developer Guide, Cookies)."""
    return tuple((name, value) for name, value in headers if name.lower() != "set-cookie")


def lifetime(answer: Answer, policy: CachePolicy, error_seconds: Mapping[int, float]) -> float:
    """Return for how many seconds `answer` may be kept; `error_seconds` are what the distribution states
    (CloudFront Developer Guide, Expiration, HTTPStatusCodes, custom-error-pages-expiration)."""
    said = _EXCEPT_SET_COOKIE.sub("", _cache_control(answer))
    found = re.search(r"s-maxage=(\d+)", said) or re.search(r"max-age=(\d+)", said)
    wished = float(found.group(1)) if found else None
    refused = any(word in said for word in ("no-store", "private", "no-cache"))
    if answer.status >= 400:
        return _error_lifetime(answer.status, wished, policy, error_seconds, refused=refused)
    if answer.status not in _KEPT:
        return 0
    if refused:
        return policy.minimum
    return min(max(policy.default if wished is None else wished, policy.minimum), policy.maximum)


def _error_lifetime(
    status: int,
    wished: float | None,
    policy: CachePolicy,
    error_seconds: Mapping[int, float],
    *,
    refused: bool,
) -> float:
    kept = status in _ALWAYS_KEPT_ERRORS or (status in _ERRORS_KEPT_IF_ASKED and wished is not None)
    if not kept or (refused and status in _ERRORS_THAT_MAY_REFUSE):
        return 0
    asked = 0.0 if wished is None or refused else min(wished, policy.maximum)
    return max(asked, error_seconds.get(status, _ERROR_SECONDS))


def _cache_control(answer: Answer) -> str:
    return answer.header("cache-control").lower()
