"""The bake: a custom resource that every weight comes before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import CustomResource, Duration, Fn
from aws_cdk import aws_iam as iam
from constructs import Construct

from cutover.alarms.alarm import AlarmName
from cutover.declaration.groups import Group
from cutover.functions import grants
from cutover.functions.bake import PROVIDER
from cutover.naming import Names
from cutover.promotion.groups_property import groups_property
from cutover.regions import EDGE_REGION

MARGIN_MINUTES: Final = 5
"""What CloudFormation waits beyond the declared minutes: the function gives up two minutes after them."""
LIVE_MINUTES: Final = 10
"""How long the bake waits at most until the weight is at every edge location (lambda/bake/request.py)."""
_HOUR_MINUTES: Final = 60


class Bake(Construct):
    """Defines the custom resource; it must depend on every construct that holds a weight, and on the
    alarms of its own stack.

    After a rise it watches `alarms` for `bake_minutes` (0 to 55; 0: not at all). When one fires, or the
    switch is thrown, it fails, and CloudFormation puts every weight back. A lower weight passes at once. That
    one of `groups` joins counts as a rise.

    With `distribution_id` its minutes begin when that distribution says Deployed, or `LIVE_MINUTES` later;
    `function_role` is then given the right to ask. A custom resource may take an hour, so with more than
    45 minutes of bake the wait is shorter.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        new_weight: int,
        bake_minutes: int,
        alarms: Sequence[AlarmName],
        groups: Sequence[Group] = (),
        distribution_id: str | None = None,
        function_role: iam.IRole | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        minutes = bake_minutes + MARGIN_MINUTES
        properties = {
            "NewWeight": new_weight,
            "BakeMinutes": bake_minutes,
            "Alarms": [{"Region": alarm.region, "Name": alarm.name} for alarm in alarms],
            **groups_property(groups),
        }
        if distribution_id is not None:
            minutes = min(minutes + LIVE_MINUTES, _HOUR_MINUTES)
            properties["DistributionId"] = distribution_id
        resource = CustomResource(
            self,
            "Default",
            resource_type="Custom::Bake",
            service_token=Fn.sub(
                f"arn:${{AWS::Partition}}:lambda:{EDGE_REGION}:${{AWS::AccountId}}"
                f":function:{names.function(PROVIDER)}"
            ),
            # Without it CloudFormation would wait an hour for a framework that has died.
            service_timeout=Duration.minutes(minutes),
            properties=properties,
        )
        if distribution_id is not None and function_role is not None:
            # Here and not beside the function: the distribution is made after it, and gets its id then.
            right = iam.Policy(
                self,
                "MaySeeTheDistribution",
                roles=[function_role],
                statements=list(grants.distribution(distribution_id).statements),
            )
            resource.node.add_dependency(right)
