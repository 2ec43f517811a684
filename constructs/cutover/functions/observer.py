"""The function that publishes what is deployed and what the switch says."""

from __future__ import annotations

from typing import Final

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from cutover.alarms.alarm import AT_LEAST, STANDS, Watch
from cutover.alarms.own_metrics import doors_disagree, switch_thrown
from cutover.declaration.doors import Dns
from cutover.doors.switch import Switches
from cutover.functions import grants
from cutover.functions.each_minute import WITHIN_THE_MINUTE, call_each_minute, keeps_failing
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names

SWITCH_EVERY_MINUTES: Final = 10
"""How often the edge's switch is read at least. It is read at once after the rollback function has written
it, and each minute while it is thrown or cannot be read."""


class ObserverFunction(Construct):
    """Defines the function that publishes, each minute, the deployed weight and whether the switch is
    thrown. So the dashboard shows a new weight without a change of any template.

    Attributes
    ----------
    watches : list of Watch
        Over the switch of each door and over the function itself. They are for people: a thrown switch is
        no reason to throw it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        switches: Switches,
        has_edge: bool,
        dns: Dns | None,
        layer: lambda_.ILayerVersion,
    ) -> None:
        super().__init__(scope, construct_id)
        granted = [
            grants.told(SERVICE=names.service, SWITCH_EVERY_MINUTES=str(SWITCH_EVERY_MINUTES)),
            grants.switches(switches),
            grants.metrics(),
            grants.own_metrics(),
            grants.stack_states(names),
        ]
        if has_edge:
            granted.append(grants.router(self, names))
        if dns is not None:
            granted.append(grants.records(dns))
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("observer"),
            package="observer",
            shared=("doors",),
            description=f"Publishes the deployed weight and the switch of {names.service}",
            grants=granted,
            layers=[layer],
            timeout=WITHIN_THE_MINUTE,
        ).function
        call_each_minute(
            self,
            self.function,
            name=names.function("observer"),
            description=f"Looks at the doors of {names.service}",
        )
        events.Rule(
            self,
            "WhenTheSwitchMoves",
            rule_name=f"{names.function('observer')}-switch",
            description=f"Looks at the switch of {names.service} when it was written",
            event_pattern=events.EventPattern(
                source=["cutover"],
                detail_type=["Rolled Back", "Rollback Failed", "Released", "Release Failed"],
                detail={"service": [names.service]},
            ),
            targets=[targets.LambdaFunction(self.function)],
        )
        doors = ["edge", *(["dns"] if switches.check_id is not None else [])]
        self.watches = [
            *(
                Watch(
                    what=f"switch-thrown-{door}",
                    means=f"The switch is thrown at the {door} door: no viewer reaches new until it is "
                    "released.",
                    metric=switch_thrown(names.service, door),
                    comparison=AT_LEAST,
                    threshold=1,
                    silence=STANDS,
                )
                for door in doors
            ),
            keeps_failing(
                self.function,
                what="observer-errors",
                means="The observer cannot read a door: the dashboard may show an old weight or switch.",
            ),
            Watch(
                what="doors-disagree",
                means="One door's switch is thrown and another's is not: ask the rollback function "
                "for its status, and roll back or release again.",
                metric=doors_disagree(names.service),
                comparison=AT_LEAST,
                threshold=1,
                datapoints=2,
                of=2,
                silence=STANDS,
            ),
        ]
