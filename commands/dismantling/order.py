"""The stacks that stand, and the stock commands that take them away, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from commands.records.watched_exchange import World
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.doors.patience import DoorError, patiently

ROLES: Final = ("observability", "traffic", "environment", "safety")
"""Each depends on those after it: the reverse of the order in which `cdk deploy` makes them."""


@dataclass(frozen=True)
class Standing:
    """A stack that stands.

    Attributes
    ----------
    name, region, status : str
    protected : bool
        Whether CloudFormation refuses to delete it.
    """

    name: str
    region: str
    status: str
    protected: bool


def standing_stacks(world: World, cutover: Cutover) -> list[Standing]:
    """Return the stacks of `cutover` that stand, in the order in which they go.

    Raises
    ------
    DoorError
        When they cannot be read.
    """
    names, found = Names(cutover.name), []
    for role in ROLES:
        name = names.stack(role)
        region = cutover.service.region if role == "environment" else EDGE_REGION
        client = world.client_for("cloudformation", region)
        try:
            (stack,) = patiently(
                lambda client=client, name=name: client.describe_stacks(StackName=name),  # type: ignore[misc]
                sleep=world.sleep,
            )["Stacks"]
        except DoorError as error:
            if error.code == "ValidationError":  # "Stack with id … does not exist"
                continue
            raise
        protected = bool(stack.get("EnableTerminationProtection"))
        found.append(Standing(name, region, stack["StackStatus"], protected))
    return found


def commands(stacks: Sequence[Standing]) -> list[str]:
    """Return what a person types, line by line."""
    return [
        *(
            "aws cloudformation update-termination-protection --no-enable-termination-protection "
            f"--region {stack.region} --stack-name {stack.name}"
            for stack in stacks
            if stack.protected
        ),
        f"cdk destroy {' '.join(stack.name for stack in stacks)}",
    ]
