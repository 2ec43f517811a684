"""The line at a terminal: one parameter, which a person writes with a name and a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from commands import line
from shared.doors import patience
from shared.promotion.line import read
from tests.unit.support.fake_doors import no_sleep, refusal


@pytest.fixture
def ssm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        client = boto3.client("ssm", region_name="us-east-1")
        monkeypatch.setattr(line, "_client", lambda service, region: client)
        monkeypatch.setattr(line, "_now", lambda: "2026-11-24T03:00:00+00:00")
        monkeypatch.setattr(patience.time, "sleep", no_sleep)
        yield client


def stored(ssm: Any) -> dict[str, str]:
    held: dict[str, str] = json.loads(ssm.get_parameter(Name="/cutover/line")["Parameter"]["Value"])
    return held


def test_a_line_that_nobody_ever_stopped_runs(ssm: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert line.main(["show"]) == 0
    assert capsys.readouterr().out == "The line runs: a weight may rise.\n"
    assert line.main(["start", "nothing", "is", "wrong", "--by", "ada"]) == 0
    assert ssm.describe_parameters()["Parameters"] == []


def test_it_is_stopped_shown_and_started_again(
    ssm: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert line.main(["stop", "the certificate expires", "--by", "grace"]) == 0
    said = (
        "The line is stopped by grace since 2026-11-24T03:00:00+00:00: the certificate expires. No weight "
        "rises in this account until somebody runs cutover line start 'WHY'. A lower weight and a rollback "
        "pass.\n"
    )
    assert capsys.readouterr().out == said
    assert line.main(["show"]) == 1
    assert capsys.readouterr().out == said
    assert line.main(["start", "it", "is", "renewed", "--by", "ada"]) == 0
    assert capsys.readouterr().out == (
        "The line runs: a weight may rise. Started by ada at 2026-11-24T03:00:00+00:00: it is renewed\n"
    )
    assert line.main(["show"]) == 0
    assert not read(ssm, "/cutover/line").stopped


def test_the_first_who_stopped_it_stays_named(ssm: Any, capsys: pytest.CaptureFixture[str]) -> None:
    line.main(["stop", "the certificate expires", "--by", "grace"])
    assert line.main(["stop", "me too", "--by", "ada"]) == 0
    assert "It was stopped already, and nothing was changed." in capsys.readouterr().out
    assert stored(ssm)["by"] == "grace"


def test_a_value_that_is_not_understood_can_be_stopped_with_a_name_and_started(ssm: Any) -> None:
    ssm.put_parameter(Name="/cutover/line", Value="off", Type="String")
    assert line.main(["show"]) == 1
    assert line.main(["stop", "look first", "--by", "ada"]) == 0
    assert stored(ssm)["by"] == "ada"
    ssm.put_parameter(Name="/cutover/line", Value="off", Type="String", Overwrite=True)
    assert line.main(["start", "it was a slip", "--by", "ada"]) == 0
    assert stored(ssm)["state"] == "running"


@pytest.mark.parametrize(
    "told",
    [
        ["", "--by", "ada"],
        ["a\nb", "--by", "ada"],
        ["x" * 601, "--by", "ada"],
        ["why", "--by", " "],
    ],
)
def test_nothing_is_written_without_a_name_and_a_reason_that_people_can_read(
    ssm: Any, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert line.main(["stop", *told]) == 2
    assert "cannot be shown to people" in capsys.readouterr().err
    assert ssm.describe_parameters()["Parameters"] == []


@pytest.mark.parametrize("action", [["show"], ["stop", "why"], ["start", "why"]])
def test_what_cannot_be_read_or_written_is_a_sentence(
    action: list[str], ssm: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses(**_: Any) -> None:
        raise refused

    refused: ClientError = refusal("AccessDeniedException")
    monkeypatch.setattr(ssm, "get_parameter", refuses)
    assert line.main(action) == 2
    err = capsys.readouterr().err
    assert "the parameter /cutover/line in us-east-1: An error occurred (AccessDenied" in err


def test_a_right_to_read_alone_stops_nothing(
    ssm: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses(**_: Any) -> None:
        raise refusal("AccessDeniedException")

    monkeypatch.setattr(ssm, "put_parameter", refuses)
    assert line.main(["stop", "why"]) == 2
    assert "AccessDenied" in capsys.readouterr().err
