"""The access log that the local load balancer writes is read as the one that AWS writes."""

from __future__ import annotations

import gzip
from typing import Any

import aiohttp

from commands.access_log.last_users import count
from commands.access_log.line import read
from cutover.declaration.reading.context import read_context
from rehearsal.world.access_log import AccessLog, Place
from rehearsal.world.listener_rules import rules_of
from rehearsal.world.side import TARGET_HEADER, LocalSide
from tests.unit.support.described_rules import described_rules
from tests.unit.support.virtual_time import run_with_sockets
from tests.unit.world.test_world_listener_rules import DESK, OWN

(DECLARED,) = read_context({"cutover": {"desk": DESK}})
PLACE = Place("desk-logs", "old", "123456789012", "eu-west-1", DECLARED.service.old.load_balancer)


class S3:
    def __init__(self) -> None:
        self.put: list[dict[str, Any]] = []

    def put_object(self, **put: Any) -> None:
        self.put.append(put)

    @property
    def lines(self) -> list[str]:
        return [
            line for one in self.put for line in gzip.decompress(one["Body"]).decode().splitlines()
        ]


def written(*asked: tuple[str, str, dict[str, str]]) -> S3:
    """Return what old's load balancer wrote of these requests: method, path and headers."""
    s3 = S3()

    async def run() -> None:
        side = LocalSide("old", ["/"], mean_latency_ms=1)
        side.rules = rules_of(described_rules(DECLARED.service))
        side.access_log = AccessLog(s3, PLACE)
        await side.start()
        try:
            host, port = side.address
            async with aiohttp.ClientSession() as session:
                for method, path, headers in asked:
                    async with session.request(
                        method,
                        f"http://{host}:{port}{path}",
                        headers=headers,
                        allow_redirects=False,
                    ):
                        pass
            await side.access_log.write()
            await side.access_log.write()
        finally:
            await side.stop()

    run_with_sockets(run())
    return s3


def test_who_asks_by_its_own_name_is_counted_from_it_and_nobody_else() -> None:
    own = {"host": OWN, "user-agent": 'Browser "1"'}
    s3 = written(
        ("GET", "/?a=b", own),
        ("POST", "/", own),
        ("GET", "/", own | {"x-origin-verify": "secret"}),
        ("GET", "/", own | {"user-agent": "cutover-sentinel/1"}),
        ("GET", "/", {"host": "desk.example.com"}),
        ("GET", "/", own | {TARGET_HEADER: "0"}),
    )
    found = count(DECLARED.service, s3.lines)
    assert (found.lines, found.unread, found.requests, found.redirected) == (5, 0, 2, 1)
    assert found.methods == {"GET": 1, "POST": 1}
    assert found.clients == {"127.0.0.1": 2}
    assert found.agents == {r"Browser \x221\x22": 2}
    entries = [read(line) for line in s3.lines]
    assert [entry.rule for entry in entries if entry] == [49_020, 0, 49_000, 49_010, 0]


def test_a_file_stands_where_a_load_balancer_puts_it() -> None:
    (one,) = written(("GET", "/", {"host": OWN})).put
    assert one["Bucket"] == "desk-logs"
    folder, _, name = one["Key"].rpartition("/")
    assert folder.startswith("old/AWSLogs/123456789012/elasticloadbalancing/eu-west-1/20")
    assert name.startswith(
        "123456789012_elasticloadbalancing_eu-west-1_app.desk-1.1b2c3d4e5f607182_"
    )
    assert name.endswith(".log.gz")
