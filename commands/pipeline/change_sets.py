"""CloudFormation, as the plan and the apply ask it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from commands.pipeline.errors import CouldNotTellError
from commands.pipeline.fingerprint import fingerprint, of_change_set
from shared.doors.patience import DoorError, patiently

_NOT_THERE: Final = ("ChangeSetNotFound", "ChangeSetNotFoundException")
_NO_CHANGES: Final = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True)
class Held:
    """A stack as CloudFormation holds it; `updated` is when its last deploy began."""

    status: str
    updated: datetime
    template: Mapping[str, Any]

    @property
    def fingerprint(self) -> str:
        """The hash of its template."""
        return fingerprint(self.template)


@dataclass(frozen=True)
class ChangeSet:
    """A change set as CloudFormation holds it.

    Attributes
    ----------
    id : str
        Its ARN; another change set of the same name has another one.
    status, execution, reason : str
        Like CREATE_COMPLETE, AVAILABLE, and why it is so.
    template : mapping
        Its own.
    fingerprint : str
        Of everything that it would do.
    replacements : mapping
        What CloudFormation says of a replacement, by logical id, where it is not False.
    """

    id: str
    status: str
    execution: str
    reason: str
    template: Mapping[str, Any]
    fingerprint: str
    replacements: Mapping[str, str]

    @property
    def empty(self) -> bool:
        """Whether CloudFormation found nothing to change."""
        return self.status == "FAILED" and any(said in self.reason for said in _NO_CHANGES)


def held(client: Any, stack: str) -> Held | None:
    """Return the stack, or None where there is none.

    Raises
    ------
    CouldNotTellError
        When CloudFormation does not say.
    """
    found = described(client, stack)
    if found is None:
        return None
    return Held(
        found["StackStatus"],
        found.get("LastUpdatedTime", found["CreationTime"]),
        _template(client, StackName=stack),
    )


def described(client: Any, stack: str) -> Mapping[str, Any] | None:
    """Return what DescribeStacks says of the stack, or None where there is none.

    Raises
    ------
    CouldNotTellError
        When CloudFormation does not say.
    """
    try:
        (found,) = patiently(lambda: client.describe_stacks(StackName=stack))["Stacks"]
    except DoorError as error:
        if error.code == "ValidationError" and "does not exist" in str(error):
            return None
        raise CouldNotTellError(f"The stack {stack} cannot be read: {error}.") from error
    if found["StackStatus"] == "REVIEW_IN_PROGRESS":
        return None  # only a change set of something that was never made
    told: Mapping[str, Any] = found
    return told


def change_set(client: Any, stack: str, name: str) -> ChangeSet | None:
    """Return the change set called `name`, which may be its ARN, or None where there is none.

    Raises
    ------
    CouldNotTellError
        When CloudFormation does not say.
    """
    asked = {"StackName": stack, "ChangeSetName": name}
    try:
        described = patiently(lambda: client.describe_change_set(**asked))
        changes = list(described.get("Changes", ()))
        after = described.get("NextToken")
        while after:
            more = {**asked, "NextToken": after}
            page = patiently(lambda more=more: client.describe_change_set(**more))  # type: ignore[misc]
            changes += page.get("Changes", ())
            after = page.get("NextToken")
        template = _template(client, **asked)
    except DoorError as error:
        if error.code in _NOT_THERE or "does not exist" in str(error):
            return None
        raise CouldNotTellError(
            f"The change set {name} of {stack} cannot be read: {error}."
        ) from error
    each = [change["ResourceChange"] for change in changes if "ResourceChange" in change]
    return ChangeSet(
        id=described["ChangeSetId"],
        status=described["Status"],
        execution=described["ExecutionStatus"],
        reason=described.get("StatusReason", ""),
        template=template,
        fingerprint=of_change_set(template, described, changes),
        replacements={
            change["LogicalResourceId"]: change["Replacement"]
            for change in each
            if change.get("Replacement", "False") != "False"
        },
    )


def delete(client: Any, stack: str, name: str) -> None:
    """Delete a change set that nobody will execute; that it stays does no harm."""
    try:
        client.delete_change_set(StackName=stack, ChangeSetName=name)
    except (ClientError, BotoCoreError):
        return


def execute(client: Any, stack: str, name: str, token: str) -> None:
    """Begin to execute it. The same `token` again is the same execution (CloudFormation API reference,
    ExecuteChangeSet).

    Raises
    ------
    DoorError
        When CloudFormation refuses.
    """
    patiently(
        lambda: client.execute_change_set(
            StackName=stack, ChangeSetName=name, ClientRequestToken=token
        )
    )


def _template(client: Any, **of: str) -> Mapping[str, Any]:
    answer = patiently(lambda: client.get_template(TemplateStage="Original", **of))
    body = answer["TemplateBody"]
    try:
        # boto3 makes an object of JSON and leaves anything else as text.
        template = json.loads(body) if isinstance(body, str) else json.loads(json.dumps(body))
    except ValueError as error:
        raise CouldNotTellError(f"The template of {of['StackName']} is not JSON.") from error
    return dict(template)
