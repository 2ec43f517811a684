"""A role with a statement of the runbook can do what it says, and nothing else."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cutover.functions.rollback import ALIASES
from cutover.paths import ROOT
from rollback.call import ALIASES as TAKEN
from tests.template.templates import Templates, resources

ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:chatmrpt-rollback"
OTHERS = (
    FUNCTION,
    f"{FUNCTION}:$LATEST",
    f"{FUNCTION}:1",
    f"{FUNCTION}-2:release",
    f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:shop-rollback:release",
    f"arn:aws:lambda:us-east-2:{ACCOUNT}:function:chatmrpt-rollback:release",
)


def statements() -> Iterator[dict[str, Any]]:
    """Yield each IAM statement of the runbook, for chatmrpt."""
    runbook = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    section = runbook.split("## Who may do what")[1].split("\n## ")[0]
    for block in re.findall(r"^    \{.*?\}$", section, re.DOTALL | re.MULTILINE):
        yield json.loads(
            block.replace("ACCOUNT", ACCOUNT).replace("S-rollback", "chatmrpt-rollback")
        )


def allows(statement: dict[str, Any], action: str, resource: str) -> bool:
    """Evaluate it as IAM does (IAM User Guide, reference_policies_elements_resource)."""
    assert statement.keys() == {"Sid", "Effect", "Action", "Resource"}

    def fits(pattern: str, text: str) -> bool:
        # IAM knows * and ?, and no [ ].
        return fnmatch.fnmatchcase(text, pattern.replace("[", "[[]"))

    return (
        statement["Effect"] == "Allow"
        and fits(statement["Action"].lower(), action.lower())
        and fits(statement["Resource"], resource)
    )


def test_the_runbook_has_a_statement_for_each_alias_that_is_deployed(chatmrpt: Templates) -> None:
    deployed = {
        alias["Name"]: alias["FunctionVersion"]
        for alias in resources(chatmrpt["chatmrpt-safety"], "AWS::Lambda::Alias").values()
    }
    assert deployed == dict.fromkeys(ALIASES, "$LATEST")
    granted = [statement["Resource"].rpartition(":")[2] for statement in statements()]
    assert sorted(granted) == sorted(ALIASES) == sorted(TAKEN)


@pytest.mark.parametrize("statement", list(statements()), ids=lambda statement: statement["Sid"])
def test_a_statement_of_the_runbook_allows_one_alias_and_nothing_else(
    statement: dict[str, Any],
) -> None:
    may = [
        arn
        for arn in (*(f"{FUNCTION}:{alias}" for alias in ALIASES), *OTHERS)
        if allows(statement, "lambda:InvokeFunction", arn)
    ]
    assert may == [statement["Resource"]]
    for action in ("lambda:UpdateAlias", "lambda:UpdateFunctionCode", "lambda:AddPermission"):
        assert not allows(statement, action, statement["Resource"])


def test_what_the_runbook_warns_of_is_true() -> None:
    everything = next(statements()) | {"Resource": f"{FUNCTION}:*"}
    assert all(
        allows(everything, "lambda:InvokeFunction", f"{FUNCTION}:{alias}") for alias in ALIASES
    )
    assert not allows(everything, "lambda:InvokeFunction", FUNCTION)


def test_alarms_and_sns_call_the_function_without_an_alias(chatmrpt: Templates) -> None:
    safety = chatmrpt["chatmrpt-safety"]
    (function,) = [
        logical_id
        for logical_id, found in resources(safety, "AWS::Lambda::Function").items()
        if found.get("FunctionName") == "chatmrpt-rollback"
    ]
    to_it = [
        permission
        for permission in resources(safety, "AWS::Lambda::Permission").values()
        if permission["FunctionName"] == {"Fn::GetAtt": [function, "Arn"]}
    ]
    assert len(to_it) == 3
    asynchronous = resources(safety, "AWS::Lambda::EventInvokeConfig").values()
    assert [config["Qualifier"] for config in asynchronous] == ["$LATEST"]
    subscribed = [
        subscription["Endpoint"]
        for subscription in resources(safety, "AWS::SNS::Subscription").values()
        if subscription["Protocol"] == "lambda"
    ]
    assert subscribed == [{"Fn::GetAtt": [function, "Arn"]}]
