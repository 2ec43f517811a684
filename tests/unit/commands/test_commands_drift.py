"""CloudFormation's own drift detection, in the shapes that its API has."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from commands.drift import RECORD, drift
from shared.status.finding import Finding, Kind
from tests.unit.support.drifts import drifted
from tests.unit.support.statuses import DENIED, deployed, standing

STACK = "chatmrpt-traffic"
ASKED = {"Type": "RESOURCE", "TypeName": RECORD}
OFFERED = {"ProvisioningType": "FULLY_MUTABLE"}


class Asked:
    """A client whose answers are checked against the API's own model."""

    def __init__(self) -> None:
        self.client: Any = boto3.client(
            "cloudformation", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        self.stub = Stubber(self.client)

    def lists(self, *logical_ids: str, token: str = "", after: str = "") -> None:
        summaries = [
            {
                "LogicalResourceId": each,
                "ResourceType": "AWS::Lambda::Function" if each == "Function" else RECORD,
                "LastUpdatedTimestamp": "2026-11-24T00:00:00Z",
                "ResourceStatus": "UPDATE_COMPLETE",
            }
            for each in logical_ids
        ]
        self.stub.add_response(
            "list_stack_resources",
            {"StackResourceSummaries": summaries} | ({"NextToken": token} if token else {}),
            {"StackName": STACK} | ({"NextToken": after} if after else {}),
        )

    def answers(self, resource: dict[str, Any]) -> None:
        self.stub.add_response(
            "detect_stack_resource_drift",
            {"StackResourceDrift": resource},
            {"StackName": STACK, "LogicalResourceId": resource["LogicalResourceId"]},
        )

    def found(self, **changed: Any) -> list[Finding]:
        with self.stub:
            found = drift(self.client, STACK, standing(**changed))
            self.stub.assert_no_pending_responses()
        return found


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_every_record_of_every_page_is_asked_about_and_nothing_else(asked: Asked) -> None:
    asked.stub.add_response("describe_type", OFFERED, ASKED)
    asked.lists("NewA", "Function", token="more")
    asked.lists("OldA", after="more")
    asked.answers(drifted("NewA", "IN_SYNC"))
    asked.answers(drifted("OldA", "MODIFIED", Weight=("75", "90"), HealthCheckId=("abc", "null")))
    changed, alike = asked.found()
    assert changed.kind is Kind.DISAGREES
    assert (
        "the record OldA was changed: /Weight is 90, and the template says 75; /HealthCheckId"
        in (changed.says)
    )
    assert alike.kind is Kind.NOTE
    assert "finds 1 of 2 records as its template says" in alike.says


def test_a_record_that_is_gone_is_a_disagreement_and_one_not_checked_is_a_note(
    asked: Asked,
) -> None:
    asked.stub.add_response("describe_type", OFFERED, ASKED)
    asked.lists("NewA", "OldA")
    asked.answers(drifted("NewA", "DELETED"))
    asked.answers(drifted("OldA", "UNKNOWN") | {"DriftStatusReason": "you may not\x1b[31m read it"})
    gone, unknown = asked.found()
    assert gone.kind is Kind.DISAGREES
    assert "the record NewA is gone" in gone.says
    assert unknown.kind is Kind.NOTE
    assert "could not tell whether the record OldA drifted: you may not" in unknown.says


@pytest.mark.parametrize("type_", ["NON_PROVISIONABLE", "IMMUTABLE"])
def test_an_account_that_does_not_offer_it_is_a_note(asked: Asked, type_: str) -> None:
    asked.stub.add_response("describe_type", {"ProvisioningType": type_}, ASKED)
    (note,) = asked.found()
    assert note.kind is Kind.NOTE
    assert "was not asked: this account's registry has no read handler" in note.says


@pytest.mark.parametrize("code", ["AccessDenied", "InvalidAction", "TypeNotFoundException"])
def test_what_is_refused_is_a_note_and_hides_nothing(asked: Asked, code: str) -> None:
    asked.stub.add_client_error("describe_type", code, "no", http_status_code=400)
    (note,) = asked.found()
    assert note.kind is Kind.NOTE
    assert "The records themselves were read." in note.says


def test_nobody_is_asked_while_a_deploy_moves_the_records_or_when_it_is_not_known(
    asked: Asked,
) -> None:
    assert asked.found(deployed=deployed(status="UPDATE_IN_PROGRESS")) == []
    assert asked.found(deployed=DENIED) == []


@given(expected=st.text(), actual=st.text(), path=st.text())
def test_whatever_a_property_holds_a_finding_is_one_printable_line(
    expected: str, actual: str, path: str
) -> None:
    asked = Asked()
    asked.stub.add_response("describe_type", OFFERED, ASKED)
    asked.lists("NewA")
    asked.answers(drifted("NewA", "MODIFIED", **{path: (expected, actual)}))
    (finding,) = asked.found()
    assert finding.says.isprintable()
