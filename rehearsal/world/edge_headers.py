"""What CloudFront takes out of headers, puts into them and refuses (CloudFront Developer Guide,
RequestAndResponseBehaviorCustomOrigin, cloudfront-limits)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aiohttp import web

MOST_OF_A_REQUEST: Final = 20_480
"""Bytes of a request or of an origin's answer, the body not counted."""
MOST_OF_A_URL: Final = 8_192
_NOT_FORWARDED: Final = frozenset(
    {
        "connection",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-forwarded-proto",
        "x-real-ip",
    }
)
_NOT_ANSWERED: Final = frozenset(
    {"connection", "keep-alive", "proxy-connection", "trailer", "transfer-encoding", "upgrade"}
)

Headers = Iterable[tuple[str, str]]


def is_too_long(request: web.Request) -> bool:
    """Return whether CloudFront answers 413 and hangs up."""
    line = len(request.method) + len(request.raw_path) + len("  HTTP/1.1\r\n")
    fields = sum(len(name) + len(value) + len(": \r\n") for name, value in request.raw_headers)
    url = len(f"https://{request.host}{request.raw_path}")
    return line + fields > MOST_OF_A_REQUEST or url > MOST_OF_A_URL


def of_viewer(headers: Headers) -> list[tuple[str, str]]:
    """Return what of a viewer's headers may go on, in its order and as often as it came."""
    return [
        (name, value)
        for name, value in _between(headers, _NOT_FORWARDED)
        if not name.lower().startswith("x-edge-")
    ]


def of_origin(headers: Headers) -> tuple[tuple[str, str], ...]:
    """Return what of an origin's headers goes to the viewer."""
    return tuple(_between(headers, _NOT_ANSWERED))


def _between(headers: Headers, taken_out: frozenset[str]) -> list[tuple[str, str]]:
    """Leave out `taken_out`, and what the header Connection names (RFC 9110, 7.6.1)."""
    headers = list(headers)
    named = {
        option.strip().lower()
        for name, value in headers
        if name.lower() == "connection"
        for option in value.split(",")
    }
    return [(n, v) for n, v in headers if n.lower() not in taken_out and n.lower() not in named]
