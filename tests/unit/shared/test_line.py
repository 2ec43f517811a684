"""The line runs only where it says so, or was never written."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import mock_aws

from shared.doors import patience
from shared.doors.patience import DoorError
from shared.promotion.line import RUNS, STOPPED, Line, parse, read, said
from tests.unit.support.fake_doors import FakeLine, always, no_sleep, refusal

texts = st.text(max_size=80)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.time, "sleep", no_sleep)


@given(state=st.sampled_from([RUNS, STOPPED]), by=texts, reason=texts, at=texts)
def test_what_was_written_is_read_as_one_printable_line(
    state: str, by: str, reason: str, at: str
) -> None:
    line = parse(Line(state, by, reason, at).written())
    assert line.state == state
    assert (line.by + line.reason + line.at).isprintable()


@given(st.one_of(texts, json_values.map(json.dumps)))
def test_whatever_does_not_say_that_it_runs_is_stopped_and_says_why(text: str) -> None:
    line = parse(text)
    assert line.stopped
    assert said(line).startswith("the line is stopped: its parameter holds ")


@given(rest=json_values, key=st.sampled_from(["by", "reason", "at", "other"]))
def test_a_record_that_runs_and_holds_something_odd_runs_only_where_it_is_understood(
    rest: Any, key: str
) -> None:
    line = parse(json.dumps({"state": RUNS, key: rest}))
    assert line.stopped == (key != "other" and not isinstance(rest, str))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[" * 5000, '"stopped"', '{"state": {}}', '{"state": ["running"]}', "9" * 5000],
)
def test_what_cannot_be_understood_is_stopped(text: str) -> None:
    assert parse(text).stopped


def test_a_line_that_was_never_written_runs() -> None:
    with mock_aws():
        client = boto3.client("ssm", region_name="us-east-1")
        assert read(client, "/cutover/line") == Line()
        stopped = Line(STOPPED, "grace", "the certificate expires", "2026-11-24T03:00:00+00:00")
        client.put_parameter(Name="/cutover/line", Value=stopped.written(), Type="String")
        assert read(client, "/cutover/line") == stopped
    assert said(stopped) == (
        "the line is stopped by grace since 2026-11-24T03:00:00+00:00: the certificate expires"
    )
    assert said(Line()) == ""


def test_a_throttle_is_waited_for_and_a_refusal_is_not() -> None:
    ssm = FakeLine()
    ssm.faults = [refusal("ThrottlingException"), refusal("InternalServerError", 500)]
    assert read(ssm, "/cutover/line") == Line()
    assert len(ssm.asked) == 3
    ssm.faults = always("AccessDeniedException", 400)
    with pytest.raises(DoorError, match="AccessDenied"):
        read(ssm, "/cutover/line")
    assert len(ssm.asked) == 4
