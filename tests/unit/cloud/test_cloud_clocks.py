"""Clocks that are told, and a resolver that knows the local zone, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from cutover.paths import ROOT
from rehearsal.cloud import local_dns, skewed_clock
from rehearsal.cloud.local_dns import LocalDns

LOOK = """
import datetime, json, time
from datetime import UTC
from commands.records import adoption
world = adoption.World(None)
print(json.dumps({
    "time": time.time(),
    "now": datetime.datetime.now(UTC).timestamp(),
    "old": sorted(world.resolve("dualstack.old-lb", "A")),
    "new": sorted(world.resolve("old-lb", "AAAA")),
    "nobody": sorted(world.resolve("other-lb", "A")),
    "servers": world.servers_of(["ns-1.test"]),
    "delegated": sorted(world.delegated_to("rehearsal.test")),
}))
"""


def look(tmp_path: Path, ahead: dict[str, float]) -> dict[str, Any]:
    clock, dns = tmp_path / "clock.json", tmp_path / "dns.json"
    skewed_clock.tell(clock, ahead)
    addresses = {"old-lb": ("192.0.2.11", "2001:db8::11")}
    local_dns.write(dns, LocalDns(port=5300, servers=["ns-1.test"], addresses=addresses))
    site = ROOT / "rehearsal" / "cloud" / "person_site"
    ran = subprocess.run(
        [sys.executable, "-c", LOOK],
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)]),
            skewed_clock.TOLD: str(clock),
            local_dns.VARIABLE: str(dns),
        },
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    held: dict[str, Any] = json.loads(ran.stdout)
    return held


def test_a_person_s_tools_see_the_told_clock_and_the_local_zone(tmp_path: Path) -> None:
    day = 86_400.0
    before = skewed_clock.time.time()
    seen = look(tmp_path, {skewed_clock.PERSON: day, "chatmrpt-gate": 7 * day})
    after = skewed_clock.time.time()
    for clock in ("time", "now"):
        assert before + day <= seen[clock] <= after + day
    assert (seen["old"], seen["new"], seen["nobody"]) == (["192.0.2.11"], ["2001:db8::11"], [])
    assert seen["servers"] == [["127.0.0.1", 5300]]
    assert seen["delegated"] == ["ns-1.test"]


def test_a_clock_that_is_told_nothing_is_right(tmp_path: Path) -> None:
    before = skewed_clock.time.time()
    assert before <= look(tmp_path, {})["now"] <= skewed_clock.time.time()
