"""CI: the roles of a pipeline on GitHub. It is there only where `cutover_ci` is declared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import DefaultStackSynthesizer, Environment, Stack
from constructs import Construct

from cutover.ci_roles import CiRoles
from cutover.declaration.ci import Ci
from cutover.declaration.reading.context import Cutover
from cutover.regions import EDGE_REGION

NAME: Final = "cutover-ci"
_QUALIFIER: Final = "@aws-cdk/core:bootstrapQualifier"


class CiStack(Stack):
    """Wires the declared services to the roles. A person deploys it: no role of CI may change it."""

    def __init__(self, scope: Construct, *, ci: Ci, cutovers: Sequence[Cutover]) -> None:
        super().__init__(
            scope,
            NAME,
            env=Environment(region=EDGE_REGION),
            description="what a pipeline on GitHub may do: look, plan, apply",
            termination_protection=True,
        )
        qualifier = self.node.try_get_context(_QUALIFIER)
        CiRoles(
            self,
            "Roles",
            ci=ci,
            cutovers=cutovers,
            qualifier=qualifier or DefaultStackSynthesizer.DEFAULT_QUALIFIER,
        )
