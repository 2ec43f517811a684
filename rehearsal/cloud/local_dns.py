"""What a person's resolver knows: the local DNS server is every authoritative server of the zone, and load
balancers have the addresses that it answers with."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

VARIABLE: Final = "REHEARSAL_DNS"
"""Names the file in which it is written down, as JSON."""
_KINDS: Final = ("A", "AAAA")


@dataclass(frozen=True)
class LocalDns:
    """The local DNS server, as `cutover` asks for it.

    Attributes
    ----------
    port : int
        Where it listens on loopback.
    servers : list of str
        What the zone calls its servers.
    addresses : mapping
        Each load balancer's addresses (A, AAAA) by its name.
    """

    port: int
    servers: list[str]
    addresses: Mapping[str, tuple[str, str]]

    def addresses_of(self, name: str, kind: str) -> frozenset[str]:
        """Return the address of a load balancer of type A or AAAA; none for any other name."""
        both = self.addresses.get(name.rstrip(".").removeprefix("dualstack."))
        return frozenset() if both is None else frozenset({both[_KINDS.index(kind)]})

    def servers_of(self, names: Iterable[str]) -> list[tuple[str, int]]:
        """Return where each of these servers listens: it is all of them."""
        return [("127.0.0.1", self.port) for _ in {*names}]

    def delegated_to(self, zone: str) -> frozenset[str]:  # noqa: ARG002 - there is one zone
        """Return the names of the zone's servers."""
        return frozenset(self.servers)


def write(file: Path, known: LocalDns) -> None:
    """Write down what is known of it."""
    file.write_text(json.dumps(asdict(known)), encoding="utf-8")


def teach() -> None:
    """Let `cutover` in this process ask the local DNS server wherever it would ask the zone's own."""
    file = os.environ.get(VARIABLE)
    if not file:
        return
    from commands.records import resolving  # noqa: PLC0415 - before it is bound anywhere else

    known = LocalDns(**json.loads(Path(file).read_text(encoding="utf-8")))
    resolving.addresses_of = known.addresses_of
    resolving.servers_of = known.servers_of
    resolving.delegated_to = known.delegated_to
