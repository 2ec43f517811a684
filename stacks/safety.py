"""Safety: health checks, the switch, the functions that throw and watch it, and who is told.

It lives in us-east-1, where Route 53 publishes its metrics.
"""

from __future__ import annotations

from aws_cdk import aws_sns as sns
from constructs import Construct

from cutover.alarms.alarm import raise_alarms
from cutover.alarms.endpoint_checks import EndpointChecks
from cutover.alarms.topic import Topic
from cutover.chat import Chat
from cutover.declaration.reading.context import Cutover
from cutover.doors.origin_header import OriginHeader
from cutover.doors.switch import DnsSwitch, EdgeSwitch, Switches
from cutover.functions.bake import BakeFunction
from cutover.functions.capacity import CapacityFunction
from cutover.functions.evidence import Evidence
from cutover.functions.gate import GateFunction
from cutover.functions.judge import JudgeFunction
from cutover.functions.observer import ObserverFunction
from cutover.functions.packed_layer import AWSCRT, READINESS, PackedLayer
from cutover.functions.pin import PinFunction
from cutover.functions.rollback import RollbackFunction
from cutover.functions.widget import WidgetFunction
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from stacks.protected import ProtectedStack


class SafetyStack(ProtectedStack):
    """Wires what must outlive every weight change."""

    def __init__(self, scope: Construct, *, names: Names, cutover: Cutover) -> None:
        super().__init__(
            scope,
            names.stack("safety"),
            names=names,
            region=EDGE_REGION,
            about="health checks, switch, rollback, announcements",
        )
        service = cutover.service
        announcements = Topic(
            self, "Announcements", name=names.announcements_topic, people=service.subscribers
        )
        alarms = Topic(self, "Alarms", name=names.alarms_topic, people=service.subscribers)
        chat = Chat(self, "Chat", names=names, channels=service.chats) if service.chats else None
        chat_topic = None if chat is None else chat.topic
        self.alarms_topic, self.announcements = alarms, announcements

        old, new = (
            EndpointChecks(
                self,
                f"{which.capitalize()}Endpoints",
                names=names,
                which=which,
                side=side,
                endpoints=service.endpoints,
                health_checks=service.health_checks,
            )
            for which, side in service.sides.items()
        )

        self.switch_store = EdgeSwitch(
            self, "EdgeSwitch", names=names, serves=service.edge is not False
        ).store
        self.dns_switch = (
            DnsSwitch(self, "DnsSwitch", names=names, old_entry=old.entry, new_entry=new.entry)
            if service.dns is not None
            else None
        )
        if self.dns_switch is not None:
            # Whether or not Traffic has the records: `cdk import` brings them alone, and CloudFormation
            # takes no export away that is in use until Traffic has been deployed.
            for check in (self.dns_switch.old_check, self.dns_switch.new_check):
                self.export_value(check.attr_health_check_id)
        switches = Switches(
            self.switch_store,
            None if self.dns_switch is None else self.dns_switch.new_check.attr_health_check_id,
        )
        OriginHeader(self, "OriginHeader", names=names)

        layer = PackedLayer(self, "Awscrt", name=AWSCRT, description="awscrt for SigV4A").layer
        readiness_layer = PackedLayer(
            self,
            "ReadinessLayer",
            name=READINESS,
            description="aiohttp, defusedxml and tzdata for readiness",
        ).layer
        rollback = RollbackFunction(
            self,
            "Rollback",
            names=names,
            switches=switches,
            announcements=announcements.topic,
            chat=chat_topic,
            service=service,
            old_entry_check_id=old.entry.attr_health_check_id,
            evidence=Evidence(self, "Evidence").bucket,
            layer=layer,
        )
        if chat is not None:
            chat.with_button(rollback=rollback.function, alarms=alarms.topic)
        WidgetFunction(
            self,
            "Widget",
            names=names,
            service=service,
            switches=switches,
            rollback=rollback.function,
            layer=layer,
        )
        may_call = rollback.allow(
            self, "AlarmsMayCall", topic=names.alarms_topic, region=EDGE_REGION
        )
        for region in service.regions:
            elsewhere = "" if region == service.region else f"From{region}"
            rollback.allow(
                self,
                f"EnvironmentAlarmsMayCall{elsewhere}",
                topic=names.environment_alarms_topic,
                region=region,
            )
        listens = sns.CfnSubscription(
            self,
            "RollbackListens",
            topic_arn=alarms.topic.topic_arn,
            protocol="lambda",
            endpoint=rollback.function.function_arn,
        )
        alarms.ears.add(listens, *may_call)
        observer = ObserverFunction(
            self,
            "Observer",
            names=names,
            switches=switches,
            has_edge=service.edge is not False,
            dns=None if service.dns is None or service.dns.adopt else service.dns,
            layer=layer,
        )
        GateFunction(
            self,
            "Gate",
            names=names,
            switches=switches,
            announcements=announcements.topic,
            chat=chat_topic,
            service=service,
            layers=[layer, readiness_layer],
        )
        self.bake_role = BakeFunction(
            self,
            "Bake",
            names=names,
            switches=switches,
            announcements=announcements.topic,
            chat=chat_topic,
            hook=service.promotion.hooks.after,
            layer=layer,
        ).role
        PinFunction(self, "Pin", names=names, switches=switches, layer=layer)

        capacity = (
            CapacityFunction(
                self,
                "Capacity",
                names=names,
                service=service,
                announcements=announcements.topic,
                chat=chat_topic,
            )
            if service.promotion.capacity is not None
            else None
        )
        judge = JudgeFunction(self, "Judge", names=names, service=service)
        endpoint_alarms = raise_alarms(new, new.watches, names=names, topic=alarms)
        self.rollback_alarms = [
            *endpoint_alarms,
            *raise_alarms(judge, judge.rollback_watches, names=names, topic=alarms),
        ]
        old_alarms = raise_alarms(old, old.watches, names=names, topic=announcements)
        self.endpoint_alarms = [*old_alarms, *endpoint_alarms]
        self.people_alarms = [
            *old_alarms,
            *raise_alarms(rollback, rollback.watches, names=names, topic=announcements),
            *raise_alarms(observer, observer.watches, names=names, topic=announcements),
            *raise_alarms(judge, judge.watches, names=names, topic=announcements),
            *(
                raise_alarms(capacity, capacity.watches, names=names, topic=announcements)
                if capacity is not None
                else []
            ),
        ]
