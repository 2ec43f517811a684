"""How the local DNS server answers: Route 53's documented rules."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

from dnslib import QTYPE, RCODE, DNSRecord
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.world.dns_routing import Check, Record, candidates, choose, is_healthy
from rehearsal.world.dns_server import DnsServer, ask
from rehearsal.world.world import wait_until


def at(old: int, new: int) -> list[Record]:
    return [
        Record("app.test", "A", side, weight, f"{side}-lb")
        for side, weight in (("old", old), ("new", new))
    ]


@given(
    weights=st.lists(st.integers(0, 255), min_size=1, max_size=4),
    health=st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_who_may_answer_follows_the_documented_sentences(
    weights: list[int], health: list[bool]
) -> None:
    records = [Record("a.test", "A", str(i), weight, "lb") for i, weight in enumerate(weights)]
    chosen = {r.side for r in candidates(records, lambda r: health[int(r.side)])}
    weighted = {r.side for r in records if r.weight}
    zero = {r.side for r in records if not r.weight}
    alive = {r.side for r in records if health[int(r.side)]}
    if weighted & alive:
        assert chosen == weighted & alive
    elif zero & alive:
        assert chosen == zero & alive
    else:
        assert chosen == (weighted or zero)


def test_at_100_percent_an_unhealthy_new_gives_way_to_old_without_a_control_plane() -> None:
    picked = choose(at(0, 100), lambda r: r.side == "old", random.Random(1))
    assert picked is not None
    assert picked.side == "old"


def test_at_0_percent_new_is_never_answered_while_old_counts_as_healthy() -> None:
    chance = random.Random(1)
    picks = {choose(at(100, 0), lambda _: True, chance).side for _ in range(500)}  # type: ignore[union-attr]
    assert picks == {"old"}


def test_all_zero_means_equal_shares_not_off() -> None:
    chance = random.Random(1)
    counted = Counter(
        choose(at(0, 0), lambda _: True, chance).side
        for _ in range(2000)  # type: ignore[union-attr]
    )
    assert 900 < counted["new"] < 1100


def test_checks_disabled_inverted_and_calculated() -> None:
    checks = {
        "entry": Check("entry"),
        "always": Check("always", calculated=True, children=("entry",), threshold=0),
        "switch": Check("switch", calculated=True, children=("entry",), threshold=1),
        "thrown": Check(
            "thrown",
            calculated=True,
            children=("entry",),
            threshold=1,
            disabled=True,
            inverted=True,
        ),
        "disabled": Check("disabled", disabled=True),
        "never": Check("never", calculated=True, children=("entry",), threshold=2),
    }

    def healthy(check_id: str, *, entry: bool) -> bool:
        return is_healthy(check_id, checks, lambda _: entry)

    assert [healthy(c, entry=False) for c in ("entry", "always", "switch")] == [False, True, False]
    assert [healthy(c, entry=True) for c in ("entry", "always", "switch")] == [True, True, True]
    assert not healthy("thrown", entry=True)
    assert healthy("disabled", entry=False)
    assert not healthy("never", entry=True)
    assert healthy("not deployed", entry=False)


class FakeZone:
    def __init__(self, weights: dict[str, int]) -> None:
        self.weights = weights
        self.broken = False
        self.refused = 0

    def list_resource_record_sets(self, *, HostedZoneId: str) -> dict[str, Any]:  # noqa: N803
        if self.broken:
            self.refused += 1
            raise OSError("no route")
        return {
            "ResourceRecordSets": [
                {"Name": "app.test.", "Type": "NS", "ResourceRecords": []},
                {
                    "Name": "plain.test.",
                    "Type": "A",
                    "AliasTarget": {"DNSName": "old-lb.", "EvaluateTargetHealth": True},
                },
                *(
                    {
                        "Name": "app.test.",
                        "Type": "A",
                        "SetIdentifier": side,
                        "Weight": weight,
                        "HealthCheckId": side,
                        "AliasTarget": {
                            "DNSName": f"dualstack.{side}-lb.",
                            "EvaluateTargetHealth": side == "new",
                        },
                    }
                    for side, weight in self.weights.items()
                ),
                *(
                    {
                        "Name": "c.test.",
                        "Type": "CNAME",
                        "TTL": 60,
                        "SetIdentifier": side,
                        "Weight": weight,
                        "ResourceRecords": [{"Value": f"{side}-lb"}],
                    }
                    for side, weight in self.weights.items()
                ),
            ]
        }


def test_the_server_answers_over_udp_and_tcp_from_what_is_deployed() -> None:
    async def play() -> None:
        zone = FakeZone({"old": 0, "new": 100})
        unhealthy: set[str] = set()
        server = DnsServer(
            zone,
            "Z1",
            check_healthy=lambda check: check not in unhealthy,
            target_healthy=lambda name: name not in unhealthy,
            addresses={
                "old-lb": ("192.0.2.11", "2001:db8::11"),
                "new-lb": ("192.0.2.12", "2001:db8::12"),
            },
        )
        await server.start()
        try:
            assert await ask(server.port, "app.test") == ["192.0.2.12"]
            assert await ask(server.port, "c.test", "AAAA") == ["new-lb", "2001:db8::12"]
            assert await ask(server.port, "plain.test") == ["192.0.2.11"]
            unhealthy.add("new-lb")
            assert await ask(server.port, "app.test") == ["192.0.2.11"]
            unhealthy.clear()
            unhealthy.add("new")
            assert await ask(server.port, "app.test") == ["192.0.2.11"]
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            packet = DNSRecord.question("app.test", "A").pack()
            writer.write(len(packet).to_bytes(2, "big") + packet)
            reply = DNSRecord.parse((await reader.read())[2:])
            assert [str(rr.rdata) for rr in reply.rr] == ["192.0.2.11"]
            assert reply.rr[0].ttl == 60
            writer.close()
            missing = DNSRecord.parse(server.answer(DNSRecord.question("no.test").pack()))
            assert missing.header.rcode == RCODE.NXDOMAIN
            empty = DNSRecord.parse(server.answer(DNSRecord.question("app.test", "MX").pack()))
            assert (empty.header.rcode, empty.rr, QTYPE[empty.q.qtype]) == (0, [], "MX")
            zone.broken = True
            await wait_until(lambda: zone.refused > 0, seconds=60, what="a look at the zone")
            assert await ask(server.port, "app.test") == ["192.0.2.11"]
        finally:
            await server.stop()

    asyncio.run(play())


class _Plain:
    """A zone with simple records: one to a known load balancer, one to nobody's address."""

    def list_resource_record_sets(self, *, HostedZoneId: str) -> dict[str, Any]:  # noqa: N803
        return {
            "ResourceRecordSets": [
                {
                    "Name": "app.test.",
                    "Type": "A",
                    "AliasTarget": {"DNSName": "dualstack.old-lb.", "EvaluateTargetHealth": True},
                },
                {
                    "Name": "other.test.",
                    "Type": "A",
                    "TTL": 60,
                    "ResourceRecords": [{"Value": "192.0.2.9"}],
                },
                {"Name": "app.test.", "Type": "NS", "ResourceRecords": [{"Value": "ns.test."}]},
            ]
        }


def test_a_simple_record_answers_alone_and_whatever_its_health_is() -> None:
    server = DnsServer(
        _Plain(),
        "Z1",
        check_healthy=lambda _: False,
        target_healthy=lambda _: False,
        addresses={"old-lb": ("192.0.2.1", "2001:db8::1")},
    )
    asyncio.run(server._read_zone())
    reply = DNSRecord.parse(server.answer(DNSRecord.question("app.test", "A").pack()))
    assert [str(answer.rdata) for answer in reply.rr] == ["192.0.2.1"]
    assert server.choose("other.test", "A") is None
