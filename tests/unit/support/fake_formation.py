"""CloudFormation with change sets, as far as a plan and an apply ask it; the time is the test's own."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

NOW = datetime(2026, 11, 24, 3, 12, 41, tzinfo=UTC)
ACCOUNT = "111122223333"


def traffic(weight: int, groups: Sequence[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """Return a Traffic template of both doors at `weight`, whose gate and bake have `groups`; `more` are
    resources beside them."""
    held = {"Groups": list(groups)} if groups else {}
    code = "const WEIGHT = percent('${NewWeight}');\n"
    variables = {"Service": "chatmrpt", "NewWeight": str(weight)}
    records = {
        f"Dns{side.capitalize()}A": {
            "Type": "AWS::Route53::RecordSet",
            "Properties": {"SetIdentifier": side, "Type": "A", "Weight": share},
        }
        for side, share in (("old", 100 - weight), ("new", weight))
    }
    return {
        "Resources": {
            "Router": {
                "Type": "AWS::CloudFront::Function",
                "Properties": {"FunctionCode": {"Fn::Sub": [code, variables]}},
            },
            **records,
            "Gate": {"Type": "Custom::WeightGate", "Properties": {"NewWeight": weight, **held}},
            "Bake": {
                "Type": "Custom::Bake",
                "Properties": {
                    "NewWeight": weight,
                    "BakeMinutes": 5,
                    "ServiceTimeout": "1200",
                    **held,
                },
            },
            **more,
        }
    }


def refused(code: str, message: str) -> ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    return ClientError(response, "x")


class FakeFormation:
    """Stacks and change sets. What is executed ends as `ends` says, after the events of `on_the_way`."""

    def __init__(self, templates: dict[str, dict[str, Any]]) -> None:
        self.stacks = {
            name: {
                "template": template,
                "status": "UPDATE_COMPLETE",
                "updated": NOW - timedelta(days=1),
            }
            for name, template in templates.items()
        }
        self.sets: list[dict[str, Any]] = []
        self.events: dict[str, list[dict[str, Any]]] = {name: [] for name in templates}
        self.executed: list[str] = []
        self.ends = "UPDATE_COMPLETE"
        self.on_the_way: list[dict[str, str]] = []
        self.reads_events: Callable[[], None] = lambda: None
        self._made = 0

    # What somebody does

    def prepare(self, stack: str, name: str, template: dict[str, Any]) -> str:
        """Make a change set; another one of that name is deleted first, as cdk does."""
        self.sets = [s for s in self.sets if (s["StackName"], s["ChangeSetName"]) != (stack, name)]
        self._made += 1
        same = self.stacks[stack]["template"] == template
        found = {
            "ChangeSetId": f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:changeSet/{name}/{self._made}",
            "ChangeSetName": name,
            "StackName": stack,
            "Status": "FAILED" if same else "CREATE_COMPLETE",
            "ExecutionStatus": "UNAVAILABLE" if same else "AVAILABLE",
            "StatusReason": "The submitted information didn't contain changes." if same else "",
            "Parameters": [{"ParameterKey": "BootstrapVersion", "ParameterValue": "/cdk"}],
            "Changes": [_change(stack, one) for one in ("Gate", "Router")],
            "template": copy.deepcopy(template),
        }
        self.sets.append(found)
        return str(found["ChangeSetId"])

    def deploy(self, stack: str, template: dict[str, Any], at: datetime = NOW) -> None:
        """Somebody else deploys by change set: every other one of the stack is deleted."""
        self.stacks[stack] |= {"template": template, "updated": at}
        self.sets = [each for each in self.sets if each["StackName"] != stack]

    # What boto3 asks

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        stack = self._stack(StackName)
        times = {"CreationTime": NOW - timedelta(days=9), "LastUpdatedTime": stack["updated"]}
        return {"Stacks": [{"StackName": StackName, "StackStatus": stack["status"], **times}]}

    def get_template(
        self,
        *,
        StackName: str,  # noqa: N803
        TemplateStage: str,  # noqa: N803
        ChangeSetName: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        if ChangeSetName is None:
            return {"TemplateBody": self._stack(StackName)["template"]}
        return {"TemplateBody": json.dumps(self._set(StackName, ChangeSetName)["template"])}

    def describe_change_set(
        self,
        *,
        StackName: str,  # noqa: N803
        ChangeSetName: str,  # noqa: N803
        NextToken: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        found = {k: v for k, v in self._set(StackName, ChangeSetName).items() if k != "template"}
        # A page holds one change.
        at = int(NextToken or 0)
        more = {"NextToken": str(at + 1)} if at + 1 < len(found["Changes"]) else {}
        return found | {"Changes": found["Changes"][at : at + 1]} | more

    def delete_change_set(self, *, StackName: str, ChangeSetName: str) -> None:  # noqa: N803
        self.sets = [each for each in self.sets if each["ChangeSetId"] != ChangeSetName]

    def execute_change_set(
        self,
        *,
        StackName: str,  # noqa: N803
        ChangeSetName: str,  # noqa: N803
        ClientRequestToken: str,  # noqa: N803
    ) -> None:
        found = self._set(StackName, ChangeSetName)
        if found["ExecutionStatus"] != "AVAILABLE":
            raise refused("InvalidChangeSetStatus", found["ExecutionStatus"])
        self.executed.append(ChangeSetName)
        found["ExecutionStatus"] = "EXECUTE_IN_PROGRESS"
        self.sets = [s for s in self.sets if s["StackName"] != StackName or s is found]
        self.stacks[StackName] |= {"status": "UPDATE_IN_PROGRESS", "updated": NOW}
        self.event(StackName, StackName, "UPDATE_IN_PROGRESS", "User Initiated")

    def describe_stack_events(self, *, StackName: str) -> dict[str, Any]:  # noqa: N803
        self.reads_events()
        if self.stacks[StackName]["status"] == "UPDATE_IN_PROGRESS":
            if self.on_the_way:
                self.event(StackName, **self.on_the_way.pop(0))
            else:
                self.end(StackName)
        return {"StackEvents": self.events[StackName][::-1]}

    def end(self, stack: str) -> None:
        """Let what is executed end as `ends` says."""
        (found,) = (each for each in self.sets if each["ExecutionStatus"] == "EXECUTE_IN_PROGRESS")
        well = self.ends == "UPDATE_COMPLETE"
        found["ExecutionStatus"] = "EXECUTE_COMPLETE" if well else "EXECUTE_FAILED"
        self.stacks[stack]["status"] = self.ends
        if well:
            self.stacks[stack]["template"] = found["template"]
        self.event(stack, stack, self.ends)

    def event(self, stack: str, logical_id: str, status: str, reason: str = "") -> None:
        """Add an event."""
        self.events[stack].append(
            {
                "EventId": f"{stack}-{len(self.events[stack])}",
                "StackId": f"id-of-{stack}",
                "PhysicalResourceId": f"id-of-{logical_id}",
                "LogicalResourceId": logical_id,
                "ResourceType": "AWS::CloudFormation::Stack"
                if logical_id == stack
                else "Custom::X",
                "ResourceStatus": status,
                "ResourceStatusReason": reason,
                "Timestamp": NOW,
            }
        )

    def _stack(self, name: str) -> dict[str, Any]:
        if name not in self.stacks:
            raise refused("ValidationError", f"Stack with id {name} does not exist")
        return self.stacks[name]

    def _set(self, stack: str, name: str) -> dict[str, Any]:
        for each in self.sets:
            if each["StackName"] == stack and name in {each["ChangeSetId"], each["ChangeSetName"]}:
                return each
        raise refused("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")


def _change(stack: str, logical_id: str) -> dict[str, Any]:
    details = [{"Target": {"Attribute": "Properties", "Name": name}} for name in ("A", "B")]
    return {
        "Type": "Resource",
        "ResourceChange": {
            "Action": "Modify",
            "LogicalResourceId": logical_id,
            "PhysicalResourceId": f"{stack}-{logical_id}",
            "ResourceType": "Custom::X",
            "Replacement": "False",
            "Scope": ["Properties"],
            "Details": details,
        },
    }
