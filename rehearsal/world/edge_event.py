"""The events that the edge function is given (CloudFront Developer Guide, functions-event-structure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from rehearsal.world.edge_headers import of_viewer

Fields = Iterable[tuple[str, str]]


def viewer_request(
    request: web.Request, ip: str, *, hidden: frozenset[str], told: Mapping[str, str]
) -> dict[str, Any]:
    """Return the event of a request that came from `ip`, without the headers `hidden`, and with those that
    CloudFront has `told` of the viewer, whatever the viewer claims there."""
    raw_path, _, query = request.raw_path.partition("?")
    headers = [("host", request.host), *of_viewer(request.headers.items())]
    cookies = "; ".join(value for name, value in headers if name.lower() == "cookie")
    return {
        "version": "1.0",
        "context": {"eventType": "viewer-request", "requestId": "rehearsal"},
        "viewer": {"ip": ip},
        "request": {
            "method": request.method,
            "uri": raw_path,
            "querystring": _fields(_split(query, "&")),
            "headers": _fields(
                [
                    *(
                        (name.lower(), value)
                        for name, value in headers
                        if name.lower() not in {"cookie", *hidden, *told}
                    ),
                    *((name, value) for name, value in told.items() if value),
                ]
            ),
            "cookies": _fields(_split(cookies, ";")),
        },
    }


def viewer_response(event: Mapping[str, Any], status: int, headers: Fields) -> dict[str, Any]:
    """Return the event of the answer to the request of `event`."""
    shown = ((name.lower(), value) for name, value in headers if name.lower() != "set-cookie")
    return {
        **event,
        "context": {**event["context"], "eventType": "viewer-response"},
        "response": {"statusCode": status, "headers": _fields(shown), "cookies": {}},
    }


def pairs(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return names and values, as often as each stands in an event."""
    return [
        (name, one["value"])
        for name, held in fields.items()
        for one in held.get("multiValue") or [held]
    ]


def _fields(given: Fields) -> dict[str, Any]:
    by_name: dict[str, list[dict[str, str]]] = {}
    for name, value in given:
        by_name.setdefault(name, []).append({"value": value})
    return {
        name: {**values[0], "multiValue": values} if len(values) > 1 else values[0]
        for name, values in by_name.items()
    }


def _split(text: str, separator: str) -> list[tuple[str, str]]:
    """Split as it stands: nothing is decoded."""
    parts = (part.strip().partition("=") for part in text.split(separator) if part.strip())
    return [(name, value) for name, _, value in parts]
