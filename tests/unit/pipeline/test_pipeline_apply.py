"""An apply: exactly the reviewed change set, or a sentence and nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from commands import apply as apply_command
from commands import plan as plan_command
from commands.pipeline import fleet, plan_file
from commands.pipeline.fleet import Undertaking
from cutover.declaration.fleet import Fleet
from cutover.declaration.reading.context import read_context
from tests.unit.support.fake_doors import always
from tests.unit.support.fake_formation import refused, traffic
from tests.unit.support.pipeline_desk import Desk
from tests.unit.support.several import several
from tests.unit.support.statuses import deployed, edge, standing


@pytest.fixture
def planned(desk: Desk) -> Desk:
    """25 % is planned, and nothing is executed."""
    assert desk.plan(25) == 0
    return desk


def error(capsys: pytest.CaptureFixture[str]) -> str:
    return " ".join(capsys.readouterr().err.split())


def test_the_reviewed_change_set_is_executed_and_its_events_are_shown(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    planned.formation.on_the_way = [
        {"logical_id": "Gate", "status": "UPDATE_IN_PROGRESS"},
        {"logical_id": "Gate", "status": "UPDATE_COMPLETE"},
    ]
    assert planned.apply() == 0
    out = capsys.readouterr().out
    (stack,) = plan_file.read(planned.plan_file).services[0].stacks
    assert planned.formation.executed == [stack.change_set]
    assert planned.formation.stacks["chatmrpt-traffic"]["template"] == traffic(25)
    told = [line for line in out.splitlines() if line[2:3] == ":"]
    assert [line.split(" ", 1)[1] for line in told] == [
        "UPDATE_IN_PROGRESS AWS::CloudFormation::Stack chatmrpt-traffic",
        "UPDATE_IN_PROGRESS Custom::X Gate",
        "UPDATE_COMPLETE Custom::X Gate",
        "UPDATE_COMPLETE AWS::CloudFormation::Stack chatmrpt-traffic",
    ]
    assert planned.locks() == []


def test_somebody_who_deployed_in_between_is_not_undone(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    planned.formation.deploy("chatmrpt-traffic", traffic(50))
    planned.live(50)
    assert planned.apply() == 1
    assert "somebody else deployed at 2026-11-24 03:12:41 UTC" in error(capsys)
    assert planned.formation.executed == []
    assert planned.locks() == []


def test_there_and_back_again_counts_as_a_deploy_in_between(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = planned.formation.sets[:]
    planned.formation.deploy("chatmrpt-traffic", traffic(10))
    planned.formation.sets = kept
    assert planned.apply() == 1
    assert "somebody else deployed" in error(capsys)


def test_a_later_plan_takes_the_place_of_the_earlier(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    early = planned.plan_file.read_text()
    assert planned.plan(25) == 0
    late = planned.plan_file.read_text()
    planned.plan_file.write_text(early)
    assert planned.apply() == 1
    assert "is not there any more: somebody planned or deployed after it" in error(capsys)
    planned.plan_file.write_text(late)
    assert planned.apply() == 0


@pytest.mark.parametrize(
    "meddle",
    [
        lambda one: one.update(template=traffic(90)),
        lambda one: one.update(Parameters=[{"ParameterKey": "X", "ParameterValue": "2"}]),
        lambda one: one["Changes"].pop(),
        lambda one: one["Changes"][0]["ResourceChange"].update(Replacement="True"),
        lambda one: one["Changes"][1]["ResourceChange"]["Details"].pop(),
        lambda one: one.update(Capabilities=["CAPABILITY_IAM"]),
        lambda one: one.update(Tags=[{"Key": "a", "Value": "b"}]),
        lambda one: one.update(OnStackFailure="DO_NOTHING"),
    ],
)
def test_a_change_set_that_is_not_what_was_reviewed_is_not_executed(
    planned: Desk, meddle: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    meddle(planned.formation.sets[0])
    assert planned.apply() == 1
    assert "the change set is not what was reviewed" in error(capsys)
    assert planned.formation.executed == []


def test_the_order_of_aws_s_answer_does_not_matter(planned: Desk) -> None:
    (one,) = planned.formation.sets
    one["Changes"].reverse()
    one["Changes"][0]["ResourceChange"]["Details"].reverse()
    one["template"] = dict(reversed(one["template"]["Resources"].items()))
    one["template"] = {"Resources": one["template"]}
    assert planned.apply() == 0


def test_a_plan_file_that_was_changed_is_refused(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    held = json.loads(planned.plan_file.read_text())
    held["services"][0]["stacks"][0]["fingerprint"] = "0" * 64
    planned.plan_file.write_text(json.dumps(held))
    assert planned.apply() == 1
    assert "was changed after the plan was made" in error(capsys)


def test_another_plan_than_the_approved_one_is_refused(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert planned.apply("--id", "0" * 64) == 1
    assert "was approved. Nothing was executed" in error(capsys)
    id_ = plan_file.read(planned.plan_file).id
    assert planned.apply("--id", id_[:8]) == 1  # too short to be sure
    assert planned.apply("--id", id_) == 0


def test_a_stale_plan_is_refused(
    planned: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + timedelta(hours=25)

    monkeypatch.setattr(apply_command, "datetime", Later)
    assert planned.apply() == 1
    assert "was valid until" in error(capsys)
    assert planned.formation.executed == []


def test_another_weight_declared_than_planned_is_refused(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    planned.declare(50)
    assert planned.apply() == 1
    assert "made for new_weight 25, and 50 is declared here" in error(capsys)


def test_a_service_that_is_not_declared_here_is_refused(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    file = planned.folder / "declaration.json"
    file.write_text(file.read_text().replace('"chatmrpt"', '"other"', 1))
    assert planned.apply() == 1
    assert "chatmrpt is in the plan, but not declared here" in error(capsys)


def test_a_door_changed_by_hand_since_the_review_is_refused(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    planned.cloud.weigh("A", 90)
    assert planned.apply() == 1
    assert "The A record sends 90 % to new" in error(capsys)
    assert planned.formation.executed == []
    assert planned.locks() == []


def test_a_door_that_cannot_be_read_is_not_taken_for_agreement(planned: Desk) -> None:
    planned.cloud.switch.gone = True
    assert planned.apply() == 2
    assert planned.formation.executed == []


def test_what_cloudformation_puts_back_is_told_with_its_reason(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    planned.formation.ends = "UPDATE_ROLLBACK_COMPLETE"
    planned.formation.on_the_way = [
        {"logical_id": "Gate", "status": "UPDATE_FAILED", "reason": "not ready: /ping answers 503"},
        {"logical_id": "Bake", "status": "UPDATE_FAILED", "reason": "Resource update cancelled"},
        {"logical_id": "chatmrpt-traffic", "status": "UPDATE_ROLLBACK_IN_PROGRESS"},
    ]
    assert planned.apply() == 1
    said = error(capsys)
    assert "ended as UPDATE_ROLLBACK_COMPLETE. Every weight is as it was before" in said
    assert "Gate: not ready: /ping answers 503" in said
    assert "Bake: Resource update cancelled" not in said
    # The same plan once more: it was executed, and is not executed again.
    assert planned.apply() == 1
    assert "was executed and failed" in error(capsys)
    assert len(planned.formation.executed) == 1


def test_an_apply_whose_credentials_run_out_is_gone_on_with(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    def expired() -> None:
        if planned.formation.executed:
            raise refused("ExpiredTokenException", "expired")

    planned.formation.reads_events = expired
    assert planned.apply() == 3
    assert "the credentials have run out. CloudFormation goes on without us" in error(capsys)
    assert planned.locks() == ["cutover-locks/chatmrpt.json"]
    planned.formation.reads_events = lambda: None
    assert planned.apply() == 0
    assert "is being executed already; following it" in capsys.readouterr().out
    assert len(planned.formation.executed) == 1
    assert planned.locks() == []


def test_an_apply_that_was_done_is_not_done_again(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert planned.apply() == 0
    planned.live(25)
    assert planned.apply() == 0
    assert "has been executed already" in capsys.readouterr().out
    assert len(planned.formation.executed) == 1


def test_several_stacks_go_in_order_and_the_second_waits_for_the_first(desk: Desk) -> None:
    assert desk.plan(25, safety={"Resources": {}}) == 0
    assert desk.apply() == 0
    assert [arn.rsplit("/", 1)[1] for arn in desk.formation.executed] == ["1", "2"]


def test_where_the_second_stack_cannot_go_the_first_does_not_go_either(desk: Desk) -> None:
    assert desk.plan(25, safety={"Resources": {}}) == 0
    desk.formation.deploy("chatmrpt-traffic", traffic(50))
    assert desk.apply() == 1
    assert desk.formation.executed == []


def test_the_second_stack_does_not_follow_a_first_that_failed(desk: Desk) -> None:
    assert desk.plan(25, safety={"Resources": {}}) == 0
    desk.formation.ends = "UPDATE_ROLLBACK_COMPLETE"
    assert desk.apply() == 1
    assert len(desk.formation.executed) == 1


def test_another_s_apply_is_waited_for_until_its_lock_falls(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    other = planned.folder / "other.json"
    other.write_text(planned.plan_file.read_text())
    lock = {"by": "ada\x1b[2J", "plan": "another", "since": "now"}
    s3 = planned.client("s3", "us-east-1")
    bucket = plan_file.read(planned.plan_file).services[0].bucket
    for until, code in ((timedelta(hours=1), 1), (timedelta(seconds=-1), 0)):
        held = lock | {"until": (datetime.now(UTC) + until).isoformat()}
        s3.put_object(Bucket=bucket, Key="cutover-locks/chatmrpt.json", Body=json.dumps(held))
        assert planned.apply() == code
        if code:
            said = error(capsys)
            assert "applies the plan another" in said
            assert "\x1b" not in said
            assert planned.formation.executed == []


def test_a_bucket_that_is_not_there_is_a_sentence(
    planned: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    s3 = planned.client("s3", "us-east-1")
    s3.delete_bucket(Bucket=plan_file.read(planned.plan_file).services[0].bucket)
    assert planned.apply() == 2
    assert "the lock in cdk-hnb659fds-assets" in error(capsys)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "cutover-plan/1"}', "[" * 99999])
def test_what_is_no_plan_is_a_sentence(
    desk: Desk, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.declare(25)
    desk.plan_file.write_text(text)
    assert desk.apply() == 2
    assert "Make it with cutover plan" in error(capsys)
    desk.plan_file.unlink()
    assert desk.apply() == 2


def test_a_rise_is_not_begun_while_the_line_is_stopped(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.cloud.line.stop()
    assert desk.plan(25) == 0
    assert "The line is stopped by grace" in capsys.readouterr().out
    assert desk.apply() == 1
    assert "chatmrpt: The line is stopped by grace since" in capsys.readouterr().err
    assert desk.formation.executed == []


def test_a_fall_is_applied_though_the_line_is_stopped_or_cannot_be_read(desk: Desk) -> None:
    desk.cloud.line.stop()
    desk.plan(5)
    assert desk.apply() == 0
    desk.cloud.line.faults = always("AccessDeniedException")
    desk.live(5)
    desk.plan(1)
    assert desk.apply() == 0


def test_whose_turn_it_is_is_looked_at_again_when_the_plan_is_applied(
    planned: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    context = {"cutover": several(planned.context, "chatmrpt", "shop", chatmrpt=25)}
    del context["cutover"]["shop"]["dns"]
    undertaking = Undertaking(Fleet(waves=(("shop",), ("chatmrpt",))), tuple(read_context(context)))
    monkeypatch.setattr(apply_command, "declared_undertaking", lambda _: undertaking)
    planned.formation.stacks["shop-traffic"] = planned.formation.stacks["chatmrpt-traffic"]
    seen = standing(deployed=deployed(50), doors=(edge(50),))
    monkeypatch.setattr(fleet, "looked_at", lambda *_: (seen, []))
    assert planned.apply() == 1
    err = error(capsys)
    assert "chatmrpt must wait: wave 2 rises when the earlier have finished: shop (50 %)." in err
    assert "Nothing was executed. Plan again" in err
    assert (planned.formation.executed, planned.locks()) == ([], [])
    done = standing(deployed=deployed(100), doors=(edge(100),))
    monkeypatch.setattr(fleet, "looked_at", lambda *_: (done, []))
    assert planned.apply() == 0


def test_a_group_may_not_join_out_of_turn_at_the_weight_that_there_is(
    planned: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    context = {"cutover": several(planned.context, "chatmrpt", "shop", chatmrpt=10)}
    del context["cutover"]["shop"]["dns"]
    undertaking = Undertaking(Fleet(waves=(("shop",), ("chatmrpt",))), tuple(read_context(context)))
    monkeypatch.setattr(plan_command, "declared_undertaking", lambda _: undertaking)
    planned.formation.stacks["shop-traffic"] = planned.formation.stacks["chatmrpt-traffic"]
    monkeypatch.setattr(
        fleet, "looked_at", lambda *_: (standing(deployed=deployed(50), doors=(edge(50),)), [])
    )
    staff = {"Name": "staff", "FromWeight": 1, "By": "network", "Values": ["192.0.2.0/24"]}
    planned.prepared.clear()
    assert planned.plan(10, groups=[staff]) == 1
    assert "chatmrpt must wait: wave 2 rises when the earlier have finished: shop" in error(capsys)
    assert planned.prepared == []
    # What takes nobody to new is nobody's turn.
    assert planned.plan(10) == 0
