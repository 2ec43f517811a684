"""OpenAPI documents in JSON (OpenAPI Specification, 2.0 to 3.2): what one can GET without a secret."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

from shared.readiness.catalogues.error import DiscoveryError

BYTES: Final = 10 << 20
"""A longer document is not read: its objects take twenty times its length in memory."""
SECURED: Final = "need a secret"
STREAM: Final = "are streams"
UNFILLED: Final = "have a parameter without an example"
UNREADABLE: Final = "cannot be read"
_PARAMETER: Final = re.compile(r"\{([^{}]+)\}")
_REFERENCES: Final = 5
_STREAMS: Final = frozenset({"text/event-stream", "multipart/x-mixed-replace"})
_BROKEN: Final = (KeyError, TypeError, AttributeError, IndexError, ValueError)
_Object = dict[str, Any]


@dataclass(frozen=True)
class Named:
    """What a document names.

    Attributes
    ----------
    places : list of str
        Paths and queries that can be asked for.
    left_out : Counter
        How many GETs cannot, by the reason.
    """

    places: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def openapi(body: bytes, at: str = "/") -> Named:
    """Return what an OpenAPI document names that stands at the path `at`.

    A path with a parameter is taken when the document gives an example, a default or an enumeration for it.
    What a document itself calls a stream is left out: it has no end. A path of which something cannot be
    read is left out alone.

    Raises
    ------
    DiscoveryError
        When it is not an OpenAPI document in JSON.
    """
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DiscoveryError(f"it is neither XML nor JSON: {error}") from error
    named = Named()
    try:
        paths = document["paths"].items()
        _base(document, {}, {}, at)
    except _BROKEN as error:
        raise DiscoveryError(f"it is JSON, but not an OpenAPI document: {error!r}") from error
    for path, referring in paths:
        try:
            item = _resolved(document, referring)
            get = item.get("get")
            if get is not None:
                place = _place(document, item, get, path, at)
                named.places.append(place)
        except _LeftOutError as error:
            named.left_out[str(error)] += 1
        except _BROKEN:
            named.left_out[UNREADABLE] += 1
    return named


class _LeftOutError(Exception):
    """A path is not taken; the message is the reason."""


def _place(document: _Object, item: _Object, get: _Object, path: str, at: str) -> str:
    if _is_secured(get.get("security", document.get("security"))):
        raise _LeftOutError(SECURED)
    if _is_stream(document, get):
        raise _LeftOutError(STREAM)
    # An operation's own parameter stands in place of the path's (Path Item Object).
    parameters = {
        (str(one["in"]), str(one["name"])): one
        for one in (
            _resolved(document, one)
            for one in [*(item.get("parameters") or []), *(get.get("parameters") or [])]
        )
    }
    values = {key: _example(document, one) for key, one in parameters.items()}
    needed = [
        name
        for (place, name), one in parameters.items()
        if place == "query" and one.get("required")
    ]
    in_path = _PARAMETER.findall(path)
    keys = [*(("path", name) for name in in_path), *(("query", name) for name in needed)]
    if any(values.get(key) is None for key in keys):
        raise _LeftOutError(UNFILLED)
    filled = "".join(
        part if i % 2 == 0 else _quoted(values["path", part])
        for i, part in enumerate(_PARAMETER.split(path))
    )
    query = "&".join(f"{_quoted(name)}={_quoted(values['query', name])}" for name in needed)
    return _base(document, item, get, at) + filled + (f"?{query}" if query else "")


def _base(document: _Object, item: _Object, get: _Object, at: str) -> str:
    """Return what all paths begin with: that of the first server, or in version 2 the basePath."""
    servers = get.get("servers") or item.get("servers") or document.get("servers") or [{}]
    url = servers[0].get("url", "")
    variables = servers[0].get("variables") or {}
    url = _PARAMETER.sub(lambda found: _default(variables, found), url)
    split = urlsplit(url)
    path: str = split.path or document.get("basePath", "")
    if url and not split.netloc and not path.startswith("/"):
        # It is relative to where the document stands (Server Object).
        path = urlsplit(urljoin(at, path)).path
    return path.rstrip("/")


def _default(variables: _Object, found: re.Match[str]) -> str:
    return str(variables[found[1]]["default"]) if found[1] in variables else found[0]


def _is_secured(security: list[_Object] | None) -> bool:
    """Return whether a secret is needed; an empty requirement among others makes it optional (OpenAPI
    Specification, Operation Object)."""
    return bool(security) and {} not in (security or [])


def _is_stream(document: _Object, get: _Object) -> bool:
    """Return whether an answer may be a stream: Server-Sent Events, an endless row of pictures, or whatever
    has a schema for each of its items (Media Type Object of 3.2)."""
    contents = (
        (_resolved(document, one).get("content") or {})
        for one in (get.get("responses") or {}).values()
    )
    if any(
        _type(kind) in _STREAMS or "itemSchema" in (media or {})
        for content in contents
        for kind, media in content.items()
    ):
        return True
    produced = get.get("produces") or document.get("produces") or []
    return bool(produced) and all(_type(kind) in _STREAMS for kind in produced)


def _type(kind: str) -> str:
    return kind.partition(";")[0].strip().lower()


def _resolved(document: _Object, one: _Object) -> _Object:
    """Return what `one` refers to inside the document, or itself."""
    for _ in range(_REFERENCES):
        reference = one.get("$ref")
        if reference is None:
            return one
        one = document
        for step in reference.removeprefix("#/").split("/"):
            one = one[step.replace("~1", "/").replace("~0", "~")]
    raise ValueError(f"{reference} refers to itself")


def _example(document: _Object, parameter: _Object) -> Any:
    """Return the first value that the document gives for `parameter`, or None."""
    media: _Object = next(iter((parameter.get("content") or {}).values()), {})
    return next(
        (
            value
            for place in (parameter, media)
            for value in _values(document, place)
            if value is not None and not isinstance(value, dict)
        ),
        None,
    )


def _values(document: _Object, place: _Object) -> Iterator[Any]:
    schema = _resolved(document, place.get("schema") or {})
    items = _resolved(document, schema.get("items") or {}) if schema.get("type") == "array" else {}
    # x-example is how version 2 is written, which has no word of its own for it.
    keys = ("example", "x-example", "default", "const")
    yield from (one[key] for one in (place, schema) for key in keys if key in one)
    for several in (place.get("examples"), schema.get("examples")):
        if isinstance(several, dict):
            yield from (_resolved(document, one).get("value") for one in several.values())
        else:
            yield from several or []
    yield from (value for one in (place, schema, items) for value in (one.get("enum") or [])[:1])
    yield from (items[key] for key in keys if key in items)


def _quoted(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(_quoted, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return quote(str(value), safe="")
