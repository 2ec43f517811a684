"""What a person's resolver knows: the local DNS server is every authoritative server of the zone, and load
balancers have the addresses that it answers with."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

VARIABLE: Final = "REHEARSAL_DNS"
"""Names the file in which it is written down, as JSON."""
_KINDS: Final = ("A", "AAAA")


def write(
    file: Path, *, port: int, servers: Iterable[str], addresses: Mapping[str, tuple[str, str]]
) -> None:
    """Write down where the server listens, what the zone calls it, and each name's addresses (A, AAAA)."""
    held = {"port": port, "servers": list(servers), "addresses": dict(addresses)}
    file.write_text(json.dumps(held), encoding="utf-8")


def teach() -> None:
    """Let `cutover` in this process ask the local DNS server wherever it would ask the zone's own."""
    file = os.environ.get(VARIABLE)
    if not file:
        return
    from commands.records import resolving  # noqa: PLC0415 - before it is bound anywhere else

    known = json.loads(Path(file).read_text(encoding="utf-8"))

    def addresses_of(name: str, kind: str) -> frozenset[str]:
        both = known["addresses"].get(name.rstrip(".").removeprefix("dualstack."))
        return frozenset() if both is None else frozenset({both[_KINDS.index(kind)]})

    resolving.addresses_of = addresses_of

    def servers_of(names: Iterable[str]) -> list[tuple[str, int]]:
        return [("127.0.0.1", known["port"]) for _ in {*names}]

    def delegated_to(zone: str) -> frozenset[str]:  # noqa: ARG001 - there is one zone
        return frozenset(known["servers"])

    resolving.servers_of = servers_of
    resolving.delegated_to = delegated_to
