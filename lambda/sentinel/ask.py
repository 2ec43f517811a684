"""Asks both sides at once, each on a connection of its own, and tells a side's fault from one of ours.

Only the standard library: the function is small, and reads a few thousand bytes.
"""

from __future__ import annotations

import contextlib
import http.client
import logging
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Final

from sentinel.endpoint import Endpoint
from sentinel.place import Place
from sentinel.streaks import Answer, Pair

USER_AGENT: Final = "cutover-sentinel/1"
BODY_BYTES: Final = 5120
"""As much of a body as Route 53's checkers search for the declared text (Route 53 Developer Guide,
health-checks-creating-values)."""
LATE_SECONDS: Final = 0.5
"""A round that took so much longer than its limit was kept waiting by this function itself."""
_WORKERS: Final = 32
"""Questions at once: rounds of ten that both sides leave unanswered for three seconds, and some more."""
_MOSTLY: Final = 0.8

logger = logging.getLogger("sentinel")


class Question:
    """One question to one side, asked by a thread.

    `context` is None for plain http.
    """

    def __init__(
        self,
        place: Place,
        endpoint: Endpoint,
        headers: Mapping[str, str],
        context: ssl.SSLContext | None,
        limit_seconds: float,
    ) -> None:
        self._place = place
        self._endpoint = endpoint
        self._headers = headers
        self._context = context
        self._limit = limit_seconds
        self._asking_since: float | None = None
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()
        self._is_over = False

    def ask(self) -> Answer:
        """Return whether the side answers as declared; None where it was not asked, by our own fault."""
        place = self._place
        try:
            found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except OSError as error:
            # That a name does not resolve here says nothing of what viewers' resolvers say.
            self._log("not known", f"the name does not resolve: {error}")
            return None
        self._asking_since = time.monotonic()
        try:
            status, body = self._answer([(family, address) for family, *_, address in found])
        except (ConnectionError, TimeoutError, ssl.SSLError, http.client.HTTPException) as error:
            return self._failed(f"{type(error).__name__}: {error}")
        except OSError as error:
            self._log("not known", f"{type(error).__name__}: {error}")
            return None
        finally:
            self.give_up()
        if self._endpoint.is_right(status, body):
            return True
        right = status == self._endpoint.status
        return self._failed("the text is missing" if right else f"status {status}")

    def _answer(self, addresses: Sequence[tuple[int, Any]]) -> tuple[int, bytes]:
        place = self._place
        connection = http.client.HTTPConnection(place.host, place.port)
        connection.sock = self._connected(addresses)
        try:
            connection.request(
                "GET",
                self._endpoint.path,
                headers={
                    "Host": place.authority,
                    "User-Agent": USER_AGENT,
                    "Connection": "close",
                    **self._headers,
                },
            )
            answer = connection.getresponse()
            body = answer.read(BODY_BYTES)
            if len(body) < BODY_BYTES and answer.length:
                raise http.client.IncompleteRead(body, answer.length)
            return answer.status, body
        finally:
            connection.close()

    def _connected(self, addresses: Sequence[tuple[int, Any]]) -> socket.socket:
        """Return a connection to the first address that takes one."""
        refused: OSError = ConnectionRefusedError("no address")
        for family, address in addresses:
            plain = socket.socket(family, socket.SOCK_STREAM)
            plain.settimeout(self._limit)
            if not self._hold(plain):
                raise TimeoutError("given up")
            try:
                plain.connect(address)
                if self._context is None:
                    return plain
                secure = self._context.wrap_socket(plain, server_hostname=self._place.name)
            except OSError as error:
                plain.close()
                refused = error
                continue
            self._hold(secure)
            return secure
        raise refused

    def _hold(self, one: socket.socket) -> bool:
        with self._lock:
            self._socket = one
            return not self._is_over

    def give_up(self) -> None:
        """End it: nobody waits for the answer any more."""
        with self._lock:
            self._is_over = True
            held, self._socket = self._socket, None
        if held is not None:
            with contextlib.suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)
            held.close()

    def unanswered(self) -> Answer:
        """Return what it means that there is no answer when the limit is over."""
        since = self._asking_since
        if since is None or time.monotonic() - since < _MOSTLY * self._limit:
            self._log("not known", "it was not asked in time")
            return None
        return self._failed(f"no answer within {self._limit:g} s")

    def _failed(self, why: str) -> bool:
        self._log("failed", why)
        return False

    def _log(self, what: str, why: str) -> None:
        place = self._place
        logger.warning(what, extra={"host": place.host, "path": self._endpoint.path, "why": why})


@dataclass(frozen=True)
class _Round:
    """A round under way."""

    began: float
    questions: Mapping[tuple[int, Place], Question]
    answers: Mapping[tuple[int, Place], Future[Answer]]


class Prober:
    """Asks both sides; of a body it reads BODY_BYTES at most. Several rounds may be under way at once.

    Attributes
    ----------
    limit_seconds : float
        An answer that takes longer is none.
    """

    def __init__(
        self,
        old: Place,
        new: Place,
        endpoints: Sequence[Endpoint],
        *,
        headers: Mapping[str, str],
        limit_seconds: float,
    ) -> None:
        self.limit_seconds = limit_seconds
        self._places = (old, new)
        self._endpoints = endpoints
        self._headers = headers
        self._pool = ThreadPoolExecutor(_WORKERS)
        self._rounds: deque[_Round] = deque()
        is_secure = any(place.scheme == "https" for place in self._places)
        self._context = _context() if is_secure else None

    def begin(self, asked: Sequence[int]) -> None:
        """Begin to ask both sides for these endpoints, by number."""
        began = time.monotonic()
        questions = {
            (number, place): Question(
                place,
                self._endpoints[number],
                self._headers,
                self._context if place.scheme == "https" else None,
                self.limit_seconds,
            )
            for number in asked
            for place in self._places
        }
        answers = {key: self._pool.submit(one.ask) for key, one in questions.items()}
        self._rounds.append(_Round(began, questions, answers))

    def wait(self, seconds: float) -> list[Mapping[int, Pair] | None]:
        """Wait so long, or until the oldest round is over. Return what both sides said in the rounds that are
        over, oldest first, by endpoint; None where this function was too slow for that to be fair."""
        if not self._rounds:
            time.sleep(seconds)
            return []
        oldest = self._rounds[0]
        left = oldest.began + self.limit_seconds - time.monotonic()
        wait(oldest.answers.values(), timeout=max(0.0, min(seconds, left)))
        seen: list[Mapping[int, Pair] | None] = []
        while self._rounds and self._is_over(self._rounds[0]):
            seen.append(self._seen(self._rounds.popleft()))
        return seen

    def _is_over(self, of: _Round) -> bool:
        is_answered = all(answer.done() for answer in of.answers.values())
        return is_answered or time.monotonic() >= of.began + self.limit_seconds

    def _seen(self, of: _Round) -> Mapping[int, Pair] | None:
        took = time.monotonic() - of.began
        said = {key: _said(of.answers[key], one) for key, one in of.questions.items()}
        if took > self.limit_seconds + LATE_SECONDS:
            logger.warning("too slow", extra={"seconds": took})
            return None
        old, new = self._places
        numbers = dict.fromkeys(number for number, _ in said)
        return {number: Pair(said[number, old], said[number, new]) for number in numbers}

    def close(self) -> None:
        """Ask no more."""
        for under_way in self._rounds:
            for question in under_way.questions.values():
                question.give_up()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _said(of: Future[Answer], question: Question) -> Answer:
    if of.done():
        return of.result()
    answer = question.unanswered()
    of.cancel()
    question.give_up()
    return answer


def _context() -> ssl.SSLContext:
    """Return what a side's certificate must fit: it must be valid and trusted. Whether it covers the name is
    readiness's to say: CloudFront takes one for either of two names (CloudFront Developer Guide,
    using-https-cloudfront-to-custom-origin)."""
    context = ssl.create_default_context()
    context.check_hostname = False
    return context
