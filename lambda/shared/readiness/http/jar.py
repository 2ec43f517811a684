"""The cookies of one viewer, kept and sent as a browser does (RFC 6265; 6265bis for prefixes and SameSite).

All requests go to one name, so a cookie's Domain matters only when it is set. Values are never shown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import mktime_tz, parsedate_tz
from typing import Final

_MOST: Final = 100
_LONGEST: Final = 4096
"""Bytes of a cookie's name and value that a browser must take (RFC 6265, 6.1)."""
_HEADER_BYTES: Final = 8192
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")


@dataclass(frozen=True)
class Cookie:
    """One Set-Cookie header, taken apart.

    Attributes
    ----------
    attributes : dict
        By name in small letters; of several of one name the last.
    """

    name: str
    value: str
    attributes: dict[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The Domain it is meant for, or nothing: the host alone that set it."""
        return self.attributes.get("domain", "").lower().removeprefix(".")

    def ends_before(self, now: float) -> bool:
        """Return whether it is deleted rather than set, at `now` in seconds since 1970."""
        age = self.attributes.get("max-age", "")
        if _NUMBER.fullmatch(age):
            return int(age) <= 0
        when = parsedate_tz(self.attributes.get("expires", "")[:64])
        try:
            return when is not None and mktime_tz(when) <= now
        except (ValueError, OverflowError):
            return False


def parsed(header: str) -> Cookie | None:
    """Return the cookie that a Set-Cookie header sets, or None where a browser takes none from it."""
    first, *rest = header.split(";")
    name, mark, value = (part.strip() for part in first.partition("="))
    if not (mark and name) or _CONTROL.search(header):
        return None
    try:
        if len(name.encode()) + len(value.encode()) > _LONGEST:
            return None
    except UnicodeEncodeError:
        # What is not UTF-8 came as half characters, which cannot be sent again.
        return None
    attributes = {
        key.strip().lower(): said.strip() for key, _, said in (part.partition("=") for part in rest)
    }
    return Cookie(name, value, attributes)


def covers(domain: str, host: str) -> bool:
    """Return whether a cookie for `domain` is one for `host` too (RFC 6265, 5.1.3)."""
    is_address = ":" in host or host.replace(".", "").isdigit()
    return host == domain or (not is_address and host.endswith(f".{domain}"))


def refusal(cookie: Cookie, host: str, scheme: str) -> str:
    """Return why a browser that asked `host` by `scheme` does not keep `cookie`; nothing where it does.

    An empty `host` or `scheme` is not known: then nothing is said of it.
    """
    secure = "secure" in cookie.attributes
    if cookie.domain and host and not covers(cookie.domain, host):
        return f"its Domain {cookie.domain} does not cover {host}"
    if secure and scheme == "http":
        return "it is Secure, and viewers come by http"
    if cookie.attributes.get("samesite", "").lower() == "none" and not secure:
        return "it has SameSite=None without Secure"
    if cookie.name.startswith("__Secure-") and not secure:
        return "its name begins with __Secure-, and it is not Secure"
    if cookie.name.startswith("__Host-") and (
        not secure or cookie.domain or cookie.attributes.get("path") != "/"
    ):
        return "its name begins with __Host-, so it must be Secure, with Path=/ and without Domain"
    return ""


class Jar:
    """Keeps at most 100 cookies (then the oldest goes) of a viewer who asked `host` by `scheme`."""

    def __init__(self, host: str, scheme: str) -> None:
        self._host = host
        self._scheme = scheme
        self._kept: dict[tuple[str, str], str] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def copy(self) -> Jar:
        """Return another jar with the same cookies."""
        made = Jar(self._host, self._scheme)
        made._kept = dict(self._kept)
        return made

    def keep(self, set_cookies: Iterable[str], asked: str) -> None:
        """Keep, change or delete what the answer to the path `asked` says."""
        for cookie in filter(None, map(parsed, set_cookies)):
            if refusal(cookie, self._host, self._scheme):
                continue
            path = cookie.attributes.get("path", "")
            key = (cookie.name, path if path.startswith("/") else _default_path(asked))
            self._kept.pop(key, None)
            if cookie.ends_before(time.time()):
                continue
            self._kept[key] = cookie.value
            if len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]

    def header(self, asked: str) -> str:
        """Return the Cookie header for the path `asked`, longer paths first (RFC 6265, 5.4)."""
        path = asked.partition("?")[0]
        fitting = [one for one in self._kept.items() if _matches(path, one[0][1])]
        fitting.sort(key=lambda one: -len(one[0][1]))
        said, length = [], 0
        for (name, _), value in fitting:
            length += len(name) + len(value) + 3
            if length <= _HEADER_BYTES:
                said.append(f"{name}={value}")
        return "; ".join(said)


def _default_path(asked: str) -> str:
    folder = asked.partition("?")[0].rpartition("/")[0]
    return folder or "/"


def _matches(path: str, of: str) -> bool:
    return path == of or (path.startswith(of) and (of.endswith("/") or path[len(of)] == "/"))
