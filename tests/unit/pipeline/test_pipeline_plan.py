"""A plan: change sets that were prepared and read back, or a sentence and nothing left behind."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from commands import plan as plan_command
from commands.__main__ import main as cutover
from commands.pipeline import measured, plan_file, planning, stock_cdk
from commands.pipeline.errors import CouldNotTellError
from commands.pipeline.room import Found, Room
from tests.unit.support.calls_made import CallsMade
from tests.unit.support.fake_formation import traffic
from tests.unit.support.pipeline_desk import BUCKET, Desk


def test_a_weight_is_planned_as_one_change_set_of_the_traffic_stack(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.plan(25) == 0
    out = capsys.readouterr().out
    assert desk.prepared == ["chatmrpt-traffic"]
    assert "chatmrpt: new 10 % -> 25 %, step 4 of 6" in out
    plan = plan_file.read(desk.plan_file)
    (service,) = plan.services
    (stack,) = service.stacks
    assert stack.change_set == desk.formation.sets[0]["ChangeSetId"]
    assert desk.formation.sets[0]["ChangeSetName"] == "cutover-c0ffeec0ffee"
    assert (service.declared, service.bucket, plan.commit[:6]) == (25, BUCKET, "c0ffee")
    assert desk.formation.executed == []


def test_several_stacks_are_planned_in_the_order_of_their_deploy(desk: Desk) -> None:
    assert desk.plan(25, safety={"Resources": {"Rollback": {"Type": "AWS::SNS::Topic"}}}) == 0
    (service,) = plan_file.read(desk.plan_file).services
    assert [stack.stack for stack in service.stacks] == ["chatmrpt-safety", "chatmrpt-traffic"]


def test_where_nothing_changes_cdk_is_not_asked_and_the_plan_is_empty(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert desk.plan(10) == 0
    assert desk.prepared == []
    assert "Nothing changes" in capsys.readouterr().out
    assert plan_file.read(desk.plan_file).services == ()
    assert desk.apply() == 0


def test_the_next_job_is_told_the_id_and_whether_anything_changes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(desk.folder / "output"))
    desk.plan(25)
    desk.plan(10)
    told = (desk.folder / "output").read_text().splitlines()
    assert told[1::2] == ["changes=true", "changes=false"]
    assert told[2] == f"id={plan_file.read(desk.plan_file).id}"


def test_a_door_changed_by_hand_is_not_planned_over(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.cloud.front.code = "percent('80')"
    assert desk.plan(25) == 1
    assert "The edge function sends 80 % to new" in capsys.readouterr().err
    assert (desk.prepared, desk.plan_file.exists()) == ([], False)


def test_a_deploy_under_way_is_waited_for(desk: Desk) -> None:
    desk.formation.stacks["chatmrpt-traffic"]["status"] = "UPDATE_IN_PROGRESS"
    assert desk.plan(25) == 2
    assert desk.prepared == []


def test_a_stack_that_was_never_deployed_is_said_to_be_the_first_deploy_s(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    del desk.formation.stacks["chatmrpt-safety"]
    assert desk.plan(25) == 1
    assert "does not exist in us-east-1. The first deploy is cdk deploy" in capsys.readouterr().err


def test_a_service_that_was_never_deployed_is_refused_in_one_sentence(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.formation.stacks.clear()
    assert desk.plan(25) == 1
    assert capsys.readouterr().err == (
        "error: chatmrpt is not deployed: CloudFormation has no stack chatmrpt-traffic in us-east-1. Its "
        "first deploy is cdk deploy --all, at new_weight 0.\n"
    )


def test_a_plan_says_how_it_is_reviewed_and_applied_and_that_works_as_printed(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.plan(25) == 0
    # What it prints is about the declaration of this folder.
    monkeypatch.setenv("CUTOVER_DECLARATION", str(desk.folder / "declaration.json"))
    review, apply = re.findall(r": (cutover .*)", capsys.readouterr().out)
    assert run_as_printed(review) == 0
    (again,) = re.findall(r"by: (cutover .*)</sub>", capsys.readouterr().out)
    # Markdown shows \\_ as _.
    assert again.replace("\\", "") == apply
    assert run_as_printed(apply) == 0
    assert desk.formation.executed


def run_as_printed(command: str) -> int:
    name, *words = shlex.split(command)
    assert name == "cutover"
    return cutover(words)


def test_a_plan_and_its_apply_tell_the_readiness_that_the_comment_tells(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = desk.folder / "report.json"
    at = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    report.write_text(json.dumps({"service": "chatmrpt", "verdict": "PASS", "started": at}))
    monkeypatch.setattr(measured, "REPORT", report)
    assert desk.plan(25) == 0
    assert "readiness 3 h old: ready\n" in capsys.readouterr().out
    assert desk.apply() == 0
    assert "readiness 3 h old: ready\n" in capsys.readouterr().out


def test_a_change_set_of_another_template_is_not_planned_and_not_left_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def meddled(stack: str, change_set: str, app: Path) -> None:
        desk.formation.prepare(stack, change_set, traffic(90))

    monkeypatch.setattr(stock_cdk, "prepare", meddled)
    assert desk.plan(25) == 1
    assert "holds another template" in capsys.readouterr().err
    assert desk.formation.sets == []


def test_where_a_later_stack_cannot_be_prepared_the_earlier_change_set_is_deleted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails_at_traffic(stack: str, change_set: str, app: Path) -> None:
        if stack.endswith("traffic"):
            raise CouldNotTellError("cdk deploy failed:", "no bucket")
        desk.prepare(stack, change_set, app)

    monkeypatch.setattr(stock_cdk, "prepare", fails_at_traffic)
    safety: dict[str, Any] = {"Resources": {}}
    assert desk.plan(25, safety=safety) == 2
    assert "error: no bucket" in capsys.readouterr().err
    assert desk.prepared == ["chatmrpt-safety"]
    assert desk.formation.sets == []


def test_a_change_that_cloudformation_does_not_see_leaves_no_change_set(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sees_nothing(stack: str, change_set: str, app: Path) -> None:
        desk.formation.prepare(stack, change_set, traffic(10))

    monkeypatch.setattr(stock_cdk, "prepare", sees_nothing)
    assert desk.plan(25) == 0
    assert desk.formation.sets == []
    assert plan_file.read(desk.plan_file).services == ()


@pytest.mark.parametrize("hours", ["0", "-1", "nan", "inf", "1e9", "400", "a day"])
def test_a_plan_is_not_valid_for_no_time_or_for_ever(
    desk: Desk, hours: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        desk.plan(25, f"--hours={hours}")
    assert "It must be: a number above 0, up to 336" in capsys.readouterr().err
    assert not desk.plan_file.exists()


def test_an_assembly_that_is_none_is_a_sentence(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    file = desk.declare(25)
    from commands import plan

    for told in ("", "{", "[]", '{"artifacts": {"a": {"type": "aws:cloudformation:stack"}}}'):
        folder = desk.folder / "wrong"
        folder.mkdir(exist_ok=True)
        (folder / "manifest.json").write_text(told)
        assert plan.main(["--declaration", str(file), "--app", str(folder)]) == 2
        assert "make it anew with cdk synth" in capsys.readouterr().err
    assert plan.main(["--declaration", str(file), "--app", str(desk.folder / "none")]) == 2
    assert "holds no assembly" in capsys.readouterr().err


def test_without_credentials_nothing_is_planned(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import boto3

    monkeypatch.setattr(boto3.Session, "get_credentials", lambda _: None)
    assert desk.plan(25) == 2
    assert "no AWS credentials" in capsys.readouterr().err


def test_the_plan_file_reads_as_it_was_written(desk: Desk) -> None:
    desk.plan(25)
    plan = plan_file.read(desk.plan_file)
    assert plan_file.read(desk.plan_file) == plan
    assert json.loads(desk.plan_file.read_text())["id"] == plan.id


def test_a_weight_that_was_only_tried_is_not_planned(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    from commands import plan

    desk.synthesise(25)
    file = desk.declare(10)
    told = ["--declaration", str(file), "--app", str(desk.folder / "cdk.out")]
    assert plan.main([*told, "--output", str(desk.plan_file)]) == 1
    assert "the assembly holds 25 % for new, and" in capsys.readouterr().err
    assert desk.formation.sets == []


def test_what_the_account_has_no_room_for_is_refused_before_anything_is_prepared(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [Found(Room.BEYOND, "IAM roles: 3 too many.")]
    monkeypatch.setattr(planning, "room_for", lambda *_: found)
    assert desk.plan(25) == 1
    assert "IAM roles: 3 too many." in capsys.readouterr().err
    assert (desk.prepared, desk.plan_file.exists()) == ([], False)
    found[:] = [Found(Room.UNKNOWN, "IAM roles: NOT MEASURED."), Found(Room.ENOUGH, "room for it")]
    assert desk.plan(25) == 0
    out = capsys.readouterr().out
    assert "IAM roles: NOT MEASURED." in out
    assert "room for it" not in out


def test_a_change_of_a_weight_asks_for_no_quota(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = CallsMade(desk.client)
    monkeypatch.setattr(plan_command, "_client", made)
    assert desk.plan(25) == 0
    assert not {action for action in made.actions if "quotas" in action or "iam" in action}


def test_a_rise_tells_the_capacity_that_it_reserves_where_that_is_declared(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.plan(25)
    assert "capacity:" not in capsys.readouterr().out
    desk.context["cutover"]["chatmrpt"].setdefault("promotion", {})["capacity"] = {}
    assert desk.plan(25) == 0
    assert "  capacity: what 25 % needs is NOT KNOWN" in capsys.readouterr().out
    assert desk.plan(5) == 0
    assert "capacity:" not in capsys.readouterr().out
