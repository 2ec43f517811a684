"""People who use the chat all the time: they log in, open the page and its files, ask, read, upload and stay
connected."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from rehearsal.chat.acts import LATE_FILES, Act
from rehearsal.chat.entrance import Entrance
from rehearsal.world.edge import VIEWER_IP_HEADER

_ACT_SECONDS: Final = 90
_ECHO_SECONDS: Final = 30
_PIECE: Final = 1 << 18
_REST_SECONDS: Final = 0.5
_ASSET: Final = re.compile(r'(?:href|src|content)="(/static/[^"]+)"')
_TOKEN: Final = re.compile(r'name="csrf" content="([0-9a-f]+)"')


class LetDownError(Exception):
    """What a person wanted did not happen; the message says why."""


class Person:
    """Somebody with a browser of their own.

    Attributes
    ----------
    acts : list of Act
        What was done, and what came of it.
    socket_side : str
        Who serves the WebSocket that is open now; empty while none is. It is closed after so many `messages`.
    """

    def __init__(
        self, name: str, ip: str, entrance: Entrance, *, rest: float = 2.0, messages: int = 10
    ) -> None:
        self.name = name
        self.entrance = entrance
        self.acts: list[Act] = []
        self.socket_side = ""
        self._ip = ip
        self._rest = rest
        self._messages = messages
        self._cookies: dict[str, str] = {}
        self._token = ""
        self._files: list[str] = []
        self._side = ""
        self._leaves = False
        self._page_side = ""
        self._habits: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Log in, and begin with everything at once, until `stop`.

        Raises
        ------
        LetDownError
            When there is no way in.
        """
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_read=_ACT_SECONDS),
        )
        if not await self._do("login", self._log_in):
            await self._session.close()
            raise LetDownError(f"{self.name} cannot log in: {self.acts[-1].failure}")
        self._habits = [
            asyncio.create_task(self._again_and_again(what, do, rest))
            for what, do, rest in (
                ("who am I", self._who_am_i, self._rest),
                (LATE_FILES, self._open_files, self._rest),
                ("page", self._open_page, self._rest * 2),
                ("upload", self.upload, self._rest),
                ("ask", self._ask, _REST_SECONDS),
                ("events", self._follow_events, _REST_SECONDS),
                ("socket", self._converse, _REST_SECONDS),
            )
        ]

    async def stop(self) -> None:
        """Go home."""
        # What fails because it is broken off must not be taken for a failure, and done again.
        self._leaves = True
        for habit in self._habits:
            habit.cancel()
        await asyncio.gather(*self._habits, return_exceptions=True)
        await self._session.close()

    @property
    def side(self) -> str:
        """Who served this person last."""
        return self._side

    async def send_file(self, pieces: AsyncIterator[bytes], length: int) -> bool:
        """Upload `length` bytes as they come, and return whether they arrived."""

        async def send() -> str:
            return await self._upload(pieces, length)

        return await self._do("large file", send)

    async def _again_and_again(
        self, what: str, do: Callable[[], Awaitable[str]], rest: float
    ) -> None:
        while not self._leaves:
            await self._do(what, do)
            await asyncio.sleep(rest)

    async def _do(self, what: str, do: Callable[[], Awaitable[str]]) -> bool:
        """Do it, write down what came of it, and return whether it went well."""
        began, side, failure, page = time.time(), "", "", self._page_side
        try:
            side = await do()
        except LetDownError as error:
            failure = str(error)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
            failure = f"{type(error).__name__}: {error}"
        self._side = side or self._side
        ended = time.time()
        self.acts.append(
            Act(self.name, what, self.entrance.name, began, ended, side, failure, page)
        )
        return not failure

    # What people do: each returns who served it

    async def _log_in(self) -> str:
        async with await self._send("GET", "/chat") as answer:
            await self._expect(answer, 302)
            place = self._own_place(answer)
        async with await self._send("GET", place) as answer:
            await self._expect(answer, 200)
        async with await self._send(
            "POST", "/login", {"origin": self.entrance.origin}, data={"user": self.name}
        ) as answer:
            await self._expect(answer, 303)
            place = self._own_place(answer)
        if place != "/chat":
            raise LetDownError(f"leads to {place} after the login")
        return await self._open_page()

    async def _open_page(self) -> str:
        async with await self._send("GET", "/chat") as answer:
            await self._expect(answer, 200)
            text, side = await answer.text(), _served_by(answer)
        token = _TOKEN.search(text)
        if token is None or f"Chat of {self.name}<" not in text:
            raise LetDownError("the page is not this person's")
        self._token, self._page_side = token[1], side
        self._files = _ASSET.findall(text)
        if len(self._files) != 3:
            raise LetDownError(f"the page names {len(self._files)} files")
        return side

    async def _open_files(self) -> str:
        """Open the files that the open page names, whichever side gave it: at the edge, where both builds'
        files are to be had. At the dns door nobody asks the other side."""
        files = self._files if self.entrance.name == "edge" else ()
        side = self._side
        for path in files:
            async with await self._send("GET", path) as answer:
                await self._expect(answer, 200)
                side = _served_by(answer)
        return side

    async def _who_am_i(self) -> str:
        async with await self._send("GET", "/me") as answer:
            await self._expect(answer, 200)
            if (await answer.json())["user"] != self.name:
                raise LetDownError("taken for somebody else")
            return _served_by(answer)

    async def _ask(self) -> str:
        headers = {**self._writing(), "accept": "text/event-stream"}
        async with await self._send(
            "POST", "/ask", headers, data=json.dumps({"question": "why"})
        ) as answer:
            return await self._read_to_the_end(answer)

    async def _follow_events(self) -> str:
        async with await self._send("GET", "/events") as answer:
            return await self._read_to_the_end(answer)

    async def _read_to_the_end(self, answer: aiohttp.ClientResponse) -> str:
        await self._expect(answer, 200)
        events, ended = 0, False
        async for line in answer.content:
            events += line.startswith(b"id:")
            ended = ended or line == b"event: end\n"
        if not ended:
            raise LetDownError(f"the stream broke off after {events} events")
        return _served_by(answer)

    async def upload(self) -> str:
        """Send a small file."""

        async def pieces() -> AsyncIterator[bytes]:
            yield bytes(_PIECE)

        return await self._upload(pieces(), _PIECE)

    async def _upload(self, pieces: AsyncIterator[bytes], length: int) -> str:
        headers = {**self._writing(), "content-length": str(length)}
        async with await self._send("POST", "/upload", headers, data=pieces) as answer:
            await self._expect(answer, 200)
            taken = (await answer.json())["bytes"]
            if taken != length:
                raise LetDownError(f"{taken} of {length} bytes arrived")
            return _served_by(answer)

    async def _converse(self) -> str:
        """Stay connected for so many messages, then connect anew, as a page that is opened again."""
        host, port = await self.entrance.reach()
        async with self._session.ws_connect(
            f"ws://{host}:{port}/ws",
            headers={**self._usual(), "origin": self.entrance.origin},
            autoping=True,
        ) as socket:
            number, side = 0, ""
            try:
                for number in range(self._messages):
                    await socket.send_str(str(number))
                    said = await socket.receive_str(timeout=_ECHO_SECONDS)
                    if not said.endswith(f"to {self.name}: {number}"):
                        raise LetDownError(f"the socket says {said}")
                    self.socket_side = side = said.partition(" ")[0]
                    await asyncio.sleep(self._rest / 2)
            except (aiohttp.ClientError, TypeError) as error:
                raise LetDownError(f"the socket closed after {number} messages") from error
            finally:
                self.socket_side = ""
        return side

    # One request

    def _usual(self) -> dict[str, str]:
        held = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {
            "host": self.entrance.host,
            "user-agent": f"browser of {self.name}",
            VIEWER_IP_HEADER: self._ip,
        } | ({"cookie": held} if held else {})

    def _writing(self) -> dict[str, str]:
        return {"origin": self.entrance.origin, "x-csrf-token": self._token}

    async def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        data: object = None,
    ) -> aiohttp.ClientResponse:
        host, port = await self.entrance.reach()
        answer = await self._session.request(
            method,
            f"http://{host}:{port}{path}",
            headers={**self._usual(), **(headers or {})},
            data=data,
            allow_redirects=False,
        )
        for said in answer.headers.getall("set-cookie", []):
            name, _, value = said.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    async def _expect(self, answer: aiohttp.ClientResponse, status: int) -> None:
        if answer.status != status:
            where = f", to {answer.headers['location']}" if "location" in answer.headers else ""
            raise LetDownError(
                f"{answer.method} {answer.url.path}: {answer.status}{where} from "
                f"{_served_by(answer) or 'the edge'}"
            )

    def _own_place(self, answer: aiohttp.ClientResponse) -> str:
        """Return the path that an answer leads to; a person who is led out of the door is lost."""
        location = answer.headers["location"]
        place = urlsplit(location)
        if (place.scheme, place.netloc) != (self.entrance.scheme, self.entrance.host):
            raise LetDownError(f"led out of the door, to {location}")
        return place.path


def _served_by(answer: aiohttp.ClientResponse) -> str:
    return answer.headers.get("x-served-by", "")
