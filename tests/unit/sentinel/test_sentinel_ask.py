"""One question to each side: what is right, what is a side's fault, and what is our own."""

from __future__ import annotations

import contextlib
import math
import socket
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import replace

import pytest

from sentinel import ask as ask_module
from sentinel.ask import BODY_BYTES, USER_AGENT, Prober, Question
from sentinel.endpoint import Endpoint, EventError, endpoints_in
from sentinel.place import Place
from sentinel.streaks import Answer, Pair

PING = Endpoint("/ping?a=1", 200, "chatmrpt")
PATIENT_SECONDS = 60.0
"""Whoever answers may take as long as it likes."""


class Server:
    """Answers each connection with `said`, None: not at all, and remembers what was asked. Unless it `ends`,
    it leaves the connection open."""

    def __init__(self, said: bytes | None, *, ends: bool = True) -> None:
        self._said = said
        self._ends = ends
        self.asked: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._held.append(connection)
            with contextlib.suppress(OSError):
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        request = b""
        # What does not begin like HTTP is answered at once.
        while b"\r\n\r\n" not in request and request[:1] in {b"", b"G"}:
            part = connection.recv(4096)
            if not part:
                break
            request += part
        self.asked.append(request)
        if self._said is not None:
            connection.sendall(self._said)
            if self._ends:
                connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        # A close alone would leave it listening for as long as its thread waits.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for connection in self._held:
            connection.close()


@contextlib.contextmanager
def serving(said: bytes | None, *, ends: bool = True) -> Iterator[Server]:
    server = Server(said, ends=ends)
    try:
        yield server
    finally:
        server.close()


def answer(status: int = 200, body: bytes = b"chatmrpt is well", extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{extra}\r\n"
    return head.encode() + body


def place(port: int, scheme: str = "http", name: str = "") -> Place:
    return Place.of(f"{scheme}://127.0.0.1:{port}", name)


def asked(port: int, endpoint: Endpoint = PING, **more: object) -> Answer:
    limit = more.pop("limit_seconds", PATIENT_SECONDS)
    return Question(place(port), endpoint, {}, None, limit).ask()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "right"),
    [
        (answer(), True),
        (answer(500), False),
        (answer(503), False),
        (answer(404), False),
        (answer(301, extra="Location: /\r\n"), False),
        (answer(200, b"it works!"), False),
        (answer(200, b""), False),
        (b"", False),
        (b"this is no HTTP\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nchatmrpt", False),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nchat\r\n4\r\nmrpt\r\n0\r\n\r\n",
            True,
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nchat\r\n4\r\nmrpt", False),
        (answer(200, b"." * (BODY_BYTES - 8) + b"chatmrpt" + b"." * 100_000), True),
        (answer(200, b"." * BODY_BYTES + b"chatmrpt"), False),
    ],
)
def test_only_what_is_declared_is_right(said: bytes, right: bool) -> None:
    with serving(said) as server:
        assert asked(server.port) is right


def test_a_declared_redirect_is_right_and_is_not_followed() -> None:
    with serving(answer(301, extra="Location: /elsewhere\r\n")) as server:
        assert asked(server.port, Endpoint("/", 301)) is True
        assert len(server.asked) == 1


def test_a_side_that_refuses_fails() -> None:
    with serving(None) as server:
        port = server.port
    assert asked(port) is False


def test_a_name_that_does_not_resolve_here_says_nothing_of_the_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unresolved(*_: object, **__: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(ask_module.socket, "getaddrinfo", unresolved)
    assert asked(1) is None


def test_a_fault_of_this_machine_says_nothing_of_the_side(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(ask_module.socket, "socket", full)
    assert asked(1) is None


def test_it_asks_as_the_door_does_and_says_who_it_is() -> None:
    with serving(answer()) as server:
        place_ = place(server.port, name="www.example.com")
        question = Question(place_, PING, {"x-origin-verify": "secret"}, None, PATIENT_SECONDS)
        assert question.ask() is True
        (request,) = server.asked
    lines = request.decode().split("\r\n")
    assert lines[0] == "GET /ping?a=1 HTTP/1.1"
    assert "Host: www.example.com" in lines
    assert f"User-Agent: {USER_AGENT}" in lines
    assert "x-origin-verify: secret" in lines
    assert "Accept-Encoding: identity" in lines


@pytest.mark.parametrize(
    ("url", "asked_as", "authority"),
    [
        ("http://lb.example:80", "", "lb.example"),
        ("http://lb.example:8080", "", "lb.example:8080"),
        ("https://lb.example:443", "", "lb.example"),
        ("https://lb.example:8443", "www.example.com", "www.example.com"),
    ],
)
def test_the_name_is_the_public_one_or_the_side_s_own(
    url: str, asked_as: str, authority: str
) -> None:
    assert Place.of(url, asked_as).authority == authority


def test_a_certificate_that_nobody_trusts_is_the_side_s_fault() -> None:
    """Whatever it speaks instead of TLS, too."""
    with serving(answer()) as server:
        secure = place(server.port, "https")
        prober = Prober(secure, secure, [PING], headers={}, limit_seconds=PATIENT_SECONDS)
        context = prober._context
        assert context is not None
        assert Question(secure, PING, {}, context, PATIENT_SECONDS).ask() is False
        prober.close()


def prober(old: int, new: int, limit: float = PATIENT_SECONDS) -> Prober:
    return Prober(
        place(old), place(new), [PING, Endpoint("/", 200)], headers={}, limit_seconds=limit
    )


def asked_once(of: Prober, endpoints: list[int]) -> Mapping[int, Pair] | None:
    """Return what one round sees."""
    of.begin(endpoints)
    seen: list[Mapping[int, Pair] | None] = []
    while not seen:
        seen = of.wait(PATIENT_SECONDS)
    (only,) = seen
    return only


def test_both_sides_are_asked_for_each_endpoint() -> None:
    with serving(answer()) as old, serving(answer(500)) as new:
        both = prober(old.port, new.port)
        assert asked_once(both, [0, 1]) == {0: Pair(True, False), 1: Pair(True, False)}
        both.close()
        assert len(old.asked) == len(new.asked) == 2


@pytest.fixture
def never_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is."""
    monkeypatch.setattr(ask_module, "LATE_SECONDS", 600.0)


@pytest.mark.usefixtures("never_too_slow")
@pytest.mark.parametrize("said", [None, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nch"])
def test_a_side_that_takes_the_question_and_does_not_end_its_answer_fails_and_is_let_go(
    said: bytes | None,
) -> None:
    with serving(said, ends=False) as old, serving(said, ends=False) as new:
        hung = prober(old.port, new.port, limit=0.2)
        assert asked_once(hung, [0]) == {0: Pair(False, False)}
        hung.close()


def test_rounds_are_told_in_the_order_in_which_they_began_though_a_later_one_is_over_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ask_module, "LATE_SECONDS", math.inf)
    with serving(answer()) as old, serving(answer()) as new:
        one = prober(old.port, new.port)
        one.begin([0])
        wait(one._rounds[0].answers.values(), timeout=PATIENT_SECONDS)
        hung = replace(one._rounds[0], answers={key: Future() for key in one._rounds[0].answers})
        one._rounds[0] = hung
        one.begin([1])
        wait(one._rounds[1].answers.values(), timeout=PATIENT_SECONDS)
        assert one.wait(0.0) == [], "the first is not over"
        one._rounds[0] = replace(hung, began=-math.inf)
        assert [list(seen or {}) for seen in one.wait(0.0)] == [[0], [1]]
        one.close()


def test_a_round_that_this_function_itself_kept_waiting_counts_for_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ask_module, "LATE_SECONDS", -600.0)
    with serving(answer()) as old, serving(answer()) as new:
        slow = prober(old.port, new.port)
        assert asked_once(slow, [0]) is None
        slow.close()


def test_a_question_that_was_hardly_begun_when_time_was_up_says_nothing() -> None:
    waiting = Question(place(1), PING, {}, None, PATIENT_SECONDS)
    assert waiting.unanswered() is None


@pytest.mark.parametrize(
    "event",
    [
        *(None, {}, {"endpoints": []}, {"endpoints": [{}]}, {"endpoints": ["/ping"]}),
        {"endpoints": 1},
        {"endpoints": [{"path": "/", "status": float("inf")}]},
        {"endpoints": [{"path": "/a b", "status": 200}]},
        {"endpoints": [{"path": "/\r\nx: y", "status": 200}]},
        {"endpoints": [{"path": None, "status": 200}]},
        {"endpoints": [{"path": "/", "status": 200, "contains": "half \ud800"}]},
    ],
)
def test_an_event_without_endpoints_gets_a_sentence(event: object) -> None:
    with pytest.raises(EventError, match="endpoint"):
        endpoints_in(event)


def test_the_event_of_the_rule_is_read_as_it_is_written() -> None:
    told = {
        "endpoints": [
            {"path": "/ping", "status": 200, "contains": "pong"},
            {"path": "/", "status": 301},
        ]
    }
    assert endpoints_in(told) == [Endpoint("/ping", 200, "pong"), Endpoint("/", 301)]
