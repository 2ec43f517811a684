"""The function that answers for the gate."""

from __future__ import annotations

from typing import Final

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from cutover.declaration.service import Service
from cutover.doors.switch import Switches
from cutover.functions import grants
from cutover.functions.python_function import PythonFunction
from cutover.naming import Names

GATE_SECONDS: Final = 900
"""As long as a function may run (Lambda Developer Guide, gettingstarted-limits)."""

_TIMEOUT: Final = Duration.seconds(GATE_SECONDS)


class GateFunction(Construct):
    """Defines the function that lets a change of weight pass or refuses it."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        switches: Switches,
        announcements: sns.ITopic,
        chat: sns.ITopic | None,
        service: Service,
        layers: list[lambda_.ILayerVersion],
    ) -> None:
        super().__init__(scope, construct_id)
        self.function = PythonFunction(
            self,
            "Default",
            name=names.function("gate"),
            package="gate",
            shared=(
                *(
                    "alarms",
                    "capacity",
                    "decommission",
                    "doors",
                    "hooks",
                    "inference",
                    "promotion",
                    "readiness",
                    "watch",
                ),
            ),
            description=f"Lets a weight of {names.service} rise, or refuses it",
            grants=[
                grants.told(SERVICE=names.service),
                grants.line(),
                grants.switches(switches),
                grants.traffic_stack_state(names),
                grants.announcements(announcements),
                grants.chat(chat),
                grants.events("Gate Refused", "Gate Overridden"),
                grants.alarms(history=False),
                grants.metrics(),
                grants.own_metrics(),
                grants.load_balancers(service.regions),
                grants.readiness_secrets([one.arn for one in service.readiness.secrets]),
                grants.hook(service.promotion.hooks.before),
                grants.capacity_ahead(names, service),
            ],
            layers=layers,
            timeout=_TIMEOUT,
            # More memory is more processor, and what it measures must not be its own slowness.
            memory_mb=1769,
        ).function
