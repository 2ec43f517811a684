"""A hook is waited for no longer than declared, and whatever goes wrong is a refusal in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from shared.hooks.asked import Asked, token_of
from shared.hooks.hook import WAIT_SECONDS, Hook
from shared.promotion.change import Change
from tests.unit.support.fake_doors import refusal
from tests.unit.support.fake_hooks import (
    ALLOWED,
    DOCUMENT,
    FUNCTION,
    ROLE,
    FakeAutomation,
    FakeHook,
    after,
)
from tests.unit.support.hand_clock import HandClock

THROTTLED = refusal("TooManyRequestsException", 429)
URL = "https://lambda.us-east-2.amazonaws.com"
EVENT = {"StackId": "arn:aws:cloudformation:us-east-1:1:stack/shop-traffic/1", "RequestId": "r-1"}
ASKED = Asked(
    when="before",
    service="shop",
    token=token_of(EVENT, "before"),
    change=Change(10, 25),
    put_back=False,
    answer_by=datetime(2026, 11, 30, 2, 1, tzinfo=UTC),
)


def ask(fake: FakeHook | FakeAutomation, clock: HandClock | None = None, seconds: int = 60) -> str:
    clock = clock or HandClock()
    hook = Hook(FUNCTION, seconds) if isinstance(fake, FakeHook) else Hook(DOCUMENT, seconds, ROLE)
    return hook.ask(ASKED, clients=fake.client_for, clock=clock.now, sleep=clock.sleep)


def test_a_function_is_asked_what_docs_say_and_in_its_own_region() -> None:
    fake = FakeHook()
    assert ask(fake) == ""
    assert fake.asked == [
        {
            "version": 1,
            "when": "before",
            "service": "shop",
            "token": ASKED.token,
            "weight": {"before": 10, "after": 25},
            "joins": [],
            "rises": True,
            "put_back": False,
            "answer_by": "2026-11-30T02:01:00+00:00",
        }
    ]
    assert (fake.kinds, fake.regions) == (["RequestResponse"], ["us-east-2"])


def test_a_token_is_the_deploys_own_and_the_same_whenever_it_is_asked_again() -> None:
    again = token_of(dict(EVENT), "before")
    other = token_of(EVENT | {"RequestId": "r-2"}, "before")
    assert again == ASKED.token
    assert len({again, other, token_of(EVENT, "after")}) == 3


def test_it_refuses_in_its_own_words() -> None:
    assert ask(FakeHook({"allow": False, "reason": "no capacity"})) == "no capacity"


def test_a_function_that_throws_has_refused() -> None:
    fake = FakeHook({"errorType": "ValueError", "errorMessage": "no such group"})
    fake.function_error = "Unhandled"
    assert ask(fake) == "it failed: ValueError: no such group"


def test_an_allow_of_a_function_that_failed_allows_nothing() -> None:
    fake = FakeHook(ALLOWED)
    fake.function_error = "Handled"
    assert ask(fake) == "it failed: nobody knows why"


@pytest.mark.parametrize(
    "fault",
    [
        THROTTLED,
        refusal("ServiceException", 500),
        refusal("EC2ThrottledException", 502),
        EndpointConnectionError(endpoint_url=URL),
        ConnectionClosedError(endpoint_url=URL),
    ],
)
def test_what_passes_by_is_asked_again_with_the_same_token(fault: Exception) -> None:
    fake, clock = FakeHook(fault, fault, ALLOWED), HandClock()
    assert ask(fake, clock) == ""
    assert {asked["token"] for asked in fake.asked} == {ASKED.token}
    assert clock.at == 2 * WAIT_SECONDS
    # Each attempt waits only for what is left.
    assert fake.seconds == [60, 58, 56]


def test_a_throttle_that_lasts_ends_with_the_declared_time() -> None:
    fake, clock = FakeHook(THROTTLED), HandClock()
    said = ask(fake, clock, seconds=7)
    assert said.startswith("it did not answer within 7 s: ")
    assert "TooManyRequestsException" in said
    assert clock.at == 7


def test_a_function_that_does_not_answer_is_not_asked_again() -> None:
    clock = HandClock()
    fake = FakeHook(after(lambda: clock.sleep(60), ReadTimeoutError(endpoint_url=URL)))
    assert ask(fake, clock) == "it did not answer within 60 s"
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    "fault", [refusal("AccessDeniedException", 403), refusal("ResourceNotFoundException", 404)]
)
def test_what_lasts_is_told_at_once(fault: Exception) -> None:
    clock = HandClock()
    assert ask(FakeHook(fault), clock).startswith("it cannot be called: ")
    assert clock.at == 0


def test_without_credentials_it_cannot_be_called() -> None:
    assert ask(FakeHook(NoCredentialsError())).startswith("it cannot be called: ")


def test_to_tell_it_waits_for_no_answer() -> None:
    fake = FakeHook({"allow": False, "reason": "never read"})
    assert Hook(FUNCTION, 60).tell(ASKED, clients=fake.client_for) == ""
    assert fake.kinds == ["Event"]
    assert max(fake.seconds) <= 3
    refused = FakeHook(THROTTLED)
    assert Hook(FUNCTION, 60).tell(ASKED, clients=refused.client_for).startswith("it cannot")


# Automation documents


def test_a_document_runs_in_its_version_with_its_role_under_the_token() -> None:
    fake = FakeAutomation("Pending", "InProgress", "Success")
    assert ask(fake) == ""
    assert fake.started == [
        {
            "DocumentName": "ScaleNew",
            "DocumentVersion": "3",
            "ClientToken": ASKED.token,
            "Parameters": {
                "When": ["before"],
                "Service": ["shop"],
                "WeightBefore": ["10"],
                "WeightAfter": ["25"],
                "AutomationAssumeRole": [ROLE],
            },
        }
    ]


@pytest.mark.parametrize(
    "status", ["Failed", "TimedOut", "Cancelled", "Rejected", "PendingApproval", "SomethingNew"]
)
def test_a_document_that_ends_otherwise_or_waits_for_a_person_has_refused(status: str) -> None:
    fake = FakeAutomation("InProgress", status)
    fake.message = "Step scale failed"
    assert ask(fake) == f"its execution run-1 is {status}: Step scale failed"


def test_a_document_that_does_not_end_is_told_with_its_execution() -> None:
    clock = HandClock()
    said = ask(FakeAutomation("InProgress"), clock, seconds=9)
    assert said == "its execution run-1 did not end within 9 s"
    assert clock.at <= 9


@pytest.mark.parametrize(
    "fault",
    [refusal("ThrottlingException", 400), ReadTimeoutError(endpoint_url=URL)],
)
def test_a_look_that_fails_is_taken_again_and_nothing_is_begun_twice(fault: Any) -> None:
    fake = FakeAutomation(fault, fault, "Success")
    assert ask(fake) == ""
    assert len(fake.started) == 1


@pytest.mark.parametrize(
    "fault",
    [refusal("ThrottlingException", 400), ReadTimeoutError(endpoint_url=URL)],
)
def test_a_start_that_is_throttled_or_lost_is_repeated_under_its_token(fault: Any) -> None:
    fake = FakeAutomation("Success")
    fake.refusals = [fault]
    assert ask(fake) == ""
    assert [begun["ClientToken"] for begun in fake.started] == [ASKED.token]


def test_a_document_that_is_not_there_is_told() -> None:
    fake = FakeAutomation("Success")
    fake.refusals = [refusal("AutomationDefinitionNotFoundException")]
    assert ask(fake).startswith("it cannot be called: ")
