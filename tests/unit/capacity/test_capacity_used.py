"""What both load balancers used is read where it is, and all of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.capacity.used import used
from shared.metrics import SideMetrics
from tests.unit.support.fake_capacity import NOW, FakeMetrics

OLD, NEW = "app/desk-1/1b2c3d4e5f607182", "app/desk-2/3d4e5f6071829304"
LAST_NIGHT = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def test_each_region_is_asked_for_its_own_side() -> None:
    here, there = FakeMetrics(), FakeMetrics()
    here.values["PeakLCUs/60", OLD] = {LAST_NIGHT: 90.0}
    there.values["ConsumedLCUs/3600", NEW] = {LAST_NIGHT: 3.0}
    sides = {
        "old": SideMetrics(OLD, "", "eu-west-1"),
        "new": SideMetrics(NEW, "", "eu-central-1"),
    }
    clients = {"eu-west-1": here, "eu-central-1": there}
    found = used(lambda _service, region: clients[region], sides, NOW, 14)
    assert (found["old"].peaks, found["old"].consumed) == ({LAST_NIGHT: 90.0}, {})
    assert (found["new"].peaks, found["new"].consumed) == ({}, {LAST_NIGHT: 3.0})
    (asked,) = here.calls
    assert asked["StartTime"] == datetime(2026, 11, 10, 3, 0, tzinfo=UTC)
    stats = [query["MetricStat"] for query in asked["MetricDataQueries"]]
    assert {(one["Metric"]["MetricName"], one["Period"], one["Stat"]) for one in stats} == {
        ("PeakLCUs", 60, "Sum"),
        ("ConsumedLCUs", 3600, "Sum"),
    }


def test_every_page_is_read() -> None:
    metrics = FakeMetrics()
    metrics.page = 2
    values = {LAST_NIGHT + timedelta(minutes=n): float(n) for n in range(5)}
    metrics.values["PeakLCUs", OLD] = values
    sides = {"old": SideMetrics(OLD, "", "eu-west-1")}
    assert used(lambda *_: metrics, sides, NOW, 1)["old"].peaks == values
    assert len(metrics.calls) == 3
