"""Whether the deployed edge gives viewers what the sides answer: every endpoint is asked through the door,
and of the sides as the door asks them.

Above weight 0 an answer may come from either side, so what old or new answers itself is right.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from shared.inference.verdict import Verdict
from shared.readiness.bodies import difference as bodies
from shared.readiness.bodies.difference import excerpts
from shared.readiness.checks.parity import CORS_HEADERS, HEADERS, SECURITY_HEADERS, meant
from shared.readiness.finding import Check, Finding, check
from shared.readiness.http import cookies
from shared.readiness.http.fetch import Answer, Client, FetchError
from shared.readiness.spec import Endpoint, Heard

DOORS_OWN_COOKIES: Final = "cutover-"
"""What the edge function sets of its own begins so."""
_AT_ONCE: Final = 4


@dataclass(frozen=True)
class AskedAsDoor:
    """How the door asks a side for the viewer who asked it for `name`.

    Attributes
    ----------
    name : str
        What the viewer asked for.
    host : str
        What the side hears as Host: that name, or its own.
    adds : tuple of str
        Headers (small letters) that the door is declared to add where a side sends none.
    """

    name: str
    host: Heard
    adds: tuple[str, ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        """What the door sends beside the viewer's own headers. Every viewer it serves came by https."""
        told = {"X-Forwarded-Host": self.name}
        if self.host == "viewer":
            told |= {"Host": self.name, "CloudFront-Forwarded-Proto": "https"}
        return told


async def through_door(
    door: Client,
    old: Client,
    new: Client,
    endpoints: Sequence[Endpoint],
    headers: Sequence[str],
    asked: AskedAsDoor,
    progress: Callable[[float], None],
) -> Check:
    """Ask the `door` for every endpoint, and old as the door asks it; new too, where the two differ.

    An endpoint takes four times the clients' time limit at most. What a side does not answer at all is left
    to parity.
    """
    turn = asyncio.Semaphore(_AT_ONCE)
    done = 0

    async def one(endpoint: Endpoint) -> list[Finding]:
        nonlocal done
        async with turn:
            found = await _look(door, old, new, endpoint, headers, asked)
        done += 1
        progress(done / len(endpoints))
        return found

    found = await asyncio.gather(*(one(endpoint) for endpoint in endpoints))
    return check(
        "door",
        [finding for some in found for finding in some],
        endpoints=[endpoint.path for endpoint in endpoints],
    )


async def _look(
    door: Client,
    old: Client,
    new: Client,
    endpoint: Endpoint,
    headers: Sequence[str],
    asked: AskedAsDoor,
) -> list[Finding]:
    place = f"door:{endpoint.path}"
    fine = [Finding(place, Verdict.PASS, f"{endpoint.path}: the door changes nothing")]
    direct = await _ask(old, endpoint.path, asked.headers)
    try:
        came = await door.fetch(endpoint.path)
        await door.follow(came, endpoint.path)
    except FetchError as error:
        if isinstance(direct, FetchError):
            return fine
        said = f"{endpoint.path} through the door: {error}; old, asked as the door asks, answers"
        return [Finding(place, Verdict.FAIL, said, waivable=True)]

    def differ(from_side: Answer | FetchError) -> list[Finding]:
        if isinstance(from_side, FetchError):
            return []
        return [
            Finding(
                f"{place}:{aspect}",
                Verdict.FAIL,
                f"{endpoint.path} through the door: {said}",
                old=expected,
                new=seen,
                waivable=True,
            )
            for aspect, said, expected, seen in _differences(
                endpoint, from_side, came, headers, asked, door
            )
        ]

    # A long body takes a moment, in which the other answers must not wait.
    found = await asyncio.to_thread(differ, direct)
    if found and not await asyncio.to_thread(differ, await _ask(new, endpoint.path, asked.headers)):
        return fine
    return found or fine


async def _ask(side: Client, path: str, headers: dict[str, str]) -> Answer | FetchError:
    try:
        return await side.fetch(path, headers=headers)
    except FetchError as error:
        return error


_Aspects = Iterator[tuple[str, str, str, str]]
"""An aspect, a sentence, what the side shows and what the door shows."""


def _differences(
    endpoint: Endpoint,
    direct: Answer,
    came: Answer,
    headers: Sequence[str],
    asked: AskedAsDoor,
    door: Client,
) -> _Aspects:
    yield from _unlike("status", "status", str(direct.status), str(came.status))
    base = f"https://{asked.name}{endpoint.path}"
    leads = [_place(base, answer.location) for answer in (direct, came)]
    yield from _unlike("redirect", "the redirect", *leads)
    names = dict.fromkeys(
        [*HEADERS, *SECURITY_HEADERS, *CORS_HEADERS, *(name.lower() for name in headers)]
    )
    for name in names:
        before, after = (
            door.impersonal(meant(name, answer.header(name))) for answer in (direct, came)
        )
        if before or name not in asked.adds:
            yield from _unlike(f"header:{name}", name, before, after)
    set_by = [
        cookies.attributes(one for one in answer.all("set-cookie") if not _is_the_doors(one))
        for answer in (direct, came)
    ]
    for name in dict.fromkeys([*set_by[0], *set_by[1]]):
        shown = [one.get(name, "not set") for one in set_by]
        yield from _unlike(f"cookie:{name}", f"cookie {name}", *shown)
    # Age says that an answer did not come from the origin for this request (RFC 9111, 5.1).
    if came.header("age") and not direct.header("age"):
        said = (
            f"the answer was kept for {came.header('age')} s, and is one answer for everybody: let no "
            "edge.static_paths cover it"
        )
        yield "cache", said, "asked anew", f"kept for {came.header('age')} s"
    yield from _bodies(endpoint, direct, came, door)


def _is_the_doors(set_cookie: str) -> bool:
    return set_cookie.lstrip().startswith(DOORS_OWN_COOKIES)


def _bodies(endpoint: Endpoint, direct: Answer, came: Answer, door: Client) -> _Aspects:
    if endpoint.body.by == "any" or direct.cut or came.cut or direct.status != came.status:
        return
    if direct.packed or came.packed:
        yield from _unlike("encoding", "content-encoding", direct.packed, came.packed)
        return
    texts = [
        door.impersonal(bodies.text(one.body, one.header("content-type"))) for one in (direct, came)
    ]
    found = bodies.difference(texts[0], texts[1], endpoint.body)
    if found is not None:
        said = "the body is not what a side answers itself"
        yield "body", said, found.old, found.new


def _unlike(aspect: str, what: str, direct: str, came: str) -> _Aspects:
    if direct != came:
        shown = excerpts(direct, came)
        said = f"{what} is {shown[1]}, and {shown[0]} on old asked as the door asks"
        yield aspect, said, direct or "nothing", came or "nothing"


def _place(base: str, location: str) -> str:
    """Return where a browser that asked for `base` goes, in short where it stays at the door."""
    if not location:
        return ""
    try:
        place = urljoin(base, location.strip())
        is_here = urlsplit(place)[:2] == urlsplit(base)[:2]
    except ValueError:
        return location
    return place.partition(urlsplit(base).netloc)[2] if is_here else place
