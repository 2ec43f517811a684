"""What a rehearsal declares is far from what its sides do at every pace; only a fault on purpose meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cutover.declaration.reading.context import read_context
from cutover.declaration.service import Service
from cutover.paths import CDK_JSON
from rehearsal.declared import LATENCY_MS, SLOWER_MS, with_both_doors, with_room
from rehearsal.pace import FULL, SLOWEST, Pace
from rehearsal.world.health_checkers import CHECKERS

PACES = pytest.mark.parametrize("pace", [FULL, Pace(2.5, 1.5), Pace(SLOWEST, SLOWEST)], ids=str)


def declared(pace: Pace, folder: Path) -> Service:
    context = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]
    service = with_room(with_both_doors(context["cutover"]["chatmrpt"], "Z0123456789", pace), pace)
    file = folder / "declaration.json"
    file.write_text(json.dumps({"chatmrpt": service}), encoding="utf-8")
    (cutover,) = read_context({"declaration": str(file)})
    return cutover.service


@PACES
def test_a_machine_may_add_seven_times_what_new_takes_and_new_is_still_ready(
    pace: Pace, tmp_path: Path
) -> None:
    service = declared(pace, tmp_path)
    added = 7 * LATENCY_MS["new"] * pace.lateness
    assert LATENCY_MS["new"] + added < service.thresholds.latency_average_ms
    assert service.thresholds.latency_p95_ms > 5 * service.thresholds.latency_average_ms
    assert service.readiness.timeout_seconds * 1000 > service.thresholds.latency_p95_ms
    slower = LATENCY_MS["new"] / LATENCY_MS["old"] - 1
    assert service.readiness.slowdown_percent > 5 * 100 * slower
    assert service.judge.slowdown_percent > 5 * 100 * slower


@PACES
def test_a_new_side_that_is_slow_is_beyond_the_limit_without_what_a_machine_adds(
    pace: Pace, tmp_path: Path
) -> None:
    service = declared(pace, tmp_path)
    takes = LATENCY_MS["new"] + pace.roomier(SLOWER_MS)
    assert takes > 1.1 * service.thresholds.latency_average_ms
    assert takes < service.thresholds.latency_p95_ms


@PACES
def test_what_the_gate_asks_of_a_slow_side_fires_no_alarm_on_latency(
    pace: Pace, tmp_path: Path
) -> None:
    service = declared(pace, tmp_path)
    readiness, checks = service.readiness, service.health_checks
    paths = len(service.endpoints)
    # Each checker probes each endpoint; the gate warms up with three requests to each, then measures.
    probes = CHECKERS * paths * 60 / checks.interval_seconds
    slow = paths * (3 + readiness.samples) + probes * 10 / 60
    usual = probes * 50 / 60
    takes = LATENCY_MS["new"]
    average = (slow * (takes + pace.roomier(SLOWER_MS)) + usual * takes) / (slow + usual)
    assert average < service.thresholds.latency_average_ms


@PACES
def test_what_the_gate_asks_of_a_side_without_viewers_is_too_little_for_an_error_rate(
    pace: Pace, tmp_path: Path
) -> None:
    service = declared(pace, tmp_path)
    readiness = service.readiness
    # Each endpoint is compared, warmed up and measured; then come a burst and two kinds of load.
    measured = len(service.endpoints) * (1 + 3 + readiness.samples)
    seconds = readiness.loop_seconds + readiness.ramp_seconds + readiness.hold_seconds
    loop = readiness.at_once * readiness.loop_seconds / (LATENCY_MS["new"] / 1000)
    asked = measured + readiness.at_once + loop + readiness.max_rate * seconds
    assert asked < service.thresholds.minimum_requests


@PACES
def test_so_little_load_is_put_on_a_side_that_two_answers_may_be_a_quarter_of_a_second_late(
    pace: Pace, tmp_path: Path
) -> None:
    readiness = declared(pace, tmp_path).readiness
    assert readiness.rate == readiness.max_rate
    assert 2 / readiness.rate >= 0.25 * pace.slowness
