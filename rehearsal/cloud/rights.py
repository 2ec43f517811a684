"""What the functions asked of the cloud, whether they might, and which of their rights nobody used."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

VARIABLE: Final = "REHEARSAL_RIGHTS"
"""Names the file in which the cloud notes each decision, a JSON object a line."""
_MADE_UP: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MADE_UP_ENDING: Final = re.compile(r"-[0-9A-Za-z]{8,13}$")


@dataclass(frozen=True)
class Decision:
    """That somebody asked for something: a role, or an AWS service that delivers.

    Attributes
    ----------
    who : str
        The role's name, or the service's principal.
    action, resource : str
        As IAM names them.
    allowed : bool
    """

    who: str
    action: str
    resource: str
    allowed: bool

    def __str__(self) -> str:
        verb = "may" if self.allowed else "may not"
        return f"{self.who} {verb} {self.action} on {self.resource}"


@dataclass(frozen=True)
class Right:
    """One action on one resource, as a role's policy states them."""

    role: str
    action: str
    resource: str

    @property
    def anywhere(self) -> str:
        """The right in words that are the same in every cloud: without what the cloud made up."""
        role = _MADE_UP_ENDING.sub("", self.role)
        return f"{role}: {self.action} on {_MADE_UP.sub('…', self.resource)}"

    def is_used_by(self, decision: Decision) -> bool:
        """Return whether the decision rests on this right."""
        return (
            decision.allowed
            and decision.who == self.role
            and fnmatch.fnmatchcase(decision.action.lower(), self.action.lower())
            and fnmatch.fnmatchcase(decision.resource, self.resource)
        )


def note(file: Path, decision: Decision) -> None:
    """Add a decision to the file."""
    with file.open("a", encoding="utf-8") as notes:
        notes.write(json.dumps(asdict(decision)) + "\n")


def noted(file: Path) -> list[Decision]:
    """Return every decision, each once, in order of the first time."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return list(dict.fromkeys(Decision(**json.loads(line)) for line in lines))


def denied(decisions: Iterable[Decision]) -> list[Decision]:
    """Return those that were refused."""
    return [decision for decision in decisions if not decision.allowed]


def granted(iam: Any, service: str) -> list[Right]:
    """Return each right of each role that begins with the `service`'s name.

    `iam` is a boto3 client.
    """
    rights = []
    for page in iam.get_paginator("list_roles").paginate():
        for role in page["Roles"]:
            name = role["RoleName"]
            if not name.startswith(service):
                continue
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
                document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
                rights += _rights(name, document)
    return rights


def unused(rights: Iterable[Right], decisions: Iterable[Decision]) -> list[Right]:
    """Return the rights on which no decision rests."""
    decided = list(decisions)
    return [right for right in rights if not any(map(right.is_used_by, decided))]


def _rights(role: str, document: dict[str, Any]) -> list[Right]:
    return [
        Right(role, action, resource)
        for statement in _list(document["Statement"])
        if statement["Effect"] == "Allow"
        for action in _list(statement["Action"])
        for resource in _list(statement["Resource"])
    ]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
