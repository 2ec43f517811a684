"""Traffic: the front doors. A change of weight touches this stack and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import CfnOutput
from constructs import Construct, IConstruct

from cutover.alarms.alarm import AlarmName, raise_alarms
from cutover.alarms.edge_alarms import edge_watches
from cutover.alarms.fast_log_alarms import fast_log_behind, fast_log_watches
from cutover.declaration.reading.context import Cutover
from cutover.doors.dns import WeightedRecords
from cutover.doors.edge import EdgeDoor
from cutover.doors.edge_log import EdgeLog
from cutover.functions.fast_log import FastLogFunction
from cutover.naming import Names
from cutover.pointers import dashboard_of, watch_with
from cutover.promotion.bake import Bake
from cutover.promotion.gate import Gate
from cutover.regions import EDGE_REGION
from stacks.environment import EnvironmentStack
from stacks.protected import ProtectedStack
from stacks.safety import SafetyStack


class TrafficStack(ProtectedStack):
    """Wires the declared doors to the one weight: gate, shift, bake."""

    def __init__(
        self,
        scope: Construct,
        *,
        names: Names,
        cutover: Cutover,
        safety: SafetyStack,
        environments: Sequence[EnvironmentStack],
    ) -> None:
        super().__init__(
            scope,
            names.stack("traffic"),
            names=names,
            region=EDGE_REGION,
            about="front doors and the weight between old and new",
        )
        service = cutover.service
        old = None if service.phase == "decommission" else service.old
        self.distribution_id: str | None = None
        self.rollback_alarms: list[AlarmName] = []
        self.people_alarms: list[AlarmName] = []
        weights: list[IConstruct] = []
        doors: list[IConstruct] = []
        if service.edge is not False:
            log = (
                EdgeLog(self, "EdgeLog", names=names, shards=service.edge.fast_log_shards)
                if service.edge.fast_log
                else None
            )
            edge = EdgeDoor(
                self,
                "Edge",
                names=names,
                edge=service.edge,
                old=old,
                new=service.new,
                new_weight=service.new_weight,
                switch_store_arn=safety.switch_store.key_value_store_arn,
                log_config_arn=None if log is None else log.config_arn,
                groups=service.promotion.groups,
            )
            weights.append(edge.function)
            doors.append(edge)
            self.distribution_id = edge.distribution.attr_id
            self.rollback_alarms = raise_alarms(
                edge,
                edge_watches(self.distribution_id, names.router, service.thresholds),
                names=names,
                topic=safety.alarms_topic,
            )
            if log is not None:
                fast_log = FastLogFunction(
                    self, "FastLog", names=names, service=service, edge=service.edge, log=log
                )
                self.rollback_alarms += raise_alarms(
                    fast_log,
                    fast_log_watches(names.service, service.thresholds),
                    names=names,
                    topic=safety.alarms_topic,
                )
                self.people_alarms = raise_alarms(
                    log,
                    [
                        fast_log_behind(
                            names.service,
                            distribution_id=self.distribution_id,
                            function_name=fast_log.function.function_name,
                            stream_name=log.stream.ref,
                            minimum_requests=service.thresholds.minimum_requests,
                        )
                    ],
                    names=names,
                    topic=safety.announcements,
                )
            CfnOutput(
                self,
                "EdgeDomainName",
                value=edge.distribution.attr_domain_name,
                description="point viewers here",
            )
        if service.dns is not None and safety.dns_switch is not None and not service.dns.adopt:
            records = WeightedRecords(
                self,
                "Dns",
                dns=service.dns,
                old=old,
                new=service.new,
                new_weight=service.new_weight,
                old_check_id=safety.dns_switch.old_check.attr_health_check_id,
                new_check_id=safety.dns_switch.new_check.attr_health_check_id,
            )
            weights.append(records)
            doors.append(records)
            CfnOutput(
                self,
                "RecordName",
                value=service.dns.record_name,
                description="the weighted name",
            )
        CfnOutput(
            self, "Watch", value=watch_with(names), description="see it happen, in a terminal"
        )
        CfnOutput(
            self, "Dashboard", value=dashboard_of(names), description="see it happen, in a browser"
        )
        watching = [
            *(alarm for environment in environments for alarm in environment.rollback_alarms),
            *safety.rollback_alarms,
            *self.rollback_alarms,
        ]
        gate = Gate(self, "Gate", names=names, cutover=cutover, alarms=watching)
        for weight in weights:
            weight.node.add_dependency(gate)
        bake = Bake(
            self,
            "Bake",
            names=names,
            new_weight=service.new_weight,
            # In an emergency the edge's alarms speak of old, and would put everybody back there.
            bake_minutes=(
                0 if cutover.override else service.promotion.bake_minutes_at(service.new_weight)
            ),
            alarms=watching,
            groups=service.promotion.groups,
            distribution_id=self.distribution_id,
            function_role=safety.bake_role,
        )
        bake.node.add_dependency(*doors)
