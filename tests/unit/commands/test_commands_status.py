"""The three-way check at a terminal: 0 all agree, 1 two disagree, 2 could not tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from commands import status, watched_hours
from shared.watch.hours import HOUR, AtDoors
from tests.unit.support.drifts import drifted
from tests.unit.support.fake_cloud import NAME, ZONE, FakeCloud, fake_cloud
from tests.unit.support.fake_doors import always, refusal

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCloud]:
    with fake_cloud() as cloud:
        monkeypatch.setattr(status, "_client", cloud.client)
        yield cloud


@pytest.fixture
def run(
    cloud: FakeCloud,
    context: dict[str, Any],
    declared: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Return a call of the command for cdk.json's service with a dns door, declared at `weight`."""
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
    declared["dns"] = {
        "hosted_zone_id": ZONE,
        "zone_name": "example.com",
        "record_name": NAME,
        "record": "alias",
        "ipv6": True,
    }

    def call(*arguments: str, weight: int = 25) -> tuple[int, str, str]:
        declared["new_weight"] = weight
        file = tmp_path / "declaration.json"
        file.write_text(json.dumps(context["cutover"]), encoding="utf-8")
        code = status.main(["--declaration", str(file), *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def test_all_agree(run: Run) -> None:
    code, out, _ = run()
    assert code == 0
    assert "chatmrpt: New gets 25 %. Declared, deployed and live agree." in out
    for holder in ("the edge function", "the A record", "the AAAA record"):
        (row,) = [line for line in out.splitlines() if holder in line]
        assert row.count("25 %") == 3
        assert "released" in row


def test_git_and_cloudformation_disagree_unless_a_promotion_comes_next(run: Run) -> None:
    code, out, _ = run(weight=50)
    assert code == 1
    assert "disagrees: git declares 50 % for new, but CloudFormation holds 25 %" in out
    code, out, _ = run("--before-promotion", weight=50)
    assert code == 0
    assert "note: git declares 50 % for new and CloudFormation holds 25 %: this promotion" in out


def test_a_door_changed_by_hand_stops_a_promotion(run: Run, cloud: FakeCloud) -> None:
    cloud.front.code = "percent('80')"
    code, out, _ = run("--before-promotion")
    assert code == 1
    assert "disagrees: The edge function sends 80 % to new" in out


def test_no_stack_is_not_told_as_agreement(run: Run, cloud: FakeCloud) -> None:
    cloud.formation.faults = [refusal("ValidationError")]
    code, out, _ = run("--before-promotion")
    assert code == 2
    assert "cannot tell: What CloudFormation holds cannot be read" in out


def test_a_service_that_was_never_deployed_is_one_sentence(run: Run, cloud: FakeCloud) -> None:
    missing = refusal("ValidationError")
    missing.response["Error"]["Message"] = "Stack with id chatmrpt-traffic does not exist"
    missing.args = ("Stack with id chatmrpt-traffic does not exist",)
    cloud.formation.faults = [missing] * 10
    cloud.function.faults = always("ResourceNotFoundException", 404)
    code, out, _ = run()
    assert code == 2
    assert [line for line in out.splitlines() if line.startswith("cannot tell")] == [
        "cannot tell: chatmrpt is not deployed: CloudFormation has no stack chatmrpt-traffic in us-east-1. "
        "Its first deploy is cdk deploy --all, at new_weight 0."
    ]


def test_a_rollback_function_that_is_not_there_is_named(run: Run, cloud: FakeCloud) -> None:
    cloud.function.faults = always("ResourceNotFoundException", 404)
    code, out, _ = run()
    assert code == 2
    assert out.count("the function chatmrpt-rollback does not exist in us-east-1") == 3
    assert out.count("25 %") >= 9


def test_a_rollback_function_without_its_switch_is_named(run: Run, cloud: FakeCloud) -> None:
    del cloud.function.variables["SWITCH_HEALTH_CHECK_ID"]
    code, out, _ = run()
    assert code == 2
    assert "the rollback function has no SWITCH_HEALTH_CHECK_ID" in out


def test_a_thrown_switch_is_told_and_agrees(run: Run, cloud: FakeCloud) -> None:
    cloud.store.items["switch"] = json.dumps(
        {
            "state": "thrown",
            "by": "ada",
            "reason": "broken\x1b[2J",
            "at": "2026-11-24T03:00:00+00:00",
        }
    )
    cloud.switch.disabled = cloud.switch.inverted = True
    code, out, _ = run()
    assert code == 0
    assert "All viewers go to old: the switch is thrown." in out
    assert "THROWN, by ada, 2026-11-24 03:00:00 UTC" in out
    assert "\x1b[2J" not in out


def test_json_holds_all_of_it(run: Run, cloud: FakeCloud) -> None:
    cloud.formation.faults = always("AccessDenied", 403)
    code, out, _ = run("--json")
    (service,) = json.loads(out)
    assert code == 2
    assert service["service"] == "chatmrpt"
    assert service["agrees"] is None
    assert service["declared"] == 25
    assert "AccessDenied" in service["deployed"]["unread"]
    assert [door["door"] for door in service["doors"]] == ["edge", "dns"]
    assert service["doors"][1]["weights"] == {"the A record": 25, "the AAAA record": 25}
    assert service["doors"][0]["switch"] == {"state": "released"}
    assert (service["share"], service["judge"], service["mute"]) == (None, None, None)
    assert [finding["kind"] for finding in service["findings"]] == ["cannot tell"]


def test_json_of_a_service_that_agrees_says_so(run: Run) -> None:
    code, out, _ = run("--json")
    (service,) = json.loads(out)
    assert code == 0
    assert service["agrees"] is True
    assert service["deployed"]["weight"] == 25
    assert datetime.fromisoformat(service["at"]).tzinfo is UTC


def test_without_credentials_it_could_not_tell(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status.boto3.Session, "get_credentials", lambda _: None)
    code, out, err = run()
    assert (code, out) == (2, "")
    assert "no AWS credentials" in err


def test_a_profile_that_is_not_there_is_a_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    code, _, err = run()
    assert code == 2
    assert "nobody" in err


def test_a_service_that_is_not_declared_is_refused(run: Run) -> None:
    code, _, err = run("--service", "chatmrp")
    assert code == 2
    assert "chatmrp is not declared" in err


def test_without_a_file_cdk_json_is_read(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUTOVER_DECLARATION", raising=False)
    cloud.formation.weight = 0
    cloud.front.code = "percent('0')"
    assert status.main(["--service", "chatmrpt"]) == 0
    assert "New gets 0 %." in capsys.readouterr().out


def test_a_record_that_cloudformation_sees_changed_is_a_disagreement(
    run: Run, cloud: FakeCloud
) -> None:
    code, out, _ = run()
    assert code == 0
    assert (
        "note: CloudFormation's own drift detection was not asked: this account's registry" in out
    )
    cloud.formation.drifts = {"DnsNewA": drifted("DnsNewA", "IN_SYNC")}
    code, out, _ = run()
    assert code == 0
    assert "note: CloudFormation's own drift detection finds 1 of 1 records as its template" in out
    cloud.formation.drifts["DnsOldA"] = drifted("DnsOldA", "MODIFIED", Weight=("75", "90"))
    code, out, _ = run()
    assert code == 1
    assert (
        "disagrees: CloudFormation's own drift detection says that the record DnsOldA was " in out
    )


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (3, "for 3 whole hours"),
        (24, "The watch is over: everybody has been on new for 24 whole hours"),
    ],
)
def test_at_100_percent_the_hours_of_the_watch_are_told(
    run: Run, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, hours: int, said: str
) -> None:
    cloud.formation.weight = 100
    cloud.front.code = "percent('100')"
    for kind in ("A", "AAAA"):
        cloud.weigh(kind, 100)
    _, out, _ = run(weight=100)
    assert "The watch: everybody has been on new for 0 whole hours without a rollback, of 24" in out
    asked: list[str] = []

    def looked(_client: Any, service: str, doors: Any, until: datetime, _hours: int) -> AtDoors:
        asked.append(service)
        at = [until - HOUR * back for back in range(1, hours + 1)]
        by_door = {door: dict.fromkeys(at, 100.0) for door in doors}
        return AtDoors(until, by_door, {door: dict.fromkeys(at, 0.0) for door in doors})

    monkeypatch.setattr(watched_hours, "look_at_doors", looked)
    code, out, _ = run(weight=100)
    assert code == 0
    assert said in out
    assert asked == ["chatmrpt"]
    assert "Nobody is told when old is scaled in: declare rollback.old_targets." in out


def test_below_100_percent_nothing_is_said_of_a_watch(run: Run) -> None:
    _, out, _ = run()
    assert "The watch" not in out


def test_a_stopped_line_is_shown_and_is_no_disagreement(run: Run, cloud: FakeCloud) -> None:
    cloud.line.stop()
    code, out, _ = run()
    assert code == 0
    assert "line          the line is stopped by grace since" in out
    assert "note: The line is stopped by grace" in out
    assert json.loads(run("--json")[1])[0]["line"]["by"] == "grace"
    cloud.line.faults = always("AccessDeniedException")
    code, out, _ = run()
    assert code == 0
    assert "note: Whether the line is stopped cannot be read here" in out


def test_what_is_reserved_on_new_is_a_note_where_capacity_is_declared(
    run: Run, declared: dict[str, Any]
) -> None:
    assert "reserved" not in run()[1]
    declared.setdefault("promotion", {})["capacity"] = {}
    code, out, _ = run()
    assert code == 0
    assert "note: What is reserved on new cannot be read: " in out
