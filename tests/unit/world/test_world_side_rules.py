"""A local load balancer carries out the rules of its listener, as they are deployed."""

from __future__ import annotations

from typing import Any

import aiohttp
from yarl import URL

from cutover.declaration.reading.context import read_context
from rehearsal.world.deployed_rules import DeployedRules
from rehearsal.world.listener_rules import Rule, rules_of
from rehearsal.world.side import TARGET_HEADER, LocalSide
from tests.unit.support.described_rules import described_rules
from tests.unit.support.virtual_time import run_with_sockets
from tests.unit.world.test_world_listener_rules import DESK, OWN

(DECLARED,) = read_context({"cutover": {"desk": DESK}})
RULES = rules_of(described_rules(DECLARED.service))
Answer = tuple[int, str | None, str | None]


def answers(rules: tuple[Rule, ...], *asked: tuple[str, str, dict[str, str]]) -> list[Answer]:
    """Return status, Location and x-served-by for each method, path and headers."""
    found: list[Answer] = []

    async def run() -> None:
        side = LocalSide("old", ["/", "/ready"], mean_latency_ms=1)
        await side.start()
        try:
            await DeployedRules(side, lambda: rules).look()
            host, port = side.address
            async with aiohttp.ClientSession() as session:
                for method, path, headers in asked:
                    async with session.request(
                        method,
                        URL(f"http://{host}:{port}{path}", encoded=True),
                        headers=headers,
                        allow_redirects=False,
                    ) as answer:
                        told = answer.headers
                        found.append((answer.status, told.get("location"), told.get("x-served-by")))
            counted = side.take_counters()
            sent_on = sum(status == 302 for status, _, _ in found)
            assert (counted.sent_on, counted.redirected) == (sent_on, 0)
        finally:
            await side.stop()

    run_with_sockets(run())
    return found


def test_who_reads_by_its_own_name_is_sent_on_and_nobody_else() -> None:
    own: dict[str, str] = {"host": OWN}
    served = (200, None, "old")
    assert answers(
        RULES,
        ("GET", "/?a=1&b=%2F", own),
        ("HEAD", "/ready", own | {"host": f"dualstack.{OWN.upper()}:80"}),
        ("POST", "/", own),
        ("GET", "/", own | {"x-origin-verify": "secret"}),
        ("GET", "/", own | {"user-agent": "Amazon-Route53-Health-Check-Service (ref 1; report)"}),
        ("GET", "/", own | {"user-agent": "cutover-sentinel/1"}),
        ("GET", "/", {"host": "desk.example.com"}),
        ("GET", "/ready", own | {TARGET_HEADER: "0"}),
    ) == [
        (302, "https://desk.example.com:443/?a=1&b=%2F", None),
        (302, "https://desk.example.com:443/ready", None),
        *[served] * 6,
    ]


def test_a_fixed_response_is_the_load_balancer_s_own() -> None:
    config = {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "moved"}
    told: dict[str, Any] = {
        "Priority": "1",
        "Conditions": [{"Field": "path-pattern", "Values": ["/ready"]}],
        "Actions": [{"Type": "fixed-response", "FixedResponseConfig": config}],
    }
    asked = [("GET", "/ready", {}), ("GET", "/", {})]
    assert answers(rules_of([told]), *asked) == [(503, None, None), (200, None, "old")]
