"""A DNS server on loopback that answers from the deployed records and health checks."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Mapping
from typing import Any, cast

from dnslib import AAAA, CNAME, QTYPE, RCODE, RR, A, DNSRecord

from rehearsal.world.dns_routing import Record, choose

_LOG = logging.getLogger("dns")
_POLL_SECONDS = 0.5
_ALIAS_TTL = 60
_LEADING = ("A", "AAAA", "CNAME")
_ATTEMPTS = 2
_ANSWER_SECONDS = 5


class DnsServer:
    """Answers A, AAAA and CNAME over UDP and TCP.

    `addresses` gives each load balancer's name its addresses (IPv4, IPv6), as its own zone would.
    `check_healthy` tells of a health check, `target_healthy` of a load balancer's name.
    """

    def __init__(
        self,
        route53: Any,
        hosted_zone_id: str,
        *,
        check_healthy: Callable[[str], bool],
        target_healthy: Callable[[str], bool],
        addresses: Mapping[str, tuple[str, str]],
    ) -> None:
        self._route53 = route53
        self._zone_id = hosted_zone_id
        self._check_healthy = check_healthy
        self._target_healthy = target_healthy
        self._addresses = addresses
        self._chance = random.Random(0)
        self._records: dict[tuple[str, str], list[Record]] = {}
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._polling: asyncio.Task[None] | None = None
        self.port = 0

    async def start(self) -> None:
        """Read the zone, then listen on one free port for both protocols."""
        await self._read_zone()
        loop = asyncio.get_running_loop()
        self._tcp = await asyncio.start_server(self._serve_tcp, "127.0.0.1", 0)
        self.port = self._tcp.sockets[0].getsockname()[1]
        self._udp, _ = await loop.create_datagram_endpoint(
            lambda: _Udp(self.answer), local_addr=("127.0.0.1", self.port)
        )
        self._polling = asyncio.create_task(self._poll())

    async def stop(self) -> None:
        """Listen no more."""
        if self._polling is not None:
            self._polling.cancel()
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()

    def answer(self, packet: bytes) -> bytes:
        """Return the answer to one query."""
        query = DNSRecord.parse(packet)
        reply = query.reply()
        reply.header.aa = 1
        name = str(query.q.qname).rstrip(".").lower()
        kind = QTYPE[query.q.qtype]
        chosen = self.choose(name, kind)
        if chosen is not None:
            self._add(reply, query, chosen, kind)
        elif not any(known == name for known, _ in self._records):
            reply.header.rcode = RCODE.NXDOMAIN
        packed: bytes = reply.pack()
        return packed

    def choose(self, name: str, kind: str) -> Record | None:
        """Return the record that answers one query of `kind` for `name`."""
        # A CNAME answers every question about its name.
        records = self._records.get((name, "CNAME")) or self._records.get((name, kind)) or []
        return choose(records, self._healthy, self._chance)

    def weight(self, name: str, side: str) -> int:
        """Return the weight of `side` as it is in force here; -1 while its records differ."""
        found = {
            r.weight
            for records in self._records.values()
            for r in records
            if (r.name, r.side) == (name, side)
        }
        return found.pop() if len(found) == 1 else -1

    def takes_for_healthy(self, name: str, kind: str, side: str) -> bool:
        """Return whether the record of `side` counts as healthy: the switch, the checks, the targets."""
        records = self._records.get((name, "CNAME")) or self._records.get((name, kind)) or []
        return all(self._healthy(record) for record in records if record.side == side)

    def _healthy(self, record: Record) -> bool:
        if record.check_id is not None and not self._check_healthy(record.check_id):
            return False
        return not record.follows_target or self._target_healthy(record.target)

    def _add(self, reply: Any, query: Any, record: Record, kind: str) -> None:
        v4, v6 = self._addresses[record.target]
        owner = query.q.qname
        if not record.alias:
            reply.add_answer(RR(owner, QTYPE.CNAME, rdata=CNAME(record.target), ttl=record.ttl))
            owner = record.target
        if kind == "A":
            reply.add_answer(RR(owner, QTYPE.A, rdata=A(v4), ttl=_ALIAS_TTL))
        elif kind == "AAAA":
            reply.add_answer(RR(owner, QTYPE.AAAA, rdata=AAAA(v6), ttl=_ALIAS_TTL))

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                await self._read_zone()
            except Exception as error:  # the last zone that was read stays in force
                _LOG.warning("cannot read the zone: %s", error)

    async def _read_zone(self) -> None:
        answer = await asyncio.to_thread(
            self._route53.list_resource_record_sets, HostedZoneId=self._zone_id
        )
        records: dict[tuple[str, str], list[Record]] = {}
        for found in answer["ResourceRecordSets"]:
            # A simple record too: the name had one before it was adopted, and has one in the end.
            if "Weight" in found or (
                found["Type"] in _LEADING and _target(found) in self._addresses
            ):
                record = _record(found)
                records.setdefault((record.name, record.kind), []).append(record)
        self._records = records

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            length = int.from_bytes(await reader.readexactly(2), "big")
            reply = self.answer(await reader.readexactly(length))
            writer.write(len(reply).to_bytes(2, "big") + reply)
            await writer.drain()
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(self._answer(data), addr)


def _target(found: Mapping[str, Any]) -> str:
    alias = found.get("AliasTarget")
    target: str = alias["DNSName"] if alias else found["ResourceRecords"][0]["Value"]
    return target.rstrip(".").removeprefix("dualstack.")


def _record(found: Mapping[str, Any]) -> Record:
    alias = found.get("AliasTarget")
    return Record(
        name=found["Name"].rstrip(".").lower(),
        kind=found["Type"],
        side=found.get("SetIdentifier", ""),
        # One alone answers whatever its weight is.
        weight=int(found.get("Weight", 1)),
        target=_target(found),
        check_id=found.get("HealthCheckId"),
        alias=alias is not None,
        follows_target=bool(alias and alias.get("EvaluateTargetHealth")),
        ttl=int(found.get("TTL") or _ALIAS_TTL),
    )


class _Asking(asyncio.DatagramProtocol):
    def __init__(self, answered: asyncio.Future[bytes]) -> None:
        self._answered = answered

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        if not self._answered.done():
            self._answered.set_result(data)


async def ask(port: int, name: str, kind: str = "A") -> list[str]:
    """Return what the server on `port` answers, as a resolver sees it: a packet may be lost, so it asks twice
    and waits five seconds each time (resolv.conf(5), attempts and timeout).

    Raises
    ------
    TimeoutError
        When it does not answer.
    """
    for _ in range(_ATTEMPTS):
        with contextlib.suppress(TimeoutError):
            return await _ask_once(port, name, kind)
    raise TimeoutError(f"the DNS server on port {port} does not answer for {name}")


async def _ask_once(port: int, name: str, kind: str) -> list[str]:
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[bytes] = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Asking(answered), remote_addr=("127.0.0.1", port)
    )
    try:
        transport.sendto(DNSRecord.question(name, kind).pack())
        reply = DNSRecord.parse(await asyncio.wait_for(answered, timeout=_ANSWER_SECONDS))
    finally:
        transport.close()
    return [str(answer.rdata).rstrip(".") for answer in reply.rr]
