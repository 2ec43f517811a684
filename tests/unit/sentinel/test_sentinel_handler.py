"""The function: it rests at weight 0, watches above, and when it cannot tell it watches and says so."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from typing import Any

import pytest

from sentinel import handler as sentinel
from sentinel.endpoint import endpoints_in
from sentinel.handler import SentinelError, handler
from sentinel.streaks import Pair
from sentinel.usual import LEAST_IN_A_ROW
from shared.settings import SettingsError
from tests.unit.support.fake_doors import refusal
from tests.unit.support.hand_clock import HandClock

EVENT = {"endpoints": [{"path": "/ping", "status": 200}, {"path": "/", "status": 200}]}


class FakeCloud:
    """Every service at once, as far as the function asks; a code in `faults` is raised by its operation."""

    def __init__(self) -> None:
        self.weight = {"edge": 50, "dns": 50}
        self.faults: dict[str, str] = {}
        self.put: list[dict[str, Any]] = []
        self.asked: list[str] = []

    def _ask(self, operation: str) -> None:
        self.asked.append(operation)
        if operation in self.faults:
            raise refusal(self.faults[operation])

    def get_function(self, *, Name: str, Stage: str) -> dict[str, Any]:  # noqa: N803
        self._ask("GetFunction")
        assert (Name, Stage) == ("shop-router", "LIVE")
        code = f"const WEIGHT = percent('{self.weight['edge']}');"
        return {"FunctionCode": io.BytesIO(code.encode())}

    def list_resource_record_sets(self, **_: str) -> dict[str, Any]:
        self._ask("ListResourceRecordSets")
        new = self.weight["dns"]
        return {
            "ResourceRecordSets": [
                {"Name": "shop.example.", "Type": "A", "SetIdentifier": side, "Weight": weight}
                for side, weight in (("old", 100 - new), ("new", new))
            ]
        }

    def get_secret_value(self, *, SecretId: str) -> dict[str, str]:  # noqa: N803
        self._ask("GetSecretValue")
        assert SecretId == "shop/origin-header-value"
        return {"SecretString": "hush"}

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803
        self._ask("PutMetricData")
        assert Namespace == "Cutover"
        self.put += MetricData

    def values(self, name: str, side: str = "") -> list[float]:
        return [
            one["Value"]
            for one in self.put
            if one["MetricName"] == name
            and (not side or {"Name": "Side", "Value": side} in one["Dimensions"])
        ]


class FakeProber:
    """Both sides answer as `pair` says, in no time."""

    pair = Pair(old=True, new=True)
    clock: HandClock
    headers: dict[str, str]
    rounds = 0
    closed = 0

    def __init__(self, *_: object, headers: dict[str, str], limit_seconds: float) -> None:
        type(self).headers = headers
        self.limit_seconds = limit_seconds
        assert limit_seconds == 1.5
        self._asked: Sequence[int] = []

    def begin(self, asked: Sequence[int]) -> None:
        type(self).rounds += 1
        self._asked = asked

    def wait(self, seconds: float) -> list[dict[int, Pair]]:
        asked, self._asked = self._asked, []
        if asked:
            return [dict.fromkeys(asked, self.pair)]
        self.clock.sleep(seconds)
        return []

    def close(self) -> None:
        type(self).closed += 1


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> FakeCloud:
    fake = FakeCloud()
    for name, value in {
        "SERVICE": "shop",
        "METRIC_NAMESPACE": "Cutover",
        "OLD_URL": "http://old.example:80",
        "NEW_URL": "http://new.example:80",
        "LIMIT_SECONDS": "1.5",
        "ROUTER_FUNCTION_NAME": "shop-router",
        "HOSTED_ZONE_ID": "Z1",
        "RECORD_NAME": "shop.example",
        "ORIGIN_HEADER": "x-origin-verify",
        "ORIGIN_SECRET": "shop/origin-header-value",
    }.items():
        monkeypatch.setenv(name, value)
    for clients in ("_client", "_quick_client"):
        monkeypatch.setattr(sentinel, clients, lambda *_: fake)
    monkeypatch.setattr(sentinel, "Prober", FakeProber)
    monkeypatch.setattr(FakeProber, "clock", HandClock(), raising=False)
    monkeypatch.setattr(sentinel, "clock", FakeProber.clock)
    sentinel.usual.cache_clear()
    monkeypatch.setattr(FakeProber, "pair", Pair(old=True, new=True))
    monkeypatch.setattr(FakeProber, "rounds", 0)
    monkeypatch.setattr(FakeProber, "closed", 0)
    return fake


def test_without_weight_it_leaves_at_once_and_says_that_it_is_there(cloud: FakeCloud) -> None:
    cloud.weight = {"edge": 0, "dns": 0}
    assert handler(EVENT, None)["watched"] is False
    assert FakeProber.rounds == 0
    assert cloud.values("SentinelWatches") == [1.0]
    assert "GetSecretValue" not in cloud.asked


@pytest.mark.parametrize("weight", [{"edge": 1, "dns": 0}, {"edge": 0, "dns": 1}])
def test_with_weight_at_any_door_it_watches(cloud: FakeCloud, weight: dict[str, int]) -> None:
    cloud.weight = weight
    answer = handler(EVENT, None)
    assert answer["watched"] is True
    assert answer["rounds"] == FakeProber.rounds == 35
    assert FakeProber.closed == 1
    assert cloud.values("SentinelWatches") == [1.0]
    assert cloud.values("ProbeDown") == []


def test_a_new_that_is_down_is_published_and_is_in_the_answer(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeProber, "pair", Pair(old=True, new=False))
    assert handler(EVENT, None)["down"] == ["new"]
    assert set(cloud.values("ProbeDown", "new")) == {1.0}
    assert cloud.values("ProbeDown", "old") == []


def test_neither_side_in_reach_is_no_fault_of_new_and_is_said(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeProber, "pair", Pair(old=False, new=False))
    answer = handler(EVENT, None)
    assert answer["blind"] == answer["rounds"]
    assert cloud.values("ProbeDown") == []
    assert cloud.values("SentinelWatches") == [0.0]


def test_a_door_that_is_not_there_has_no_weight(cloud: FakeCloud) -> None:
    cloud.weight = {"edge": 50, "dns": 0}
    cloud.faults = {"GetFunction": "NoSuchFunctionExists"}
    assert handler(EVENT, None)["watched"] is False


def test_a_weight_that_cannot_be_read_is_watched_and_people_hear_of_it(cloud: FakeCloud) -> None:
    cloud.weight = {"edge": 50, "dns": 0}
    cloud.faults = {"GetFunction": "AccessDenied"}
    with pytest.raises(SentinelError, match="the weight of the edge door cannot be read"):
        handler(EVENT, None)
    assert FakeProber.rounds == 35


def test_a_listener_that_insists_gets_the_edge_s_header(cloud: FakeCloud) -> None:
    handler(EVENT, None)
    assert FakeProber.headers == {"x-origin-verify": "hush"}


def test_without_the_header_it_does_not_watch_because_new_may_look_down(cloud: FakeCloud) -> None:
    cloud.faults = {"GetSecretValue": "AccessDenied"}
    with pytest.raises(Exception, match="AccessDenied"):
        handler(EVENT, None)
    assert FakeProber.rounds == 0


def test_without_an_edge_door_there_is_no_header_to_send(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ORIGIN_HEADER", "ORIGIN_SECRET", "ROUTER_FUNCTION_NAME"):
        monkeypatch.delenv(name)
    assert handler(EVENT, None)["watched"] is True
    assert FakeProber.headers == {}
    assert "GetFunction" not in cloud.asked


def test_that_cloudwatch_does_not_hear_it_is_an_error(cloud: FakeCloud) -> None:
    cloud.faults = {"PutMetricData": "Throttling"}
    with pytest.raises(SentinelError, match="did not take that it watches"):
        handler(EVENT, None)


def test_a_variable_that_is_missing_is_named(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEW_URL")
    with pytest.raises(SettingsError, match="NEW_URL"):
        handler(EVENT, None)


def test_it_remembers_from_run_to_run_what_failed_by_chance_until_other_endpoints_are_asked(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(4)

    def said(fake: FakeProber, _seconds: float) -> list[dict[int, Pair]]:
        seen = {one: Pair(True, chance.random() > 0.1) for one in fake._asked}
        fake._asked = []
        fake.clock.sleep(0.01 if seen else _seconds)
        return [seen] if seen else []

    monkeypatch.setattr(FakeProber, "wait", said)
    for _ in range(30):
        handler(EVENT, None)
    now = sentinel.usual(tuple(endpoints_in(EVENT)))
    assert now.needed("new", 0) > LEAST_IN_A_ROW
    other = {"endpoints": [*EVENT["endpoints"], {"path": "/other", "status": 200}]}
    assert sentinel.usual(tuple(endpoints_in(other))).needed("new", 0) == LEAST_IN_A_ROW
    assert cloud.values("ProbeDown", "new") == []
