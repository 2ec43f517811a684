"""The chats that are declared: what they hear, and that they may roll back and do nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cutover.chat import LONGEST_COMMAND, roll_back_command
from cutover.declaration.notify import Slack, Teams, chat_of
from cutover.naming import Names
from cutover.paths import CDK_JSON
from tests.template.cfn_lint import cfn_lint
from tests.template.templates import Templates, resources

TENANT, TEAM = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-aaaaaaaaaaaa"
CHANNEL = "19%3ab6ef35dc342d56ba5654e6fc6d25a071%40thread.tacv2"
NOTIFY = ["ada@example.com", "slack:T07EA123LEP/C07EZ1ABC23", f"teams:{TENANT}/{TEAM}/{CHANNEL}"]


@pytest.fixture(scope="module")
def folder(assembly: Callable[..., Path]) -> Path:
    declared = json.loads(CDK_JSON.read_text(encoding="utf-8"))["context"]["cutover"]
    declared["chatmrpt"]["notify"] = NOTIFY
    return assembly(cutover=declared)


@pytest.fixture(scope="module")
def safety(folder: Path) -> dict[str, Any]:
    text = (folder / "chatmrpt-safety.template.json").read_text(encoding="utf-8")
    template: dict[str, Any] = json.loads(text)
    return template


def test_both_chats_hear_the_chat_s_topic_and_the_alarms_and_mail_does_not_hear_it(
    safety: dict[str, Any],
) -> None:
    (slack,) = resources(safety, "AWS::Chatbot::SlackChannelConfiguration").values()
    (teams,) = resources(safety, "AWS::Chatbot::MicrosoftTeamsChannelConfiguration").values()
    assert (slack["SlackWorkspaceId"], slack["SlackChannelId"]) == ("T07EA123LEP", "C07EZ1ABC23")
    assert (teams["TeamsTenantId"], teams["TeamId"], teams["TeamsChannelId"]) == (
        TENANT,
        TEAM,
        CHANNEL,
    )
    names = {i: t["TopicName"] for i, t in resources(safety, "AWS::SNS::Topic").items()}
    for channel in (slack, teams):
        heard = [names[topic["Ref"]] for topic in channel["SnsTopicArns"]]
        assert heard == ["chatmrpt-chat", "chatmrpt-alarms"]
    mailed = resources(safety, "AWS::SNS::Subscription").values()
    assert {names[one["TopicArn"]["Ref"]] for one in mailed if one["Protocol"] == "email"} == {
        "chatmrpt-announcements",
        "chatmrpt-alarms",
    }


def test_a_chat_may_roll_back_and_nothing_else(safety: dict[str, Any]) -> None:
    ((guardrail_id, guardrail),) = resources(safety, "AWS::IAM::ManagedPolicy").items()
    (statement,) = guardrail["PolicyDocument"]["Statement"]
    assert statement["Action"] == "lambda:InvokeFunction"
    assert str(statement["Resource"]).endswith("':roll_back']]}")
    ((role_id, role),) = (
        (i, r)
        for i, r in resources(safety, "AWS::IAM::Role").items()
        if "chatbot.amazonaws.com" in str(r["AssumeRolePolicyDocument"])
    )
    assert role["ManagedPolicyArns"] == [{"Ref": guardrail_id}]
    attached = [
        p for p in resources(safety, "AWS::IAM::Policy").values() if role_id in str(p["Roles"])
    ]
    assert attached == []
    for kind in ("SlackChannelConfiguration", "MicrosoftTeamsChannelConfiguration"):
        (channel,) = resources(safety, f"AWS::Chatbot::{kind}").values()
        assert channel["GuardrailPolicies"] == [{"Ref": guardrail_id}]
        assert channel["IamRoleArn"] == {"Fn::GetAtt": [role_id, "Arn"]}
        assert len(channel["CustomizationResourceArns"]) == 1


def test_a_button_rolls_back_by_the_alias_that_takes_no_payload(safety: dict[str, Any]) -> None:
    (button,) = resources(safety, "AWS::Chatbot::CustomAction").values()
    assert button["Definition"]["CommandText"] == (
        "lambda invoke --function-name chatmrpt-rollback:roll_back --region us-east-1"
    )
    assert button["Attachments"][0]["ButtonText"] == "Roll back now"
    assert len(roll_back_command(Names("a" * 31))) <= LONGEST_COMMAND


def test_those_who_announce_may_tell_the_chats(safety: dict[str, Any]) -> None:
    told = [
        function["FunctionName"]
        for function in resources(safety, "AWS::Lambda::Function").values()
        if "CHAT_TOPIC_ARN" in function.get("Environment", {}).get("Variables", {})
    ]
    assert sorted(told) == ["chatmrpt-gate", "chatmrpt-rollback"]


def test_cfn_lint_has_nothing_to_say(safety: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "safety.json").write_text(json.dumps(safety), encoding="utf-8")
    assert cfn_lint(tmp_path) == []


def test_without_a_chat_there_is_nothing_of_it(chatmrpt: Templates) -> None:
    text = json.dumps(chatmrpt["chatmrpt-safety"])
    assert "Chatbot" not in text
    assert "CHAT_TOPIC_ARN" not in text


def test_a_channel_is_read_or_refused() -> None:
    assert chat_of(NOTIFY[0]) is None
    assert chat_of(NOTIFY[1]) == Slack("T07EA123LEP", "C07EZ1ABC23")
    assert chat_of(NOTIFY[2]) == Teams(TENANT, TEAM, CHANNEL)
    for wrong in ("slack:T07/", "slack:t07/C07", f"teams:{TENANT}/{TEAM}", "slack:T/C/D"):
        assert chat_of(wrong) is None
