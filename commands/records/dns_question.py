"""Asks one DNS server one question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dnslib import QTYPE, RCODE, DNSError, DNSRecord

from shared.shown import shown

Server = tuple[str, int]
"""Address and port."""

_SECONDS: Final = 2.0
_TRIES: Final = 2
"""A packet may be lost (resolv.conf(5), attempts)."""


@dataclass(frozen=True)
class Answer:
    """What a server answered.

    Attributes
    ----------
    code : str
        NOERROR, NXDOMAIN, SERVFAIL … (RFC 6895).
    addresses : frozenset of str
        The A or AAAA values.
    names : frozenset of str
        What CNAME and NS values lead to, in lower case without the dot at the end.
    """

    code: str
    addresses: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


class SilentError(Exception):
    """The server did not answer, or not with DNS; the message says which."""


Ask = Callable[[Server, str, str], Answer]
"""Asks a server for a name and a type."""


def ask(server: Server, name: str, kind: str) -> Answer:
    """Return what `server` answers, by TCP where UDP cuts it short.

    Raises
    ------
    SilentError
        When it does not answer within two seconds, twice.
    """
    why = ""
    for _ in range(_TRIES):
        try:
            reply = _reply(server, name, kind, tcp=False)
            if reply.header.tc:
                reply = _reply(server, name, kind, tcp=True)
            return read(reply)
        except (OSError, DNSError, ValueError, IndexError) as error:
            why = str(error)
    raise SilentError(f"{server[0]} does not answer: {shown(why)}")


def _reply(server: Server, name: str, kind: str, *, tcp: bool) -> DNSRecord:
    question = DNSRecord.question(name, kind)
    reply = DNSRecord.parse(
        question.send(*server, tcp=tcp, timeout=_SECONDS, ipv6=":" in server[0])
    )
    if reply.header.id != question.header.id:
        raise ValueError("the answer is to another question")
    return reply


def read(reply: DNSRecord) -> Answer:
    """Return what a DNS message answers."""
    found: dict[str, set[str]] = {"addresses": set(), "names": set()}
    for record in reply.rr:
        kind = QTYPE[record.rtype]
        if kind in {"A", "AAAA"}:
            found["addresses"].add(str(record.rdata).lower())
        elif kind in {"CNAME", "NS"}:
            found["names"].add(str(record.rdata).rstrip(".").lower())
    return Answer(
        RCODE[reply.header.rcode], frozenset(found["addresses"]), frozenset(found["names"])
    )
