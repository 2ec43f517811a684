"""What the sentinel publishes: trouble at once, again each ten seconds, and that it watches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sentinel.tell import Teller
from tests.unit.support.fake_doors import refusal

START = datetime(2026, 11, 28, 4, 0, 3, tzinfo=UTC)


class FakeCloudWatch:
    """Remembers what was put, or refuses."""

    def __init__(self) -> None:
        self.calls: list[list[dict[str, Any]]] = []
        self.refuses = False

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803
        assert Namespace == "Cutover"
        if self.refuses:
            raise refusal("Throttling")
        self.calls.append(MetricData)


class Scene:
    """A teller, and its clocks."""

    def __init__(self) -> None:
        self.cloudwatch = FakeCloudWatch()
        self.at = 0.0
        client: Any = self.cloudwatch
        self.teller = Teller(client, "Cutover", "shop", self.wall)

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.at)

    def down(self, at: float, *sides: Any) -> None:
        self.at = at
        self.teller.down(sides, at)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_trouble_is_stamped_now_and_into_the_period_that_is_over_and_by_cloudwatch(
    scene: Scene,
) -> None:
    """A clock that is ahead must not put it where the alarm looks only later."""
    scene.down(2, "new")
    (data,) = scene.cloudwatch.calls
    assert [one.get("Timestamp") for one in data] == [
        None,
        scene.wall(),
        scene.wall() - timedelta(seconds=10),
    ]
    assert {one["MetricName"] for one in data} == {"ProbeDown"}
    assert {one["Value"] for one in data} == {1.0}
    assert {one["StorageResolution"] for one in data} == {1}
    names = {"Service": "shop", "Side": "new"}
    assert all({d["Name"]: d["Value"] for d in one["Dimensions"]} == names for one in data)


def test_a_side_that_stays_down_is_said_in_each_period_and_no_more_often(scene: Scene) -> None:
    """Each call costs."""
    for second in range(61):
        scene.down(second, "new")
    periods = {
        one["Timestamp"].timestamp() // 10
        for data in scene.cloudwatch.calls
        for one in data
        if "Timestamp" in one
    }
    assert periods == set(range(min(map(int, periods)), int(max(periods)) + 1))
    assert len(scene.cloudwatch.calls) == 7


def test_a_side_that_is_up_costs_nothing(scene: Scene) -> None:
    for second in range(60):
        scene.down(second)
    assert scene.cloudwatch.calls == []


def test_one_that_falls_again_is_told_at_once(scene: Scene) -> None:
    scene.down(0, "new")
    scene.down(2)
    scene.down(4, "new")
    assert [len(data) for data in scene.cloudwatch.calls] == [3, 3]


def test_what_cloudwatch_does_not_take_is_said_again_in_the_next_round(scene: Scene) -> None:
    scene.cloudwatch.refuses = True
    scene.down(0, "new")
    scene.cloudwatch.refuses = False
    scene.down(2, "new")
    assert [len(data) for data in scene.cloudwatch.calls] == [3]


def test_both_sides_go_in_one_call(scene: Scene) -> None:
    scene.down(0, "old", "new")
    (data,) = scene.cloudwatch.calls
    assert len(data) == 6


def test_that_it_watches_is_one_datapoint_and_a_refusal_is_remembered(scene: Scene) -> None:
    scene.teller.watches(True)
    scene.teller.watches(False)
    values = [data[0]["Value"] for data in scene.cloudwatch.calls]
    assert values == [1.0, 0.0]
    assert {len(data) for data in scene.cloudwatch.calls} == {1}
    assert scene.teller.is_heard
    scene.cloudwatch.refuses = True
    scene.teller.watches(True)
    assert not scene.teller.is_heard
