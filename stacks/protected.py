"""A stack of one service."""

from __future__ import annotations

from aws_cdk import Environment, Stack
from constructs import Construct

from cutover.naming import Names


class ProtectedStack(Stack):
    """Is called in CloudFormation as its id says, and is not deleted before somebody takes its protection
    away (docs/decisions/066-protected-stacks.md).

    Parameters
    ----------
    region : str
        Where it stands.
    about : str
        What it holds, in a few words.
    """

    def __init__(
        self, scope: Construct, stack_id: str, *, names: Names, region: str, about: str
    ) -> None:
        super().__init__(
            scope,
            stack_id,
            stack_name=stack_id,
            env=Environment(region=region),
            description=f"{names.service}: {about}",
            termination_protection=True,
        )
