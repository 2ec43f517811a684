"""The bake waits until the weight is at every edge location, no longer than it may, and says how it went."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

import boto3
import pytest
from moto import mock_aws

from bake.live import status_of, wait_until_live


class Wait:
    """A distribution that says one thing after the other, the last for ever, on a clock of its own."""

    def __init__(self, *says: str) -> None:
        self.says: Iterator[str] = chain(says, repeat(says[-1]))
        self.now = 0.0

    def until_live(self, at_most: float = 600, *, over_at: float = float("inf")) -> str:
        return wait_until_live(
            lambda: next(self.says),
            lambda: self.now >= over_at,
            at_most,
            clock=lambda: self.now,
            sleep=self.sleep,
        )

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_it_waits_for_deployed_at_two_looks_in_a_row() -> None:
    says = ("Deployed", "InProgress", "InProgress", "Deployed", "InProgress", "Deployed")
    assert Wait(*says).until_live() == "the distribution was Deployed after 30 s"


def test_it_waits_no_longer_than_it_may_and_says_so() -> None:
    wait = Wait("InProgress")
    assert wait.until_live() == (
        "the distribution still said InProgress after 600 s, so some viewers may not have met the weight "
        "by then"
    )
    assert wait.now == 600


@pytest.mark.parametrize("said", ["Deployed", "InProgress"])
def test_without_time_to_wait_it_looks_once(said: str) -> None:
    wait = Wait(said)
    assert said in wait.until_live(0)
    assert wait.now == 0


def test_what_speaks_against_new_ends_the_wait() -> None:
    wait = Wait("InProgress")
    assert "still said InProgress after 15 s" in wait.until_live(over_at=15)


def test_a_distribution_that_can_never_be_read_is_done_without_after_a_minute() -> None:
    wait = Wait("")
    assert wait.until_live() == (
        "the distribution could not be read for 60 s, so it is not known when all viewers met the weight"
    )


def test_one_that_was_read_is_asked_on() -> None:
    wait = Wait("InProgress", *[""] * 30, "Deployed")
    assert wait.until_live() == "the distribution was Deployed after 160 s"


@mock_aws
def test_what_cannot_be_read_has_no_status() -> None:
    assert status_of(boto3.client("cloudfront", region_name="us-east-1"), "EDFDVBD6EXAMPLE") == ""
