"""One request and its whole answer, in bounded time and memory, whatever the server does."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from shared.readiness.http.failure import kind_of, said_of
from shared.readiness.http.unpacking import Gzip
from shared.readiness.http.whole_body import BODY_BYTES, GZIP, READABLE, unpacked, unwrapped
from shared.readiness.spec import Side

_CHUNK: Final = 1 << 16
_HEADER_BYTES: Final = 1 << 14
"""An Application Load Balancer takes headers of 16 KiB each (its User Guide, load-balancer-limits)."""
_HOPS: Final = 10
_OK: Final = 200
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_UNSEEN: Final = dict.fromkeys(map(ord, "\t\r\n"))
USER_AGENT: Final = "cutover-readiness/1"
OWN_HOST: Final = "(own host)"
Pour = Callable[[bytes], Awaitable[bool]]
"""Takes a piece of a body, 64 KiB at most, and says whether more is wanted."""


class FetchError(Exception):
    """There is no whole answer; the message says why, in one line.

    Attributes
    ----------
    kind : str
        What both sides must have in common to be called broken alike; empty where the server itself could
        not be reached, which is never alike.
    """

    def __init__(self, said: str, kind: str = "") -> None:
        super().__init__(said)
        self.kind = kind


@dataclass(frozen=True)
class Answer:
    """What a side answered.

    Attributes
    ----------
    status : int
    headers : tuple of (str, str)
        As they came, names in small letters.
    body : bytes
        Unpacked, at most 1 MiB.
    cut : str
        Why the body is not whole, where it is not.
    seconds : float
        From sending to the last byte.
    packed : str
        The content-encoding that was not asked for, where there is one: `body` is as it came then, but for a
        gzip around it.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: str
    seconds: float
    packed: str = ""

    def header(self, name: str) -> str:
        """Return the values of header `name` (small letters), joined; empty where there is none."""
        return ", ".join(value for key, value in self.headers if key == name)

    def all(self, name: str) -> list[str]:
        """Return each value of header `name` (small letters)."""
        return [value for key, value in self.headers if key == name]

    @property
    def location(self) -> str:
        """Where it redirects to, or nothing."""
        return self.header("location") if self.status in _REDIRECTS else ""


class Client:
    """Speaks to one side.

    Attributes
    ----------
    timeout_seconds : float
        What each of its requests takes at most, to the last byte.
    asked_as : str
        The name that it asks for (Host, and the name in TLS unless `by_host_alone`) at the side's address:
        a public one, or, where empty, the side's own.
    """

    def __init__(
        self,
        side: Side,
        session: aiohttp.ClientSession,
        timeout_seconds: float,
        asked_as: str = "",
        *,
        by_host_alone: bool = False,
    ) -> None:
        self._side = side
        self._root = side.url.rstrip("/")
        self._origin = URL(self._root).origin()
        self._session = session
        self.timeout_seconds = timeout_seconds
        self.asked_as = asked_as
        self._tls_name = None if by_host_alone else asked_as or None
        self._host = asked_as.lower() or side.host
        self._as_named = {"Host": side.authority(asked_as)} if asked_as else {}
        self._base = f"{side.scheme}://{side.authority(asked_as)}" if asked_as else self._root
        host = re.escape(f"[{self._host}]" if ":" in self._host else self._host)
        self._own = re.compile(
            rf"(?<![\w.-]){host}(?::{side.port}(?!\d))?(?![\w-]|\.\w)", re.IGNORECASE
        )

    @property
    def host(self) -> str:
        """The host that is asked for, in small letters."""
        return self._host

    @property
    def side_host(self) -> str:
        """The side's own host, whatever is asked for, in small letters."""
        return self._side.host

    @property
    def root(self) -> str:
        """The origin that is asked for, like http://old.example.com:8080."""
        return self._base

    def impersonal(self, text: str) -> str:
        """Return `text` with the host that was asked for left out, so that two sides can be compared."""
        return self._own.sub(OWN_HOST, text)

    async def fetch(
        self,
        path: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        into: Pour | None = None,
    ) -> Answer:
        """Return the answer to one request with `body`; a redirect is an answer.

        With `into`, the body of an answer with status 200 is not kept: it is handed over as it comes, as long
        as it is wanted and whatever time it takes, and the caller sets a limit.

        Raises
        ------
        FetchError
            When there is none within the time limit.
        """
        began = time.perf_counter()
        received = bytearray()
        try:
            async with (
                asyncio.timeout(self.timeout_seconds) as limit,
                self._request(method, path, headers, body) as response,
            ):
                cut = ""
                if into is not None and response.status == _OK:
                    limit.reschedule(None)
                    packed = await _poured(response, into)
                    return _answer(response, b"", "", time.perf_counter() - began, packed)
                async for chunk in response.content.iter_chunked(_CHUNK):
                    received += chunk
                    if len(received) > BODY_BYTES:
                        cut = f"the body is longer than {BODY_BYTES >> 20} MiB"
                        response.close()
                        break
                seconds = time.perf_counter() - began
                encoding = _encoding(response)
                whole = bytes(received[:BODY_BYTES])
                if encoding in READABLE or not whole:
                    plain, plain_cut = unpacked(whole, encoding, is_cut=bool(cut))
                    return _answer(response, plain, cut or plain_cut, seconds)
                plain, plain_cut = unwrapped(whole, encoding, is_cut=bool(cut))
                return _answer(response, plain, cut or plain_cut, seconds, packed=encoding)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            said, kind = said_of(error, self.timeout_seconds, len(received)), kind_of(error)
            raise FetchError(said, kind) from error

    async def time(self, path: str, status: int) -> float:
        """Return the seconds until the last byte of an answer with `status` (0: any below 400).

        Nothing of the body is kept, so that many of these at once stay small.

        Raises
        ------
        FetchError
            When there is no answer in time, or it has another status.
        """
        began = time.perf_counter()
        length = 0
        try:
            async with (
                asyncio.timeout(self.timeout_seconds),
                self._request("GET", path) as response,
            ):
                async for chunk in response.content.iter_any():
                    length += len(chunk)
                    if length > BODY_BYTES:
                        response.close()
                        raise FetchError(f"the body is longer than {BODY_BYTES >> 20} MiB")
                right = response.status == status if status else response.status < 400  # noqa: PLR2004
                if not right:
                    raise FetchError(f"status {response.status}")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise FetchError(said_of(error, self.timeout_seconds, length)) from error
        return time.perf_counter() - began

    async def follow(
        self, answer: Answer, path: str, *, into: Pour | None = None
    ) -> tuple[list[str], list[Answer]]:
        """Return the redirects from `answer` on, as far as they stay on this side, and every answer on the
        way, of which only the first and the last keep their bodies.

        Each redirect is `status place`, with the host that was asked for left out. All of them together take
        no longer than one request may; with `into` (as for `fetch`), the caller sets a limit.

        Raises
        ------
        FetchError
            When they go in a circle, never end, or end in no answer.
        """
        hops: list[str] = []
        try:
            async with asyncio.timeout(self.timeout_seconds if into is None else None):
                return await self._followed(answer, path, hops, into)
        except TimeoutError as error:
            limit = f"{self.timeout_seconds:g} s"
            raise FetchError(
                f"the redirects did not end within {limit}: {' → '.join(hops)}", "late"
            ) from error

    async def _followed(
        self, answer: Answer, path: str, hops: list[str], into: Pour | None
    ) -> tuple[list[str], list[Answer]]:
        start, answers, been = path, [answer], {path}
        while answer.location:
            place, is_here = self.place(path, answer.location)
            hops.append(f"{answer.status} {place}")
            if not is_here:
                break
            if place in been:
                said = f"redirects in a circle: {start} → {' → '.join(hops)}"
                raise FetchError(said, kind=said)
            if len(hops) >= _HOPS:
                said = f"more than {_HOPS - 1} redirects, the last: {hops[-1]}"
                raise FetchError(said, kind=said)
            been.add(place)
            if len(answers) > 1:
                answers[-1] = replace(answer, body=b"")
            answer = await self.fetch(place, into=into)
            answers.append(answer)
            path = place
        return hops, answers

    def _request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Ask for `path`: always at the side's address, whatever name is asked for."""
        return self._session.request(
            method,
            self._url(path),
            headers={**(headers or {}), **self._as_named},
            data=body,
            allow_redirects=False,
            server_hostname=self._tls_name,
        )

    def _url(self, path: str) -> URL:
        """Return the URL of `path` on this side; whatever it is, no other host is ever asked.

        Raises
        ------
        FetchError
            When it is no path.
        """
        url = URL(self._root + path) if path.startswith("/") else None
        if url is None or url.origin() != self._origin or url.user is not None:
            raise FetchError(f"{path!r} is not a path on this side: it must begin with /")
        return url

    def place(self, path: str, location: str, door_name: str = "") -> tuple[str, bool]:
        """Return where `location` leads a browser that asked for `path`, and whether that is on this side: a
        path then, otherwise a URL without a user name.

        With `door_name`, viewers come by that name, and what leads to the side's own leads them away. A
        browser leaves out tabs and line ends and takes a backslash for a slash (URL Standard, basic URL
        parser).
        """
        place, mark, query = location.strip().translate(_UNSEEN).partition("?")
        location = place.replace("\\", "/") + mark + query
        try:
            base = f"https://{door_name}" if door_name else self._base
            target = urlsplit(urljoin(base + path, location))
            port = target.port or {"http": 80, "https": 443}.get(target.scheme)
        except ValueError as error:
            said = f"redirects to {location!r}, which is not a URL"
            raise FetchError(said, kind=said) from error
        query = f"?{target.query}" if target.query else ""
        side = self._side
        if door_name:
            # The edge takes both, and leads from one to the other.
            is_here = target.hostname == door_name.lower() and port in {80, 443}
        else:
            is_here = (target.scheme, target.hostname, port) == (side.scheme, self._host, side.port)
        if is_here:
            return f"{target.path or '/'}{query}", True
        named = target._replace(fragment="", netloc=target.netloc.rpartition("@")[2])
        return self.impersonal(named.geturl()), False


@asynccontextmanager
async def client(
    side: Side, *, timeout_seconds: float, asked_as: str = "", by_host_alone: bool = False
) -> AsyncIterator[Client]:
    """Open a client of `side` that asks for the name `asked_as`, or for the side's own; each of its requests
    takes `timeout_seconds` at most. With `by_host_alone` the name in TLS is the side's own."""
    # To read the certificates that this machine trusts takes a twentieth of a second of processor.
    trusting = ssl.create_default_context() if side.scheme == "https" else True
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=trusting),
        # The time limit is ours: aiohttp rounds its own up to whole seconds.
        timeout=aiohttp.ClientTimeout(total=None),
        # A bomb must be unpacked by us, who stop in time.
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        max_field_size=_HEADER_BYTES,
    )
    async with session:
        yield Client(side, session, timeout_seconds, asked_as, by_host_alone=by_host_alone)


def _answer(
    response: aiohttp.ClientResponse, body: bytes, cut: str, seconds: float, packed: str = ""
) -> Answer:
    headers = tuple((name.lower(), value) for name, value in response.headers.items())
    return Answer(response.status, headers, body, cut, seconds, packed)


def _encoding(response: aiohttp.ClientResponse) -> str:
    return ", ".join(response.headers.getall("content-encoding", ())).strip().lower()


async def _poured(response: aiohttp.ClientResponse, into: Pour) -> str:
    """Hand over the body in small pieces while it is wanted; return the encoding that cannot be unpacked, of
    which nothing is handed over."""
    encoding = _encoding(response)
    if encoding not in READABLE:
        response.close()
        return encoding
    unpack = Gzip() if encoding in GZIP else None
    async for chunk in response.content.iter_chunked(_CHUNK):
        for piece in (chunk,) if unpack is None else unpack.pieces(chunk):
            if not await into(piece):
                # The rest is of no use, and a connection in the middle of a body of none either.
                response.close()
                return ""
    if unpack is not None and not unpack.is_whole:
        raise ValueError(f"the {encoding} body ends too early")
    return ""
