"""The bake: a custom resource that every weight comes before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aws_cdk import CustomResource, Duration, Fn
from constructs import Construct

from cutover.alarms.alarm import AlarmName
from cutover.functions.bake import PROVIDER
from cutover.naming import Names
from cutover.regions import EDGE_REGION

MARGIN_MINUTES: Final = 5
"""What CloudFormation waits beyond the declared minutes: the function gives up two minutes after them."""


class Bake(Construct):
    """Defines the custom resource; it must depend on every construct that holds a weight, and on the
    alarms of its own stack.

    After a rise it watches `alarms` for `bake_minutes` (0 to 55; 0: not at all). When one fires, or the
    switch is thrown, it fails, and CloudFormation puts every weight back. A lower weight passes at once.
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
    ) -> None:
        super().__init__(scope, construct_id)
        CustomResource(
            self,
            "Default",
            resource_type="Custom::Bake",
            service_token=Fn.sub(
                f"arn:${{AWS::Partition}}:lambda:{EDGE_REGION}:${{AWS::AccountId}}"
                f":function:{names.function(PROVIDER)}"
            ),
            # Without it CloudFormation would wait an hour for a framework that has died.
            service_timeout=Duration.minutes(bake_minutes + MARGIN_MINUTES),
            properties={
                "NewWeight": new_weight,
                "BakeMinutes": bake_minutes,
                "Alarms": [{"Region": alarm.region, "Name": alarm.name} for alarm in alarms],
            },
        )
