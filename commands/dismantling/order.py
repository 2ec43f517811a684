"""The stacks that stand, and the stock commands that take them away, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from commands.records.watched_exchange import World
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from shared.doors.patience import DoorError, patiently


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


def in_order(cutover: Cutover) -> list[tuple[str, str]]:
    """Return name and region of each stack of `cutover`, in the order in which they go: each depends on those
    after it, the reverse of the order in which `cdk deploy` makes them."""
    return list(Names(cutover.name).stacks(cutover.service.regions).items())[::-1]


def standing_stacks(world: World, cutover: Cutover) -> list[Standing]:
    """Return the stacks of `cutover` that stand, in the order in which they go.

    Raises
    ------
    DoorError
        When they cannot be read.
    """
    found = []
    for name, region in in_order(cutover):
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
