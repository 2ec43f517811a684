"""How the embedded cloud goes about calls that nobody waits for: as Lambda does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ministack.services import lambda_svc

from rehearsal.cloud.taught import asynchronous_calls

WELL: dict[str, Any] = {}
FAILED = {"error": True, "body": {"errorType": "Oops"}}
THROTTLED = {"error": True, "throttle": True}
DESTINATION = "arn:aws:sqs:us-east-1:000000000000:dead-letters"
FUNCTION = {
    "config": {"FunctionName": "chatmrpt-rollback"},
    "event_invoke_config": {
        "MaximumRetryAttempts": 2,
        "MaximumEventAgeInSeconds": 3600,
        "DestinationConfig": {"OnFailure": {"Destination": DESTINATION}},
    },
}


class Lambda:
    """Answers each attempt as told, and writes down what was waited, counted and given up."""

    def __init__(self, results: Sequence[dict[str, Any]]) -> None:
        self._results = list(results)
        self.now = 1000.0
        self.waited: list[float] = []
        self.errors: list[bool] = []
        self.given_up: list[str] = []

    def execute(self, _function: object, _event: object) -> dict[str, Any]:
        return self._results.pop(0)

    def count(self, _name: str, *, error: bool, **_more: object) -> None:
        self.errors.append(error)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds

    def give_up(self, target: str, *_more: object) -> None:
        self.given_up.append(target)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Any:
    def call(*results: dict[str, Any], function: dict[str, Any] = FUNCTION) -> Lambda:
        told = Lambda(results)
        monkeypatch.setattr(lambda_svc, "_execute_function", told.execute)
        monkeypatch.setattr(lambda_svc, "_emit_lambda_metrics", told.count)
        monkeypatch.setattr(lambda_svc, "_route_async_failure", told.give_up)
        monkeypatch.setattr(asynchronous_calls.time, "sleep", told.sleep)
        monkeypatch.setattr(asynchronous_calls.time, "time", lambda: told.now)
        asynchronous_calls._attempt(function, {}, 60)
        return told

    return call


def test_a_call_that_goes_well_is_made_once(called: Any) -> None:
    told = called(WELL)
    assert (told.waited, told.errors, told.given_up) == ([], [False], [])


def test_a_call_that_fails_is_made_again_after_one_minute_and_then_two(called: Any) -> None:
    told = called(FAILED, FAILED, WELL)
    assert (told.waited, told.errors, told.given_up) == ([60, 120], [True, True, False], [])


def test_a_call_that_fails_three_times_goes_to_the_destination(called: Any) -> None:
    told = called(FAILED, FAILED, FAILED)
    assert (told.waited, told.given_up) == ([60, 120], [DESTINATION])


def test_a_throttled_call_is_put_back_ever_longer_and_is_no_failed_attempt(called: Any) -> None:
    told = called(THROTTLED, THROTTLED, THROTTLED, THROTTLED, FAILED, FAILED, WELL)
    assert told.waited == [1, 2, 4, 8, 60, 120]
    assert told.errors == [False] * 4 + [True, True, False]
    assert told.given_up == []


def test_a_call_that_has_grown_too_old_is_given_up(called: Any) -> None:
    told = called(*[THROTTLED] * 30)
    assert sum(told.waited) <= 3600
    assert max(told.waited) == 300
    assert told.given_up == [DESTINATION]


def test_without_a_destination_a_call_is_forgotten(called: Any) -> None:
    bare = {"config": {"FunctionName": "chatmrpt-observer"}}
    assert called(FAILED, FAILED, FAILED, function=bare).given_up == []
