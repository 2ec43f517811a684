"""Whether two sides answer alike: status, redirects, headers, cookies, CORS, HEAD and bodies of every
endpoint, under each side's own name and under the names that viewers use."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from shared.inference.verdict import Verdict
from shared.readiness.bodies import difference as bodies
from shared.readiness.bodies.difference import Difference, excerpts
from shared.readiness.checks.cookie_fit import lost_cookies
from shared.readiness.checks.own_name import USUAL, Door, ask_as_door, away
from shared.readiness.finding import Check, Finding, check
from shared.readiness.http import cookies
from shared.readiness.http.fetch import Answer, Client, FetchError
from shared.readiness.spec import SIDES, Endpoint
from shared.shown import NAME
from shared.shown import shown as as_shown

HEADERS: Final = (
    "cache-control",
    "content-type",
    "content-language",
    "content-disposition",
    "vary",
    "www-authenticate",
)
SECURITY_HEADERS: Final = (
    "strict-transport-security",
    "content-security-policy",
    "content-security-policy-report-only",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-embedder-policy",
    "cross-origin-resource-policy",
)
CORS_HEADERS: Final = (
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-credentials",
    "access-control-expose-headers",
    "access-control-max-age",
)
ORIGIN: Final = "https://readiness.example"
"""A site that does not exist: the foreign site that a CORS answer is about."""
CONTAINS_BYTES: Final = 5120
"""Route 53 looks for a text in the first 5,120 bytes of a body (Route 53 Developer Guide,
health-checks-creating-values), and so must we."""
_PREFLIGHT: Final = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type",
}
_LISTS: Final = frozenset(
    {
        "cache-control",
        "vary",
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-expose-headers",
    }
)
"""Lists of words whose order, case and number mean nothing."""
_NONCE: Final = re.compile(r"'nonce-[^']*'")
_AT_ONCE: Final = 4
_ALIKE: Final = " (on both sides alike, so it can be waived)"


@dataclass(frozen=True)
class Seen:
    """What one side showed at one endpoint.

    Attributes
    ----------
    answers : list of Answer
        The answer to the request itself and to each redirect that was followed; not empty.
    hops : list of str
        Those redirects.
    head, preflight : Answer or FetchError
        The answers to HEAD and to a stranger's CORS preflight, or why there is none.
    impersonal : callable
        Leaves the host that was asked for out of a text.
    as_door : Answer, FetchError or None
        The answer to the request as the door makes it for a viewer, why there is none, or None where it
        was not asked for.
    own_host : str
        The side's own name.
    """

    answers: list[Answer]
    hops: list[str]
    head: Answer | FetchError
    preflight: Answer | FetchError
    impersonal: Callable[[str], str]
    as_door: Answer | FetchError | None = None
    own_host: str = ""

    @property
    def first(self) -> Answer:
        """The answer to the request itself."""
        return self.answers[0]

    @property
    def last(self) -> Answer:
        """The answer at the end of the redirects."""
        return self.answers[-1]


async def parity(
    old: Client,
    new: Client,
    endpoints: Sequence[Endpoint],
    headers: Sequence[str],
    progress: Callable[[float], None],
    public: Mapping[str, tuple[Client, Client]] = MappingProxyType({}),
    door: Door = USUAL,
) -> Check:
    """Ask both sides for every endpoint and return how they differ.

    Each endpoint is asked for three times a side (GET, HEAD and a CORS preflight), once more a redirect, and
    once as the `door` asks where the public name is declared or the answer names the side itself. It takes
    five times the client's time limit at most. Without the last, so it is by the clients of each `public`
    name too. What one of these shows is a finding only where the side's own name does not show it already.
    """
    turn = asyncio.Semaphore(_AT_ONCE)
    done = 0

    async def one(endpoint: Endpoint) -> list[Finding]:
        nonlocal done
        async with turn:
            found = await under("", old, new, endpoint, door)
            for name, clients in public.items():
                also = await under(name, *clients, endpoint, None)
                if name == door.public_name:
                    found = _without_what_is_said_of(name, found, also, endpoint)
                found += _beyond(found, also, name, endpoint)
        done += 1
        progress(done / len(endpoints))
        return found

    set_by: dict[str, set[str]] = {"old": set(), "new": set()}

    async def under(
        name: str, old: Client, new: Client, endpoint: Endpoint, door: Door | None
    ) -> list[Finding]:
        seen = await asyncio.gather(look(old, endpoint, door), look(new, endpoint, door))
        for which, one in zip(set_by, seen, strict=True):
            set_by[which].update(_names_set(one))
        # A long body takes a moment, in which the other answers must not wait.
        return await asyncio.to_thread(
            lambda: list(compare(endpoint, *seen, headers=headers, door=door, asked_as=name))
        )

    found = await asyncio.gather(*(one(endpoint) for endpoint in endpoints))
    return check(
        "parity",
        [finding for some in found for finding in some],
        endpoints=[endpoint.path for endpoint in endpoints],
        **({"cookies": {k: sorted(v) for k, v in set_by.items()}} if any(set_by.values()) else {}),
    )


def _names_set(seen: Seen | FetchError) -> Iterator[str]:
    if isinstance(seen, Seen):
        for answer in seen.answers:
            yield from (
                as_shown(name, NAME) for name in cookies.attributes(answer.all("set-cookie"))
            )


def _beyond(
    own: Sequence[Finding], also: Sequence[Finding], name: str, endpoint: Endpoint
) -> list[Finding]:
    """Return what a public name shows beyond what the sides' own names show: a person who waives a
    difference waives it once."""
    known = {(finding.id, finding.waivable) for finding in own}
    own_id, public_id = _place(endpoint), _place(endpoint, name)
    return [
        finding
        for finding in also
        if (finding.id.replace(public_id, own_id, 1), finding.waivable) not in known
    ]


def _without_what_is_said_of(
    name: str, own: Sequence[Finding], also: Sequence[Finding], endpoint: Endpoint
) -> list[Finding]:
    """Return `own` without a status under the public name that `also`, which looks closer, tells as well."""
    place, own_place = _place(endpoint, name), _place(endpoint)
    said = {one.id for one in also if one.verdict is not Verdict.PASS}
    told = {
        f"{own_place}:public-name:{side}"
        for side in SIDES
        if said & {f"{place}:{side}", f"{place}:status"}
    }
    return [finding for finding in own if finding.id not in told]


def _place(endpoint: Endpoint, asked_as: str = "") -> str:
    return f"parity:{asked_as}{endpoint.path}"


async def look(client: Client, endpoint: Endpoint, door: Door | None = None) -> Seen | FetchError:
    """Return what a side shows at `endpoint`, or why it shows nothing."""
    try:
        first = await client.fetch(endpoint.path)
        hops, answers = await client.follow(first, endpoint.path)
    except FetchError as error:
        return error
    head = await _asked(client, endpoint, "HEAD", {})
    preflight = await _asked(client, endpoint, "OPTIONS", _PREFLIGHT)
    as_door = None if door is None else await ask_as_door(client, endpoint.path, first, door)
    return Seen(answers, hops, head, preflight, client.impersonal, as_door, client.side_host)


async def _asked(
    client: Client, endpoint: Endpoint, method: str, headers: Mapping[str, str]
) -> Answer | FetchError:
    try:
        return await client.fetch(endpoint.path, method=method, headers=headers)
    except FetchError as error:
        return error


def compare(
    endpoint: Endpoint,
    old: Seen | FetchError,
    new: Seen | FetchError,
    headers: Sequence[str] = (),
    door: Door | None = None,
    asked_as: str = "",
) -> Iterator[Finding]:
    """Yield what is wrong at `endpoint`, or one PASS when nothing is.

    What is broken on both sides alike may be waived: new is no worse than old. What is broken on one side,
    or in two ways, may not.
    """
    place, shown = _place(endpoint, asked_as), f"{asked_as}{endpoint.path}"
    wrong: list[Finding] = []
    unwell = {name: _unwell(endpoint, seen) for name, seen in (("old", old), ("new", new))}
    alike = _failure(old, unwell["old"]) == _failure(new, unwell["new"]) != ""
    for name, seen in (("old", old), ("new", new)):
        said = unwell[name]
        if said:
            told = f"{shown} on {name}: {said}{_ALIKE if alike else ''}"
            wrong.append(Finding(f"{place}:{name}", Verdict.FAIL, told, waivable=alike))
        if isinstance(seen, Seen) and door is not None:
            wrong += away(place, name, seen.first, seen.as_door, seen.impersonal, door)
            wrong += lost_cookies(
                place, name, seen.answers, seen.own_host, door.public_name, door.scheme
            )
    if isinstance(old, Seen) and isinstance(new, Seen):
        wrong += [
            Finding(
                f"{place}:{aspect}",
                found.verdict,
                f"{shown}: {found.said}",
                old=found.old,
                new=found.new,
                waivable=True,
            )
            for aspect, found in _differences(endpoint, old, new, headers)
        ]
    yield from wrong or [Finding(place, Verdict.PASS, f"{shown}: no difference")]


def _failure(seen: Seen | FetchError, said: str) -> str:
    """Return what must be the same on both sides to be broken alike."""
    return seen.kind if isinstance(seen, FetchError) else said


def _unwell(endpoint: Endpoint, seen: Seen | FetchError) -> str:
    """Return why one side alone is not as declared."""
    if isinstance(seen, FetchError):
        return str(seen)
    status = seen.first.status
    if endpoint.status and status != endpoint.status:
        return f"status {status}, but must be {endpoint.status}"
    if not endpoint.status and status >= 500:  # noqa: PLR2004 - a server's own fault
        return f"status {status}, but must be below 500"
    at = seen.first.body.find(endpoint.contains.encode())
    if at < 0:
        return f"the body does not contain {endpoint.contains!r}"
    if at + len(endpoint.contains.encode()) > CONTAINS_BYTES:
        return (
            f"the body contains {endpoint.contains!r} only at byte {at + 1}, "
            f"but must contain it within the first {CONTAINS_BYTES}"
        )
    return ""


_Aspects = Iterator[tuple[str, Difference]]


def _differences(endpoint: Endpoint, old: Seen, new: Seen, headers: Sequence[str]) -> _Aspects:
    names = dict.fromkeys(
        [*HEADERS, *SECURITY_HEADERS, *CORS_HEADERS, *(name.lower() for name in headers)]
    )
    yield from _unlike("status", "status", str(old.first.status), str(new.first.status))
    yield from _headers("header", "", names, old, new, (old.first, new.first))
    if old.hops or new.hops:
        hops = [" → ".join(side.hops) for side in (old, new)]
        yield from _unlike("redirects", "redirect", *hops)
        ends = (old.last, new.last)
        statuses = [str(end.status) for end in ends]
        yield from _unlike("end:status", "status after the redirects", *statuses)
        yield from _headers("end:header", " after the redirects", names, old, new, ends)
    yield from _cookies(old, new)
    yield from _heads(old, new, names)
    yield from _preflights(old, new)
    yield from _bodies(endpoint, old, new)


def _unlike(aspect: str, what: str, old: str, new: str) -> _Aspects:
    if old != new:
        shown = excerpts(old, new)
        said = f"{what} is {shown[0]} on old and {shown[1]} on new"
        yield aspect, Difference(said, old or "nothing", new or "nothing")


def _headers(
    aspect: str,
    where: str,
    names: Iterable[str],
    old: Seen,
    new: Seen,
    answers: tuple[Answer, Answer],
) -> _Aspects:
    for name in names:
        values = [
            side.impersonal(meant(name, answer.header(name)))
            for side, answer in zip((old, new), answers, strict=True)
        ]
        yield from _unlike(f"{aspect}:{name}", f"{name}{where}", *values)


def meant(name: str, value: str) -> str:
    """Return a header's value without what means nothing."""
    if name in _LISTS:
        words = {word.strip().lower() for word in value.split(",")}
        return ", ".join(sorted(words - {""}))
    if name == "content-type":
        return value.lower().replace(" ", "")
    if name.startswith("content-security-policy"):
        return _NONCE.sub("'nonce-…'", value)
    return value.strip()


def _cookies(old: Seen, new: Seen) -> _Aspects:
    before, after = (
        cookies.attributes(
            side.impersonal(header)
            for answer in side.answers
            for header in answer.all("set-cookie")
        )
        for side in (old, new)
    )
    for name in dict.fromkeys([*before, *after]):
        shown = [side.get(name, "not set") for side in (before, after)]
        yield from _unlike(f"cookie:{name}", f"cookie {name}", *shown)


def _heads(old: Seen, new: Seen, names: Iterable[str]) -> _Aspects:
    """What HEAD shows where GET shows no difference: a server that is asked with HEAD must send what it would
    send to GET, but for the body (RFC 9110, 9.3.2), and not all do."""
    if old.first.status == new.first.status:
        yield from _statuses("head", "HEAD", old.head, new.head)
    if isinstance(old.head, Answer) and isinstance(new.head, Answer):
        by_get = {
            name: [side.impersonal(meant(name, side.first.header(name))) for side in (old, new)]
            for name in names
        }
        same = [name for name, (before, after) in by_get.items() if before == after]
        yield from _headers("head:header", " of HEAD", same, old, new, (old.head, new.head))


def _preflights(old: Seen, new: Seen) -> _Aspects:
    before, after = old.preflight, new.preflight
    yield from _statuses("cors", "a CORS preflight", before, after)
    if isinstance(before, Answer) and isinstance(after, Answer):
        answers = (before, after)
        yield from _headers("cors", " of a CORS preflight", CORS_HEADERS, old, new, answers)


def _statuses(
    aspect: str, what: str, old: Answer | FetchError, new: Answer | FetchError
) -> _Aspects:
    if isinstance(old, Answer) and isinstance(new, Answer):
        yield from _unlike(
            f"{aspect}:status", f"status of {what}", str(old.status), str(new.status)
        )
    elif isinstance(old, Answer) or isinstance(new, Answer):
        shown = [
            f"status {one.status}" if isinstance(one, Answer) else f"no answer: {one}"
            for one in (old, new)
        ]
        said = f"{what} gets {shown[0]} (old) and {shown[1]} (new)"
        yield f"{aspect}:status", Difference(said, shown[0], shown[1])


def _bodies(endpoint: Endpoint, old: Seen, new: Seen) -> _Aspects:
    if endpoint.body.by == "any":
        return
    cuts = {"old": old.last.cut, "new": new.last.cut}
    if any(cuts.values()):
        said = "; ".join(f"on {name}, {cut}" for name, cut in cuts.items() if cut)
        verdict = Verdict.INCONCLUSIVE if all(cuts.values()) else Verdict.FAIL
        yield (
            "body",
            Difference(
                f"the bodies cannot be compared: {said}",
                cuts["old"] or "whole",
                cuts["new"] or "whole",
                verdict,
            ),
        )
        return
    packed = (old.last.packed, new.last.packed)
    if any(packed):
        yield from _packed_bodies(endpoint, old, new)
        return
    found = bodies.difference(_body(old), _body(new), endpoint.body)
    if found is not None:
        yield "body", found


def _packed_bodies(endpoint: Endpoint, old: Seen, new: Seen) -> _Aspects:
    """What cannot be unpacked is the same to every viewer where its bytes are."""
    yield from _unlike("encoding", "content-encoding", old.last.packed, new.last.packed)
    if old.last.packed == new.last.packed:
        found = bodies.bytes_difference(old.last.body, new.last.body, old.last.packed)
        if found is None and endpoint.body.by == "pattern":
            found = bodies.difference(_body(old), _body(new), endpoint.body)
        if found is not None:
            yield "body", found


def _body(side: Seen) -> str:
    return side.impersonal(bodies.text(side.last.body, side.last.header("content-type")))
