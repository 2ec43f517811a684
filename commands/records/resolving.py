"""What the DNS of this machine knows: addresses of names, and to whom a zone is delegated."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from commands.records.dns_question import Server, SilentError, ask
from shared.status.standing import Unread

_RESOLV_CONF: Final = Path("/etc/resolv.conf")
_FAMILY: Final = {"A": socket.AF_INET, "AAAA": socket.AF_INET6}
_PORT: Final = 53


def addresses_of(name: str, kind: str) -> frozenset[str]:
    """Return the addresses of `name` of type A or AAAA; none where it has none."""
    try:
        found = socket.getaddrinfo(name, None, _FAMILY[kind], socket.SOCK_STREAM)
    except OSError:
        return frozenset()
    return frozenset(str(entry[4][0]) for entry in found)


def servers_of(names: Iterable[str]) -> list[Server]:
    """Return an address of each of these servers, as far as they have one."""
    return [
        (min(addresses), _PORT)
        for name in names
        if (addresses := addresses_of(name.rstrip("."), "A"))
    ]


def delegated_to(zone: str) -> frozenset[str] | Unread:
    """Return the names of the servers that this machine's resolver finds for `zone`."""
    try:
        lines = _RESOLV_CONF.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        return Unread(f"{_RESOLV_CONF}: {error.strerror}")
    resolvers = [line.split()[1] for line in lines if line.startswith("nameserver ")]
    why = f"{_RESOLV_CONF} names no resolver"
    for resolver in resolvers:
        try:
            answer = ask((resolver, _PORT), zone, "NS")
        except SilentError as error:
            why = str(error)
            continue
        return answer.names
    return Unread(why)
