"""The local edge's log: a line a request, with the deployed fields, which the deployed function reads."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from cutover.doors.edge_log import FIELDS
from fast_log.line import Form, Line
from rehearsal.world.edge_log import EdgeLog, LogConfig, Told, log_config
from tests.unit.world.test_world_edge import FakeCloudFront, Play, play

ARN = "arn:aws:cloudfront::000000000000:realtime-log-config/news-edge-log"
FORM = Form(
    FIELDS, origins={"old": "old-lb", "new": "new-lb"}, static_paths=frozenset({"/static/*"})
)


class LoggedCloudFront(FakeCloudFront):
    """Each behaviour of the distribution has the real-time log."""

    def get_distribution_config(self, *, Id: str) -> dict[str, Any]:  # noqa: N803
        answer = super().get_distribution_config(Id=Id)
        config = answer["DistributionConfig"]
        for behaviour in (config["DefaultCacheBehavior"], *config["CacheBehaviors"]["Items"]):
            behaviour["RealtimeLogConfigArn"] = ARN
        return answer

    def list_realtime_log_configs(self) -> dict[str, Any]:
        stream = {"StreamARN": "arn:aws:kinesis:us-east-1:000000000000:stream/edge"}
        config = {
            "ARN": ARN,
            "Fields": list(FIELDS),
            "EndPoints": [{"KinesisStreamConfig": stream}],
        }
        return {"RealtimeLogConfigs": {"Items": [config]}}


class Stream:
    """Keeps what is put into it, or refuses it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.refuses = False

    def put_records(self, *, StreamName: str, Records: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert StreamName == "edge"
        assert len(Records) <= 500
        if self.refuses:
            raise RuntimeError("ProvisionedThroughputExceededException")
        self.lines += [record["Data"].decode() for record in Records]
        return {"FailedRecordCount": 0}


def logged(scene: Any, *, weight: int = 100) -> list[Line]:
    """Play a scene and return what the function reads of its log."""
    told: list[str] = []

    async def run(stage: Play) -> None:
        await scene(stage)
        told.extend(line for _, _, line in stage.edge.log._waiting)

    play(run, cloudfront=LoggedCloudFront(weight))
    return [FORM.read(line) for line in told]


def test_each_request_is_a_line_that_says_the_side_and_how_it_went() -> None:
    async def scene(stage: Play) -> None:
        await stage.get("/")
        await stage.get("/", method="POST")
        stage.sides["new"].fail(1.0)
        await stage.get("/", method="POST")

    lines = logged(scene)
    assert [(line.side, line.failed) for line in lines] == [
        ("new", False),
        ("new", False),
        ("new", True),
    ]
    assert len({line.id for line in lines}) == 3


def test_a_read_that_old_saved_is_new_s_failure_although_the_viewer_got_200() -> None:
    async def scene(stage: Play) -> None:
        stage.sides["new"].fail(1.0)
        status, served_by = await stage.get("/")
        assert (status, served_by) == (200, "old")

    (line,) = logged(scene)
    assert (line.side, line.failed, line.other_failed) == ("new", True, False)


def test_a_read_that_nobody_could_answer_is_a_failure_of_both() -> None:
    async def scene(stage: Play) -> None:
        for side in stage.sides.values():
            side.fail(1.0)
        await stage.get("/")

    (line,) = logged(scene)
    assert (line.side, line.failed, line.other_failed) == ("new", True, True)


def test_nothing_is_written_where_no_log_is_deployed() -> None:
    async def scene(stage: Play) -> None:
        await stage.get("/")
        assert stage.edge.log._waiting == []

    play(scene)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """The log's clock, which a test sets."""
    now = [1_795_000_000.0]
    monkeypatch.setattr("rehearsal.world.edge_log.time.time", lambda: now[0])
    return now


def delivered(log: EdgeLog) -> None:
    """Deliver what is due, once."""
    asyncio.run(log.deliver_due())


def written(log: EdgeLog, number: int = 1) -> None:
    for _ in range(number):
        log.write(Told(LogConfig(FIELDS, "edge"), began=1_795_000_000.0, status=200, said="new"))


def test_a_line_comes_one_to_four_seconds_after_its_request(clock: list[float]) -> None:
    stream = Stream()
    log = EdgeLog(stream, None)
    written(log, 700)
    clock[0] += 0.99
    delivered(log)
    assert stream.lines == []
    clock[0] += 3.02
    delivered(log)
    assert len(stream.lines) == 700


def test_what_the_stream_refuses_is_lost_and_counted(clock: list[float]) -> None:
    stream = Stream()
    log = EdgeLog(stream, None)
    stream.refuses = True
    written(log, 3)
    clock[0] += 5
    delivered(log)
    stream.refuses = False
    written(log, 2)
    clock[0] += 5
    delivered(log)
    assert len(stream.lines) == 2
    assert log._throttled == {"edge": 3}


def test_a_log_that_is_an_hour_late_says_so_in_each_line(clock: list[float]) -> None:
    stream = Stream()
    log = EdgeLog(stream, None)
    log.behind_seconds = 3600
    written(log)
    clock[0] += 5
    delivered(log)
    assert FORM.read(stream.lines[0]).at == 1_795_000_000 - 3600


def test_a_silent_log_tells_nothing(clock: list[float]) -> None:
    log = EdgeLog(Stream(), None)
    log.silent = True
    written(log)
    assert log._waiting == []


def test_a_log_that_is_not_deployed_is_named() -> None:
    with pytest.raises(LookupError, match="realtime-log-config/other"):
        log_config(LoggedCloudFront(0), "arn:aws:cloudfront::0:realtime-log-config/other")
