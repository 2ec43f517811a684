"""Endpoints that a side names itself: in a sitemap, or in an OpenAPI document."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from shared.inference.verdict import Verdict
from shared.readiness.finding import Check, Finding, check
from shared.readiness.http.fetch import Client, FetchError
from shared.readiness.http.own_path import own_path
from shared.readiness.spec import Endpoint

MOST: Final = 50
"""More endpoints than this would make a gate of minutes; the rest is counted, not asked."""
_SITEMAPS: Final = 10
_PATIENCE: Final = 3
_PARAMETER: Final = re.compile(r"\{([^{}]+)\}")
_REFERENCES: Final = 5


class DiscoveryError(Exception):
    """The document cannot be read; the message says why."""


async def discover(
    old: Client, documents: Sequence[str], declared: Sequence[Endpoint]
) -> tuple[list[Endpoint], Check]:
    """Return the endpoints that old's `documents` name beyond the declared ones, and what was wrong.

    The documents are read side by side, each with the sitemaps that it leads to one after the other, in
    three times the client's time limit at most.
    """
    known = {endpoint.path for endpoint in declared}
    found: list[str] = []
    findings: list[Finding] = []
    read = await asyncio.gather(*(_read(old, document) for document in documents))
    for document, paths in zip(documents, read, strict=True):
        name = f"discovery:{document}"
        if isinstance(paths, Exception):
            said = f"{document} on old names no endpoints: {paths}"
            findings.append(Finding(name, Verdict.INCONCLUSIVE, said, waivable=True))
            continue
        more = [path for path in paths if path not in known]
        kept = more[: max(0, MOST - len(found))]
        known.update(kept)
        found += kept
        said = f"{document} names {len(paths)} endpoints, {len(kept)} of them not declared"
        if len(kept) < len(more):
            said += f", and {len(more) - len(kept)} more that are not checked"
        findings.append(Finding(name, Verdict.PASS, said))
    return [Endpoint(path) for path in found], check("discovery", findings, endpoints=found)


async def _read(old: Client, document: str) -> list[str] | FetchError | DiscoveryError:
    """Return the paths that `document`, or the sitemaps that it leads to, name."""
    limit = _PATIENCE * old.timeout_seconds
    try:
        async with asyncio.timeout(limit):
            return await _paths(old, document)
    except TimeoutError:
        return DiscoveryError(f"it was not read within {limit:g} s, with everything that it names")
    except (FetchError, DiscoveryError) as error:
        return error


async def _paths(old: Client, document: str) -> list[str]:
    waiting, asked, paths = [document], set[str](), dict[str, None]()
    while waiting and len(asked) < _SITEMAPS and len(paths) < MOST:
        path = waiting.pop(0)
        asked.add(path)
        pages, sitemaps = _named(await _fetched(old, path))
        paths.update(dict.fromkeys(pages))
        waiting += [one for one in dict.fromkeys(sitemaps) if one not in {*asked, *waiting}]
    return list(paths)


async def _fetched(old: Client, path: str) -> bytes:
    _, answers = await old.follow(await old.fetch(path), path)
    if answers[-1].status != 200:  # noqa: PLR2004
        raise DiscoveryError(
            f"{path} answers with status {answers[-1].status}, but must answer with 200"
        )
    if answers[-1].cut:
        raise DiscoveryError(f"{path}: {answers[-1].cut}")
    return answers[-1].body


def _named(body: bytes) -> tuple[list[str], list[str]]:
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return sitemap(body)
    return openapi(body), []


def sitemap(body: bytes) -> tuple[list[str], list[str]]:
    """Return the paths of the pages, and of further sitemaps, that a sitemap names (sitemaps.org, protocol).

    Hosts are left out: a sitemap names the public one, which need not be the side's.

    Raises
    ------
    DiscoveryError
        When it is not XML, or a trap.
    """
    try:
        root = fromstring(body)
    except DefusedXmlException as error:
        raise DiscoveryError(f"the XML declares entities, which is refused: {error}") from error
    except (ParseError, ValueError, LookupError) as error:
        raise DiscoveryError(f"it is not XML: {error}") from error
    kind = _local(root.tag)
    if kind not in {"urlset", "sitemapindex"}:
        raise DiscoveryError(f"its root is <{kind}>: it must be <urlset> or <sitemapindex>")
    places = [
        path
        for entry in root
        # Images and videos have a <loc> too, one level further down.
        for element in entry
        if _local(element.tag) == "loc" and (path := own_path((element.text or "").strip()))
    ]
    return ([], places) if kind == "sitemapindex" else (places, [])


def openapi(body: bytes) -> list[str]:
    """Return the paths that an OpenAPI document (JSON) lets one GET without a secret.

    A path with a parameter is taken when the document gives an example or a default for it.

    Raises
    ------
    DiscoveryError
        When it is not an OpenAPI document in JSON.
    """
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DiscoveryError(f"it is neither XML nor JSON: {error}") from error
    try:
        return list(_gets(document))
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
        raise DiscoveryError(f"it is JSON, but not an OpenAPI document: {error!r}") from error


def _gets(document: dict[str, Any]) -> Iterator[str]:
    server = (document.get("servers") or [{}])[0].get("url", "")
    # Version 2 has a basePath instead of servers.
    base = (urlsplit(server).path or document.get("basePath", "")).rstrip("/")
    for path, item in document["paths"].items():
        get = item.get("get")
        if get is None or _is_secured(get.get("security", document.get("security"))):
            continue
        parameters = [
            _resolved(document, one)
            for one in [*item.get("parameters", []), *get.get("parameters", [])]
        ]
        given = {p["name"]: _example(p) for p in parameters if p.get("in") in {"path", "query"}}
        needed = [p["name"] for p in parameters if p.get("in") == "query" and p.get("required")]
        names = [*_PARAMETER.findall(path), *needed]
        if any(given.get(name) is None for name in names):
            continue
        filled = "".join(
            part if i % 2 == 0 else _quoted(given[part])
            for i, part in enumerate(_PARAMETER.split(path))
        )
        query = "&".join(f"{_quoted(n)}={_quoted(given[n])}" for n in dict.fromkeys(needed))
        found = own_path(base + filled + (f"?{query}" if query else ""))
        if found is not None:
            yield found


def _is_secured(security: list[dict[str, Any]] | None) -> bool:
    """Return whether a secret is needed; an empty requirement among others makes it optional (OpenAPI
    Specification, Operation Object)."""
    return bool(security) and {} not in (security or [])


def _resolved(document: dict[str, Any], parameter: dict[str, Any]) -> dict[str, Any]:
    """Return what `parameter` refers to inside the document, or itself."""
    for _ in range(_REFERENCES):
        reference = parameter.get("$ref")
        if reference is None:
            return parameter
        parameter = document
        for step in reference.removeprefix("#/").split("/"):
            parameter = parameter[step.replace("~1", "/").replace("~0", "~")]
    raise ValueError(f"{reference} refers to itself")


def _example(parameter: dict[str, Any]) -> Any:
    schema = parameter.get("schema") or {}
    for place in (parameter, schema):
        for key in ("example", "default"):
            if key in place:
                return place[key]
    examples = parameter.get("examples") or {}
    return next((one.get("value") for one in examples.values()), None)


def _quoted(value: Any) -> str:
    return quote(str(value), safe="")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
