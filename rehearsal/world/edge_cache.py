"""The edge's cache: what may be kept, for how long, under which key."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

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


class Cache:
    """Keeps answers of 200 to GET and HEAD, as long as the origin and the policy allow."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._kept: dict[str, tuple[float, Answer]] = {}

    def get(self, key: str) -> Answer | None:
        """Return what is kept under `key` and has not run out."""
        until, answer = self._kept.get(key, (0.0, None))
        return answer if answer is not None and until > self._now() else None

    def put(self, key: str, answer: Answer, policy: CachePolicy) -> None:
        """Keep `answer`, if it may be kept."""
        seconds = lifetime(answer, policy)
        if seconds > 0:
            self._kept[key] = (self._now() + seconds, answer)


def key_of(path_and_query: str, headers: Mapping[str, str], policy: CachePolicy) -> str:
    """Return the cache key: the path and query, and the headers that the policy names."""
    named = [f"{name.lower()}={headers.get(name.lower(), '')}" for name in sorted(policy.headers)]
    return "\n".join([path_and_query, *named])


def lifetime(answer: Answer, policy: CachePolicy) -> float:
    """Return for how many seconds `answer` may be kept (CloudFront Developer Guide, Expiration)."""
    if answer.status != 200 or answer.header("set-cookie"):
        return 0
    said = answer.header("cache-control").lower()
    if "no-store" in said or "private" in said or "no-cache" in said:
        return policy.minimum
    found = re.search(r"s-maxage=(\d+)", said) or re.search(r"max-age=(\d+)", said)
    wished = float(found.group(1)) if found else policy.default
    return min(max(wished, policy.minimum), policy.maximum)
