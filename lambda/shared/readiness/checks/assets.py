"""Files that pages name and only one side has: a viewer whose page came from the other side misses them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

from shared.inference.verdict import Verdict
from shared.readiness.bodies import difference as bodies
from shared.readiness.bodies.named_files import PagesError, named_files
from shared.readiness.catalogues.excluded import Excluded
from shared.readiness.catalogues.sample import Sample
from shared.readiness.finding import Check, Finding, check
from shared.readiness.http.fetch import Answer, Client, FetchError
from shared.readiness.http.own_path import own_path
from shared.readiness.spec import SIDES, Endpoint

PAGES: Final = 20
FILES: Final = 100
SECONDS: Final = 60.0
_AT_ONCE: Final = 8
_FAILED: Final = 400
_OK: Final = 200
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})


@dataclass(frozen=True)
class _Page:
    """A page as one side sent it: its path after the redirects, and its text."""

    path: str
    text: str


@dataclass
class _Named:
    """Files by their paths, and the pages of each side that name them."""

    by: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, path: str, side: str, page: str) -> None:
        """Take into account that the `page` of a side names a file."""
        self.by.setdefault(path, {}).setdefault(side, page)


async def assets(
    old: Client,
    new: Client,
    endpoints: Sequence[Endpoint],
    static_paths: Sequence[str],
    public_names: Sequence[str] = (),
    *,
    seconds: float = SECONDS,
) -> Check:
    """Ask both sides for the files that the pages of both name, and say what only one side has.

    The first 20 endpoints are asked for on both sides, once more for each redirect. Of the files of the same
    origin a sample of 100 is taken, the same in every run of the same pages, and asked for by HEAD; one that
    fails also by GET. All of it takes `seconds` at most, with 8 requests at once.
    """
    sides = dict(zip(SIDES, (old, new), strict=True))
    try:
        async with asyncio.timeout(seconds):
            return await _looked(sides, endpoints[:PAGES], static_paths, public_names)
    except TimeoutError:
        said = f"it was not told within {seconds:g} s which files both sides have"
        return check("assets", [Finding("assets", Verdict.INCONCLUSIVE, said, waivable=True)])


async def _looked(
    sides: Mapping[str, Client],
    endpoints: Sequence[Endpoint],
    static_paths: Sequence[str],
    public_names: Sequence[str],
) -> Check:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def page(side: str, endpoint: Endpoint) -> tuple[str, _Page] | None:
        async with turn:
            found = await _page(sides[side], endpoint.path)
        return None if found is None else (side, found)

    asked = await asyncio.gather(*(page(s, e) for s in sides for e in endpoints))
    pages = [one for one in asked if one is not None]
    if not pages:
        return Check("assets", skipped="no endpoint is an HTML page")
    findings: list[Finding] = []
    try:
        named = await asyncio.to_thread(named_files, [one.text for _, one in pages])
    except PagesError as error:
        return check("assets", [Finding("assets", Verdict.INCONCLUSIVE, str(error), waivable=True)])
    files = _Named()
    hosts = {name.lower() for name in public_names}
    for (side, one), found in zip(pages, named, strict=True):
        if found is None:
            said = f"{one.path} on {side} cannot be read as HTML in half a second, so its files are not known"
            findings.append(
                Finding(f"assets:{one.path}:{side}", Verdict.INCONCLUSIVE, said, waivable=True)
            )
            continue
        for path in _same_origin(sides[side], one.path, *found, hosts):
            files.add(path, side, one.path)
    sample = Sample(FILES)
    for path in files.by:
        sample.add(path)

    async def has(side: str, path: str) -> str:
        async with turn:
            return await _lacks(sides[side], path)

    paths = sample.in_order()
    lacks = await asyncio.gather(
        *(asyncio.gather(*(has(side, path) for side in sides)) for path in paths)
    )
    shown = {
        path: dict(zip(sides, one, strict=True)) for path, one in zip(paths, lacks, strict=True)
    }
    findings += _told(files, shown, Excluded(static_paths))
    return check("assets", findings, files=len(files.by), asked=len(paths), pages=len(pages))


async def _page(client: Client, path: str) -> _Page | None:
    """Return the page that a path leads to, or None where it is none: what else is wrong, parity says."""
    try:
        first = await client.fetch(path)
        hops, answers = await client.follow(first, path)
    except FetchError:
        return None
    last = answers[-1]
    kind = last.header("content-type").partition(";")[0].strip().lower()
    if last.status != _OK or kind not in _HTML or last.packed:
        return None
    at = hops[-1].partition(" ")[2] if hops else path
    text = await asyncio.to_thread(bodies.text, last.body, last.header("content-type"))
    return _Page(at, text)


def _same_origin(
    client: Client, page: str, base: str, places: Iterable[str], hosts: set[str]
) -> Iterator[str]:
    """Yield the path of each place that is on the side itself, or on a public name."""
    try:
        start = urljoin(client.root + page, base)
    except ValueError:
        start = client.root + page
    for place in places:
        try:
            split = urlsplit(urljoin(start, place))
            host = split.hostname or ""
        except ValueError:
            continue
        if split.scheme in {"http", "https"} and (
            split.netloc == urlsplit(client.root).netloc or host in hosts
        ):
            path = own_path(f"{split.path or '/'}{f'?{split.query}' if split.query else ''}")
            if path is not None:
                yield path


async def _lacks(client: Client, path: str) -> str:
    """Return why a side has not the file at `path`; nothing where it has."""
    try:
        answer: Answer = await client.fetch(path, method="HEAD")
        if answer.status >= _FAILED:
            # Not every server knows HEAD.
            answer = await client.fetch(path)
    except FetchError as error:
        return str(error)
    return f"status {answer.status}" if answer.status >= _FAILED else ""


def _told(
    files: _Named, shown: Mapping[str, Mapping[str, str]], static: Excluded
) -> Iterator[Finding]:
    both = covered = neither = 0
    wrong: list[Finding] = []
    for path, lacks in shown.items():
        lacking = [side for side in SIDES if lacks[side]]
        if not lacking:
            both += 1
        elif len(lacking) == 1 and static.covers(path) and lacks[lacking[0]].startswith("status "):
            covered += 1
        elif len(lacking) == len(SIDES) and "new" not in files.by[path]:
            neither += 1
        else:
            wrong.append(_missing(path, lacking, lacks, files.by[path], static))
    counts = {
        f"{both} of {len(shown)} files that pages name are on both sides": True,
        f"{covered} on one side lie under edge.static_paths, where the edge asks the other side": covered,
        f"{neither} that only old's pages name are on neither": neither,
        f"{len(files.by) - len(shown)} more were not asked for": len(files.by) - len(shown),
    }
    said = "; ".join(text for text, is_told in counts.items() if is_told)
    yield Finding("assets", Verdict.PASS, said)
    yield from wrong


def _missing(
    path: str,
    lacking: Sequence[str],
    lacks: Mapping[str, str],
    named_by: Mapping[str, str],
    static: Excluded,
) -> Finding:
    side = lacking[-1]
    by = " and ".join(f"{page} on {name}" for name, page in named_by.items())
    if len(lacking) == len(SIDES):
        said = f"{path}, which {by} names, is on neither side (new: {lacks['new']}): new's page lacks it"
    else:
        said = f"{path}, which {by} names, is not on {side} ({lacks[side]}). "
        said += (
            "The edge asks the other side on 403, 404 and 5xx only"
            if static.covers(path)
            else "Declare its path in edge.static_paths, so that the edge asks the other side, or put "
            "the files of both builds on both sides"
        )
    shown = {name: lacks[name] or "there" for name in SIDES}
    return Finding(
        f"assets:{path}:{side}", Verdict.FAIL, said, shown["old"], shown["new"], waivable=True
    )
