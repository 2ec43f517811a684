"""The hours that nobody waits for: each says what the minutes before it said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rehearsal.story.hours import play_hours
from tests.unit.support.paper_samples import declared

SERVICE = declared().service
SINCE = datetime.now(UTC) - timedelta(minutes=3)


class Cloud:
    """CloudWatch of each region: what it says of the minutes, and what is published."""

    def __init__(self, said: dict[str, list[float]]) -> None:
        self.said = said
        self.published: list[tuple[str, str, dict[str, Any]]] = []
        self._region = ""

    def client(self, service: str, region: str) -> Cloud:
        assert service == "cloudwatch"
        self._region = region
        return self

    def get_metric_statistics(self, **asked: Any) -> dict[str, Any]:
        assert asked["Period"] == 60
        (statistic,) = asked["Statistics"]
        values = self.said.get(asked["MetricName"], [])
        return {"Datapoints": [{statistic: value} for value in values]}

    def put_metric_data(self, **put: Any) -> None:
        self.published += [(self._region, put["Namespace"], one) for one in put["MetricData"]]

    def values(self, name: str) -> list[float]:
        return [one["Value"] for _, _, one in self.published if one["MetricName"] == name]


def test_each_hour_is_as_the_minutes_were() -> None:
    cloud = Cloud({"DeclaredWeight": [100, 99], "SwitchThrown": [0, 1], "RequestCount": [10, 20]})
    play_hours(cloud, "chatmrpt", SERVICE, SINCE, hours=3)  # type: ignore[arg-type]
    assert cloud.values("DeclaredWeight") == [99] * 6
    assert cloud.values("SwitchThrown") == [1] * 6
    assert cloud.values("RequestCount") == [900] * 3
    times = {one["Timestamp"] for _, _, one in cloud.published}
    assert len(times) == 3
    assert min(times) > datetime.now(UTC)
    where = {(region, namespace) for region, namespace, _ in cloud.published}
    assert where == {("us-east-1", "Cutover"), ("us-east-2", "AWS/ApplicationELB")}


SAID = {"DeclaredWeight": [100.0], "SwitchThrown": [0.0], "RequestCount": [10.0]}


def test_a_count_that_is_published_only_where_there_is_one_is_a_share_of_all_minutes() -> None:
    """One minute of three with 30 redirects is 600 an hour, and none is no hour of them."""
    cloud = Cloud(SAID | {"HTTP_Redirect_Count": [30.0]})
    play_hours(cloud, "chatmrpt", SERVICE, SINCE, hours=1)  # type: ignore[arg-type]
    (value,) = cloud.values("HTTP_Redirect_Count")
    # Three minutes, or a few more on a machine that is slow.
    assert 0 < value <= 600
    assert cloud.values("HTTP_Fixed_Response_Count") == []


def test_the_hours_of_another_day_come_after_those_that_were_played() -> None:
    cloud = Cloud(SAID)
    play_hours(cloud, "chatmrpt", SERVICE, SINCE, hours=2)  # type: ignore[arg-type]
    play_hours(cloud, "chatmrpt", SERVICE, SINCE, hours=2, played=2)  # type: ignore[arg-type]
    times = sorted(one["Timestamp"] for _, _, one in cloud.published if one["Value"] == 600)
    # The clock may turn an hour between both.
    assert times[-1] - times[0] in {timedelta(hours=3), timedelta(hours=4)}
    assert len(set(times)) == 4


def test_minutes_that_said_nothing_are_not_repeated() -> None:
    with pytest.raises(ValueError, match=r"DeclaredWeight .* said nothing since"):
        play_hours(Cloud({}), "chatmrpt", SERVICE, SINCE, hours=1)  # type: ignore[arg-type]
