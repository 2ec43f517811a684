"""Observability: the dashboard."""

from __future__ import annotations

from collections.abc import Sequence

from constructs import Construct

from cutover.dashboard import CutoverDashboard
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from stacks.environment import EnvironmentStack
from stacks.protected import ProtectedStack
from stacks.safety import SafetyStack
from stacks.traffic import TrafficStack


class ObservabilityStack(ProtectedStack):
    """Wires every other stack's facts onto one page."""

    def __init__(
        self,
        scope: Construct,
        *,
        names: Names,
        cutover: Cutover,
        safety: SafetyStack,
        environments: Sequence[EnvironmentStack],
        traffic: TrafficStack,
    ) -> None:
        super().__init__(
            scope,
            names.stack("observability"),
            names=names,
            region=EDGE_REGION,
            about="dashboard",
        )
        CutoverDashboard(
            self,
            "Dashboard",
            names=names,
            service=cutover.service,
            distribution_id=traffic.distribution_id,
            has_dns=safety.dns_switch is not None,
            endpoint_alarms=safety.endpoint_alarms,
            rollback_alarms=[
                *(alarm for environment in environments for alarm in environment.rollback_alarms),
                *safety.rollback_alarms,
                *traffic.rollback_alarms,
            ],
            people_alarms=[
                *(alarm for environment in environments for alarm in environment.people_alarms),
                *safety.people_alarms,
                *traffic.people_alarms,
            ],
        )
