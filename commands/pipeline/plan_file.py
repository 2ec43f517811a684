"""The plan: one file that says which change sets were reviewed, and what each of them is."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from commands.files import json_in
from commands.pipeline.errors import CouldNotTellError, RefusedError
from commands.pipeline.fingerprint import fingerprint
from commands.pipeline.review import Review

SCHEMA: Final = "cutover-plan/1"
SHORTEST_ID: Final = 12
"""With so many characters of its id a plan is named."""


@dataclass(frozen=True)
class PlannedStack:
    """One change set.

    Attributes
    ----------
    stack, region : str
    change_set : str
        Its ARN.
    fingerprint : str
        Of what it would do.
    deployed : str
        Hash of the template that the stack had when this was planned.
    updated : str
        When the stack was last deployed, in ISO 8601.
    """

    stack: str
    region: str
    change_set: str
    fingerprint: str
    deployed: str
    updated: str


@dataclass(frozen=True)
class PlannedService:
    """What is planned for one service; its stacks in the order of their deploy.

    Attributes
    ----------
    declared : int
        Weight of new in percent that git declares.
    bucket : str
        Where the lock is kept.
    """

    name: str
    declared: int
    bucket: str
    stacks: tuple[PlannedStack, ...]
    review: Review


@dataclass(frozen=True)
class Plan:
    """Everything that one apply does.

    Attributes
    ----------
    made, valid_until : datetime
    by, commit : str
        Who planned it, and of which commit; the commit is empty where git is not at hand.
    services : tuple of PlannedService
        Those of which something changes.
    """

    made: datetime
    valid_until: datetime
    by: str
    commit: str
    services: tuple[PlannedService, ...]

    @property
    def id(self) -> str:
        """The hash of all of it."""
        return fingerprint(self._body())

    def to_dict(self) -> dict[str, Any]:
        """Return it as the file holds it."""
        return {"schema": SCHEMA, "id": self.id, **self._body()}

    def _body(self) -> dict[str, Any]:
        body = asdict(self)
        # As JSON gives it back, so that the hash is the same after a reading.
        body["made"], body["valid_until"] = self.made.isoformat(), self.valid_until.isoformat()
        held: dict[str, Any] = json.loads(json.dumps(body))
        return held


def valid_for(hours: float, made: datetime) -> datetime:
    """Return until when a plan is valid."""
    return made + timedelta(hours=hours)


def apply_command(plan: Plan, file: Path) -> str:
    """Return what a person types to apply `plan`, which stands in `file`, and no other."""
    return f"cutover apply {shlex.quote(str(file))} --id {plan.id[:SHORTEST_ID]}"


def write(plan: Plan, file: Path) -> None:
    """Write it.

    Raises
    ------
    CouldNotTellError
        When the file cannot be written.
    """
    text = json.dumps(plan.to_dict(), indent=2, ensure_ascii=True) + "\n"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CouldNotTellError(f"{file} cannot be written: {error.strerror}.") from error


def read(file: Path) -> Plan:
    """Return the plan in `file`.

    Raises
    ------
    CouldNotTellError
        When there is none that can be read.
    RefusedError
        When it was changed after it was made.
    """
    try:
        held = json_in(file)
    except OSError as error:
        raise CouldNotTellError(
            f"{file} cannot be read: {error.strerror}. Make it with cutover plan."
        ) from error
    except ValueError as error:
        raise CouldNotTellError(
            f"{file} is not a plan: {error}. Make it with cutover plan."
        ) from error
    if not isinstance(held, dict) or held.get("schema") != SCHEMA:
        raise CouldNotTellError(
            f"{file} is not a plan of the kind {SCHEMA}. Make it with cutover plan."
        )
    try:
        plan = _plan(held)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CouldNotTellError(
            f"{file} is a plan with parts missing. Make it with cutover plan."
        ) from error
    if plan.to_dict() != held:
        raise RefusedError(
            f"{file} was changed after the plan was made: plan again, and have that reviewed."
        )
    return plan


def _plan(held: Mapping[str, Any]) -> Plan:
    return Plan(
        made=datetime.fromisoformat(held["made"]),
        valid_until=datetime.fromisoformat(held["valid_until"]),
        by=held["by"],
        commit=held["commit"],
        services=tuple(
            PlannedService(
                name=service["name"],
                declared=service["declared"],
                bucket=service["bucket"],
                stacks=tuple(PlannedStack(**stack) for stack in service["stacks"]),
                review=Review.from_dict(service["review"]),
            )
            for service in held["services"]
        ),
    )
