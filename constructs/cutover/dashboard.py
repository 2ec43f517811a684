"""The dashboard, for a person woken at 3 a.m. From top to bottom: what is declared, what is served, what
fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from aws_cdk import Aws, Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cutover.alarms import edge_metrics, own_metrics
from cutover.alarms.alarm import AlarmName
from cutover.alarms.load_balancer_metrics import LoadBalancerMetrics
from cutover.declaration.service import Service
from cutover.naming import Names
from cutover.regions import EDGE_REGION

_FULL, _HALF, _THIRD, _QUARTER, _SIXTH = 24, 12, 8, 6, 4
_HIGH, _HEIGHT, _LOW = 8, 6, 4
_PERCENT = cloudwatch.YAxisProps(min=0, max=100, label="%", show_units=False)
_FROM_ZERO = cloudwatch.YAxisProps(min=0, show_units=False)


class CutoverDashboard(Construct):
    """Defines the dashboard. It holds no weight: the weight comes as a metric, so that a change of weight
    changes no dashboard."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        service: Service,
        distribution_id: str | None,
        has_dns: bool,
        endpoint_alarms: Sequence[AlarmName],
        rollback_alarms: Sequence[AlarmName],
        people_alarms: Sequence[AlarmName],
    ) -> None:
        super().__init__(scope, construct_id)
        self._names = names
        self._doors = [
            *(["edge"] if distribution_id is not None else []),
            *(["dns"] if has_dns else []),
        ]
        self._old = LoadBalancerMetrics("old", service.old)
        self._new = LoadBalancerMetrics("new", service.new)
        dashboard = cloudwatch.Dashboard(
            self,
            "Default",
            dashboard_name=f"{names.service}-cutover",
            default_interval=Duration.hours(3),
        )
        dashboard.add_widgets(self._by_hand())
        dashboard.add_widgets(self._what_to_do())
        dashboard.add_widgets(
            self._alarms("Alarms that roll back", rollback_alarms),
            self._alarms("Alarms for people only", people_alarms),
        )
        dashboard.add_widgets(self._shares(service.region), self._switch(), self._judge())
        dashboard.add_widgets(
            self._both_sides(
                "Requests a minute", self._old.requests(), self._new.requests(), service.region
            ),
            self._both_sides(
                "5xx, % of requests",
                self._old.error_rate(),
                self._new.error_rate(),
                service.region,
                service.thresholds.error_rate_percent,
            ),
            self._both_sides(
                "Healthy targets",
                self._old.healthy_hosts(),
                self._new.healthy_hosts(),
                service.region,
            ),
        )
        dashboard.add_widgets(
            self._both_sides(
                "Latency, average (s)",
                self._old.latency("Average"),
                self._new.latency("Average"),
                service.region,
                service.thresholds.latency_average_ms / 1000,
            ),
            self._both_sides(
                "Latency, p95 (s)",
                self._old.latency("p95"),
                self._new.latency("p95"),
                service.region,
                service.thresholds.latency_p95_ms / 1000,
            ),
            self._both_sides(
                "Connection errors",
                self._old.connection_errors(),
                self._new.connection_errors(),
                service.region,
                service.thresholds.connection_errors,
            ),
        )
        dashboard.add_widgets(*self._health(endpoint_alarms))
        if distribution_id is not None:
            dashboard.add_widgets(*self._edge(distribution_id, service))

    def _by_hand(self) -> cloudwatch.CustomWidget:
        return cloudwatch.CustomWidget(
            title="Status, roll back, release",
            width=_FULL,
            height=_HIGH,
            # By its name: the dashboard does not keep the Safety stack from replacing it.
            function_arn=(
                f"arn:{Aws.PARTITION}:lambda:{EDGE_REGION}:{Aws.ACCOUNT_ID}"
                f":function:{self._names.function('widget')}"
            ),
            # A zoom into a graph must not delete what a person is typing.
            update_on_refresh=True,
            update_on_resize=False,
            update_on_time_range_change=False,
        )

    def _what_to_do(self) -> cloudwatch.TextWidget:
        rollback = self._names.function("rollback")
        call = (
            f"aws lambda invoke --region {EDGE_REGION} --function-name {rollback} "
            "--cli-binary-format raw-in-base64-out --payload"
        )
        return cloudwatch.TextWidget(
            width=_FULL,
            height=5,
            markdown="\n".join(
                [
                    f"# {self._names.service}: old to new",
                    "When an alarm on the left fires, traffic goes back to **old** automatically. "
                    "By hand: use the buttons above (allow the widget to run first), or",
                    "```",
                    f'{call} \'{{"action":"roll_back","by":"YOU","reason":"WHY"}}\' /dev/stdout',
                    f'{call} \'{{"action":"status"}}\' /dev/stdout',
                    f'{call} \'{{"action":"release","by":"YOU","reason":"WHY"}}\' /dev/stdout',
                    "```",
                    "A rollback changes no weight: `cdk diff` stays true. No viewer reaches new "
                    "until a person releases the switch.",
                ]
            ),
        )

    def _alarms(self, title: str, alarms: Sequence[AlarmName]) -> cloudwatch.AlarmStatusWidget:
        return cloudwatch.AlarmStatusWidget(
            title=title,
            width=_HALF,
            height=_HEIGHT,
            alarms=[self._alarm(alarm) for alarm in alarms],
        )

    def _shares(self, region: str) -> cloudwatch.GraphWidget:
        share = cloudwatch.MathExpression(
            expression="100 * new / (old + new)",
            using_metrics={"old": self._old.requests(), "new": self._new.requests()},
            period=Duration.minutes(1),
            label="served by new %",
            search_region=region,
        )
        return cloudwatch.GraphWidget(
            title="Declared weight of new, and the share it serves",
            width=_HALF,
            height=_HEIGHT,
            region=region,
            left=[
                share,
                *(
                    own_metrics.declared_weight(self._names.service, door).with_(
                        label=f"declared at the {door} door %"
                    )
                    for door in self._doors
                ),
            ],
            left_y_axis=_PERCENT,
        )

    def _switch(self) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title="Switch (1: thrown, all traffic on old)",
            width=_QUARTER,
            height=_HEIGHT,
            region=EDGE_REGION,
            left=[own_metrics.switch_thrown(self._names.service, door) for door in self._doors],
            left_y_axis=cloudwatch.YAxisProps(min=0, max=1, show_units=False),
        )

    def _judge(self) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title="Judge (0: pass, 1: cannot tell, 2: fail)",
            width=_QUARTER,
            height=_HEIGHT,
            region=EDGE_REGION,
            left=[own_metrics.judge_verdict(self._names.service).with_(label="verdict")],
            left_y_axis=cloudwatch.YAxisProps(min=0, max=2, show_units=False),
        )

    def _both_sides(
        self,
        title: str,
        old: cloudwatch.Metric | cloudwatch.MathExpression,
        new: cloudwatch.Metric | cloudwatch.MathExpression,
        region: str,
        limit: float | None = None,
    ) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title=title,
            width=_THIRD,
            height=_HEIGHT,
            region=region,
            left=[
                old.with_(label="old", color=cloudwatch.Color.BLUE),
                new.with_(label="new", color=cloudwatch.Color.ORANGE),
            ],
            left_y_axis=_FROM_ZERO,
            left_annotations=[]
            if limit is None
            else [
                cloudwatch.HorizontalAnnotation(
                    value=limit, label="limit", color=cloudwatch.Color.RED
                )
            ],
        )

    def _health(self, alarms: Sequence[AlarmName]) -> list[cloudwatch.IWidget]:
        """Return a small graph for each alarm on a health check, found by the alarm's name: the checks'
        ids are not exported, so that an endpoint may come and go."""
        return [
            cloudwatch.AlarmWidget(
                title=alarm.name.removeprefix(f"{self._names.service}-"),
                width=_SIXTH,
                height=_LOW,
                region=alarm.region,
                alarm=self._alarm(alarm),
                left_y_axis=cloudwatch.YAxisProps(min=0, max=1, show_units=False),
            )
            for alarm in alarms
        ]

    def _alarm(self, alarm: AlarmName) -> cloudwatch.IAlarm:
        known = self.node.try_find_child(alarm.name)
        if known is not None:
            return cast(cloudwatch.IAlarm, known)
        return cloudwatch.Alarm.from_alarm_arn(
            self,
            alarm.name,
            f"arn:{Aws.PARTITION}:cloudwatch:{alarm.region}:{Aws.ACCOUNT_ID}:alarm:{alarm.name}",
        )

    def _edge(self, distribution_id: str, service: Service) -> list[cloudwatch.GraphWidget]:
        return [
            cloudwatch.GraphWidget(
                title="Edge: viewer requests a minute",
                width=_THIRD,
                height=_HEIGHT,
                region=EDGE_REGION,
                left=[edge_metrics.requests(distribution_id).with_(label="requests")],
                left_y_axis=_FROM_ZERO,
            ),
            cloudwatch.GraphWidget(
                title="Edge: 5xx seen by viewers, %",
                width=_THIRD,
                height=_HEIGHT,
                region=EDGE_REGION,
                left=[edge_metrics.error_rate(distribution_id).with_(label="5xx")],
                left_y_axis=_FROM_ZERO,
                left_annotations=[
                    cloudwatch.HorizontalAnnotation(
                        value=service.thresholds.edge_error_rate_percent,
                        label="limit",
                        color=cloudwatch.Color.RED,
                    )
                ],
            ),
            cloudwatch.GraphWidget(
                title="Edge: function errors",
                width=_THIRD,
                height=_HEIGHT,
                region=EDGE_REGION,
                left=[edge_metrics.function_errors(self._names.router)],
                left_y_axis=_FROM_ZERO,
            ),
        ]
