"""`cutover watch`: what it reads and how often, when it prints, and how it ends."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from rich.console import Console

from commands import watch as command
from commands.exit_codes import COULD_NOT_TELL
from commands.leftovers.prices import prices
from commands.status import subject_of
from commands.watch import Log, Page, watch
from commands.watching.ending import BADLY, WELL, ending
from commands.watching.reading import CALLS_A_MINUTE, METRICS_A_MINUTE, Reader
from commands.watching.state import Watched
from cutover.declaration.reading.context import read_context
from cutover.naming import Names
from cutover.paths import ROOT
from cutover.pointers import dashboard_of, watch_with
from shared import pointers
from shared.status.standing import Unread
from shared.watch.hours import Watch
from tests.unit.commands.test_watch_deploying import BAKING, BEFORE, events
from tests.unit.support.fake_cloud import LOAD_BALANCERS, NAME, NOW, ZONE, FakeCloud, fake_cloud
from tests.unit.support.fake_doors import always
from tests.unit.support.statuses import DENIED, THROWN, deployed, edge, standing
from tests.unit.support.watched_samples import WATCHED, deploy, watched

IN_ONE_REGION = 49


class Counted:
    """Counts every call of any client, and the metrics that are asked for."""

    def __init__(self, client_for: Callable[[str, str], Any]) -> None:
        self._client_for = client_for
        self.calls = self.metrics = self.store_calls = 0

    def __call__(self, service: str, region: str) -> Any:
        counted, client = self, self._client_for(service, region)

        class Client:
            def __getattr__(self, name: str) -> Any:
                def call(**asked: Any) -> Any:
                    counted.calls += 1
                    counted.store_calls += service == "cloudfront-keyvaluestore"
                    counted.metrics += len(asked.get("MetricDataQueries", ()))
                    return getattr(client, name)(**asked)

                return call

        return Client()


@pytest.fixture
def cloud() -> Iterator[FakeCloud]:
    with fake_cloud() as cloud:
        cloud.formation.events = events(*BAKING, NewWeight="25", BakeMinutes="5")
        yield cloud


@pytest.fixture
def reader(cloud: FakeCloud, context: dict[str, Any], declared: dict[str, Any]) -> Reader:
    return _reader(cloud.client, context, declared)


def _reader(client: Any, context: dict[str, Any], declared: dict[str, Any]) -> Reader:
    declared |= {
        "new_weight": 25,
        "dns": {
            "hosted_zone_id": ZONE,
            "zone_name": "example.com",
            "record_name": NAME,
            "record": "alias",
        },
    }
    for side, (balancer, group) in LOAD_BALANCERS.items():
        declared[side] |= {"load_balancer": balancer, "target_group": group}
    (cutover,) = read_context(context)
    return Reader(cutover, subject_of(cutover, client), client)


def _alarm(name: str, topic: str, region: str = "us-east-1") -> None:
    boto3.client("cloudwatch", region_name=region).put_metric_alarm(
        AlarmName=name,
        Namespace="x",
        MetricName="x",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[f"arn:aws:sns:{region}:123456789012:{topic}"],
    )


def test_everything_is_read(reader: Reader, cloud: FakeCloud) -> None:
    _alarm("chatmrpt-judge", "chatmrpt-alarms")
    _alarm("chatmrpt-old-5xx-rate", "chatmrpt-old-alarms", "us-east-2")
    # Of a service whose name begins with this one's.
    _alarm("chatmrpt-eu-judge", "chatmrpt-eu-alarms")
    cloud.count("old", 1000, 1)
    seen = reader.read(NOW)
    assert not isinstance(seen.deploy, Unread)
    assert (seen.deploy.step, seen.deploy.weight) == ("bake", 25)
    assert not isinstance(seen.alarms, Unread)
    assert [(one.name, one.rolls_back) for one in seen.alarms] == [
        ("chatmrpt-judge", True),
        ("chatmrpt-old-5xx-rate", False),
    ]
    assert not isinstance(seen.sides, Unread)
    old = seen.sides["old"]
    assert old is not None
    # Three endpoints are probed all the time, and probes are nobody.
    assert 0 < old.requests < 1000
    assert old.errors_percent == 0
    assert seen.sides["new"] is None
    assert not isinstance(seen.standing.deployed, Unread)


def test_a_minute_of_looking_costs_what_is_promised(
    cloud: FakeCloud, context: dict[str, Any], declared: dict[str, Any]
) -> None:
    counted = Counted(cloud.client)
    reader = _reader(counted, context, declared)
    reader.read(NOW)
    counted.calls = counted.metrics = counted.store_calls = 0
    for second in range(1, 61):
        reader.read(NOW + timedelta(seconds=second))
    assert (counted.calls, counted.metrics) == (IN_ONE_REGION, METRICS_A_MINUTE)
    said = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8").replace("\n", " ")
    cents = 100 * 60 * prices().used("1,000 calls of the KeyValueStore", counted.store_calls)
    assert counted.store_calls == 6
    assert f"Six of the calls are of the KeyValueStore: {cents:.0f} cents an hour" in said


def test_sides_in_two_regions_are_each_read_there_and_cost_what_is_promised(
    cloud: FakeCloud, context: dict[str, Any], declared: dict[str, Any]
) -> None:
    declared["new"] |= {
        "region": "eu-west-1",
        "load_balancer_dns_name": "new-1.eu-west-1.elb.amazonaws.com",
    }
    counted = Counted(cloud.client)
    reader = _reader(counted, context, declared)
    _alarm("chatmrpt-old-5xx-rate", "chatmrpt-old-alarms", "us-east-2")
    _alarm("chatmrpt-new-5xx-rate", "chatmrpt-environment-alarms", "eu-west-1")
    balancer, group = LOAD_BALANCERS["new"]
    dimensions = {"LoadBalancer": balancer, "TargetGroup": group}
    cloud.put("eu-west-1", "AWS/ApplicationELB", "RequestCount", dimensions, 900, 1)
    seen = reader.read(NOW)
    assert not isinstance(seen.alarms, Unread)
    assert {(one.name, one.rolls_back) for one in seen.alarms} == {
        ("chatmrpt-old-5xx-rate", False),
        ("chatmrpt-new-5xx-rate", True),
    }
    assert not isinstance(seen.sides, Unread)
    assert seen.sides["old"] is None
    assert seen.sides["new"] is not None
    counted.calls = counted.metrics = 0
    for second in range(1, 61):
        reader.read(NOW + timedelta(seconds=second))
    assert (counted.calls, counted.metrics) == (CALLS_A_MINUTE, METRICS_A_MINUTE)


def test_at_100_percent_the_watch_is_read_once_in_ten_minutes(
    cloud: FakeCloud, context: dict[str, Any], declared: dict[str, Any]
) -> None:
    cloud.formation.weight = 100
    counted = Counted(cloud.client)
    reader = _reader(counted, context, declared)
    watch = reader.read(NOW).watch
    assert isinstance(watch, Watch)
    assert (watch.hours, watch.asked) == (0, 24)
    counted.calls = counted.metrics = 0
    for second in range(1, 61):
        reader.read(NOW + timedelta(seconds=second))
    assert (counted.calls, counted.metrics) == (IN_ONE_REGION, METRICS_A_MINUTE)


def test_weights_are_read_again_at_once_when_the_deploy_came_to_another_step(
    reader: Reader, cloud: FakeCloud
) -> None:
    cloud.formation.weight = 10
    reader.read(NOW + timedelta(seconds=9))
    cloud.formation.events = events(*BEFORE)
    cloud.formation.weight = 25
    seen = reader.read(NOW + timedelta(seconds=19)).standing.deployed
    assert not isinstance(seen, Unread)
    assert seen.weight == 25


def test_a_stack_that_is_not_there_is_named(reader: Reader, cloud: FakeCloud) -> None:
    cloud.formation.faults = always("ValidationError", 400)
    told = reader.read(NOW).deploy
    assert isinstance(told, Unread)
    assert told.why == "there is no stack chatmrpt-traffic in us-east-1: deploy first"


class Time:
    """A clock that only sleeping moves; the sleep after `last` is broken off as Ctrl-C breaks it."""

    def __init__(self, last: int = 10_000) -> None:
        self.now, self.last, self.slept = NOW, last, 0.0

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        if self.slept >= self.last:
            raise KeyboardInterrupt
        self.slept += seconds
        self.now += timedelta(seconds=seconds)


def test_a_log_gets_a_line_when_something_changes_and_one_a_minute() -> None:
    out, time = io.StringIO(), Time(last=150)

    def read(now: datetime) -> Watched:
        thrown = now >= NOW + timedelta(seconds=30)
        return watched(standing=standing(doors=(edge(switch=THROWN),))) if thrown else WATCHED

    with (
        Log(Console(file=out, width=80)) as log,
        pytest.raises(KeyboardInterrupt),
    ):
        watch(read, log, time, time.sleep, until_done=False)
    lines = out.getvalue().splitlines()
    assert [line[:8] for line in lines] == ["03:12:41", "03:13:11", "03:14:11", "03:15:11"]
    assert "switch THROWN" in lines[1]


def test_a_page_leaves_the_terminal_as_it_was_when_it_is_interrupted() -> None:
    out, time = io.StringIO(), Time(last=3)
    console = Console(file=out, force_terminal=True, width=40, height=20)
    with pytest.raises(KeyboardInterrupt), Page(console) as page:
        watch(lambda now: WATCHED, page, time, time.sleep, until_done=False)
    assert out.getvalue().count("\x1b[?25l") == 1
    assert "\x1b[?25h" in out.getvalue().rpartition("\x1b[?25l")[2]


OVER = deploy(status="UPDATE_COMPLETE", step="")


@pytest.mark.parametrize(
    ("seen", "code", "said"),
    [
        (watched(deploy=OVER), WELL, "Done: new gets 25 %, and the switch is released."),
        (
            watched(deploy=deploy(status="UPDATE_ROLLBACK_COMPLETE", step="", failure="Bake: x")),
            BADLY,
            "The deploy ended UPDATE_ROLLBACK_COMPLETE. Bake: x",
        ),
        (
            watched(deploy=OVER, standing=standing(doors=(edge(switch=THROWN),))),
            BADLY,
            "The switch is thrown: viewers go to old.",
        ),
        (
            watched(deploy=OVER, standing=standing(deployed=deployed(10))),
            BADLY,
            "CloudFormation holds 10 % for new, and 25 % is declared.",
        ),
        (watched(deploy=DENIED), COULD_NOT_TELL, f"It cannot be told: {DENIED.why}"),
        (
            watched(deploy=OVER, standing=standing(doors=(edge(switch=DENIED),))),
            COULD_NOT_TELL,
            f"It cannot be told: {DENIED.why}",
        ),
    ],
)
def test_a_deploy_that_is_over_ends_it_with_a_code(seen: Watched, code: int, said: str) -> None:
    end = ending(seen, timedelta(minutes=2), seen_moving=True)
    assert end is not None
    assert (end.code, end.says) == (code, said)
    assert ending(watched(), timedelta(hours=1), seen_moving=True) is None
    # Nothing is said too early: a deploy takes a while to begin, and an API may answer again.
    assert ending(seen, timedelta(seconds=119), seen_moving=False) is None


def test_it_waits_for_a_deploy_to_begin_and_then_for_its_end() -> None:
    out, time = io.StringIO(), Time()

    def read(now: datetime) -> Watched:
        second = (now - NOW).total_seconds()
        return watched(deploy=OVER) if second < 60 or second > 300 else WATCHED

    with Log(Console(file=out, width=80)) as log:
        assert watch(read, log, time, time.sleep, until_done=True) == WELL
    assert time.slept == 301
    assert out.getvalue().splitlines()[-1].startswith("Done: new gets 25 %")


def test_it_does_not_wait_for_ever_for_a_deploy_that_does_not_come() -> None:
    out, time = io.StringIO(), Time()
    with Log(Console(file=out, width=80)) as log:
        assert watch(lambda now: watched(deploy=OVER), log, time, time.sleep, until_done=True) == 0
    assert time.slept == 120
    assert out.getvalue().splitlines()[-1].startswith("No deploy began within 2 minutes. Done:")


def test_the_command_watches_and_ends_on_ctrl_c(
    cloud: FakeCloud,
    context: dict[str, Any],
    declared: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    time = Time(last=0)
    monkeypatch.setattr(command, "_client", cloud.client)
    monkeypatch.setattr(command, "_now", time)
    monkeypatch.setattr(command.time, "sleep", time.sleep)
    file = tmp_path / "declaration.json"
    file.write_text(json.dumps(context["cutover"]), encoding="utf-8")
    assert command.main(["--declaration", str(file)]) == 130
    out = capsys.readouterr().out
    assert out.startswith("dashboard: https://us-east-1.console.aws.amazon.com/cloudwatch/home?")
    assert "chatmrpt: deploy under way to 25 %" in out


def test_a_service_that_is_not_declared_gets_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
    assert command.main(["--service", "chatmprt"]) == 2
    assert "Did you mean chatmrpt?" in capsys.readouterr().err


def test_outputs_and_announcements_point_to_the_same_place() -> None:
    names = Names("chatmrpt")
    assert pointers.watch_with("chatmrpt") == watch_with(names)
    assert pointers.dashboard_of("chatmrpt") == dashboard_of(names)
