"""What is seen of the answers while records are exchanged."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest
from dnslib import AAAA, CNAME, NS, QTYPE, RCODE, RR, A, DNSRecord

from commands.records import dns_question
from commands.records.answers import AnswerWatch, Place, wrong
from commands.records.dns_question import Answer, SilentError, ask, read
from commands.records.resolving import servers_of


def places(**addresses: str) -> tuple[Place, Place]:
    def resolve(name: str, kind: str) -> frozenset[str]:
        return frozenset(filter(None, [addresses.get(name)])) if kind == "A" else frozenset()

    return Place("old", "old", resolve), Place("new", "new", resolve)


@pytest.mark.parametrize(
    ("answer", "expected", "said"),
    [
        (Answer("NOERROR", frozenset({"1"})), True, None),
        (Answer("NOERROR", frozenset({"1"}), frozenset({"old"})), True, None),
        (Answer("NOERROR", names=frozenset({"dualstack.old"})), True, None),
        (Answer("NOERROR"), False, None),
        (Answer("NOERROR"), True, "answered nothing"),
        (Answer("NXDOMAIN"), False, "answered NXDOMAIN"),
        (Answer("SERVFAIL"), True, "answered SERVFAIL"),
        (Answer("NOERROR", frozenset({"2"})), True, "leads to new"),
        (Answer("NOERROR", names=frozenset({"new"})), True, "leads to new"),
        (Answer("NOERROR", frozenset({"1", "3"})), True, "leads to 1, 3, which is neither"),
        (Answer("NOERROR", frozenset({"1"})), False, "answered where nothing was before"),
    ],
)
def test_an_answer_must_lead_to_old_and_nowhere_else(
    answer: Answer, expected: bool, said: str | None
) -> None:
    old, new = places(old="1", new="2")
    fault = wrong(answer, "A", old, new, expected=expected)
    assert fault is None if said is None else said in str(fault)


def test_an_address_that_old_had_a_moment_ago_still_counts_as_old_s() -> None:
    """A load balancer's addresses change, and a server may answer by the earlier ones."""
    now = {"old": "1"}
    old, new = (
        Place("old", "old", lambda *_: frozenset({now["old"]})),
        Place("new", "new", lambda *_: frozenset()),
    )
    old.addresses("A")
    now["old"] = "5"
    for address in ("1", "5", "1"):
        answer = Answer("NOERROR", frozenset({address}))
        assert wrong(answer, "A", old, new, expected=True) is None


def test_rounds_go_on_until_the_block_ends_and_what_is_silent_is_counted() -> None:
    third = threading.Event()
    asked: list[tuple[str, str]] = []

    def ask(server: Any, _name: str, kind: str) -> Answer:
        asked.append((server[0], kind))
        if len(asked) >= 9:
            third.set()
        if server[0] == "b":
            raise SilentError("b does not answer")
        return Answer("NOERROR", frozenset({"1"}) if kind == "A" else frozenset())

    old, new = places(old="1", new="2")
    servers = [("a", 53), ("b", 53)]
    watch = AnswerWatch(
        ask, servers, "app.example.com", {"A": True, "AAAA": False}, right=old, other=new
    )
    with watch.running() as seen:
        for _ in range(2):
            watch.round()
        assert third.wait(60)
    assert seen.asked == len(asked)
    assert seen.silent == sum(server == "b" for server, _ in asked)
    assert (seen.wrong_count, set(seen.by_server)) == (0, {"a"})
    assert {kind for _, kind in asked} == {"A", "AAAA"}


def test_a_message_is_read_with_its_code_its_addresses_and_its_names() -> None:
    reply = DNSRecord.question("app.example.com").reply()
    reply.add_answer(RR("app.example.com", QTYPE.CNAME, rdata=CNAME("OLD.example.net.")))
    reply.add_answer(RR("old.example.net", QTYPE.A, rdata=A("192.0.2.1")))
    reply.add_answer(RR("old.example.net", QTYPE.AAAA, rdata=AAAA("2001:DB8::1")))
    reply.add_answer(RR("example.com", QTYPE.NS, rdata=NS("ns-1.example.net.")))
    answer = read(DNSRecord.parse(reply.pack()))
    assert answer.code == "NOERROR"
    assert answer.addresses == {"192.0.2.1", "2001:db8::1"}
    assert answer.names == {"old.example.net", "ns-1.example.net"}
    reply.header.rcode = RCODE.NXDOMAIN
    assert read(reply).code == "NXDOMAIN"


def test_a_server_is_asked_by_udp_and_by_tcp_where_its_answer_is_cut_short(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dns_question, "_SECONDS", 60.0)

    def reply_to(packet: bytes, *, cut: bool) -> bytes:
        reply = DNSRecord.parse(packet).reply()
        reply.header.tc = int(cut)
        if not cut:
            reply.add_answer(RR("app.example.com", QTYPE.A, rdata=A("192.0.2.1")))
        packed: bytes = reply.pack()
        return packed

    tcp = socket.create_server(("127.0.0.1", 0))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", tcp.getsockname()[1]))

    def serve() -> None:
        packet, whom = udp.recvfrom(4096)
        udp.sendto(reply_to(packet, cut=True), whom)
        connection, _ = tcp.accept()
        with connection:
            size = int.from_bytes(connection.recv(2), "big")
            packed = reply_to(connection.recv(size), cut=False)
            connection.sendall(len(packed).to_bytes(2, "big") + packed)

    serving = threading.Thread(target=serve, daemon=True)
    serving.start()
    try:
        answer = ask(("127.0.0.1", tcp.getsockname()[1]), "app.example.com", "A")
    finally:
        serving.join(60)
        udp.close()
        tcp.close()
    assert answer == Answer("NOERROR", frozenset({"192.0.2.1"}))


def test_a_server_that_does_not_answer_is_asked_twice_and_then_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tries: list[str] = []

    def times_out(_question: DNSRecord, server: str, *_: Any, **__: Any) -> bytes:
        tries.append(server)
        raise TimeoutError("timed out")

    monkeypatch.setattr(DNSRecord, "send", times_out)
    with pytest.raises(SilentError, match=r"192\.0\.2\.53 does not answer: timed out"):
        ask(("192.0.2.53", 53), "app.example.com", "A")
    assert tries == ["192.0.2.53"] * 2


def test_a_server_without_an_address_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(name: str, *_: Any) -> list[Any]:
        if name == "ns-1.example.net":
            return [(2, 1, 6, "", ("192.0.2.53", 0))]
        raise OSError("no such name")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert servers_of(["ns-1.example.net.", "ns-2.example.net."]) == [("192.0.2.53", 53)]
