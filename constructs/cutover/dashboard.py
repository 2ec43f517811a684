"""The dashboard, for a person woken at 3 a.m. From top to bottom: what is declared, what is served, what
fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from cutover.account import ACCOUNT_ID, PARTITION
from cutover.alarms import edge_metrics, fast_log_metrics, own_metrics
from cutover.alarms.alarm import AlarmName
from cutover.alarms.fast_log_alarms import LATE_SECONDS
from cutover.alarms.load_balancer_metrics import LoadBalancerMetrics
from cutover.alarms.metric import Metric, MetricMath
from cutover.alarms.probes import probes_of
from cutover.declaration.service import Service
from cutover.functions.observer import SWITCH_EVERY_MINUTES
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from cutover.widgets import Line, Widget, alarm_graph, alarm_states, custom, graph, page, text

_FULL, _HALF, _THIRD, _QUARTER, _SIXTH = 24, 12, 8, 6, 4
_HIGH, _HEIGHT, _LOW = 8, 6, 4
_CLASSES: Final[tuple[Literal["2XX", "3XX", "4XX"], ...]] = ("2XX", "3XX", "4XX")
_BLUE: Final = "#1f77b4"
_ORANGE: Final = "#ff7f0e"


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
        self._service = service
        self._doors = [
            *(["edge"] if distribution_id is not None else []),
            *(["dns"] if has_dns else []),
        ]
        probes = probes_of(service)
        self._old = LoadBalancerMetrics("old", service.old, probes)
        self._new = LoadBalancerMetrics("new", service.new, probes)
        rows = [
            [self._by_hand()],
            [self._what_to_do()],
            [
                self._alarms("Alarms that roll back", rollback_alarms),
                self._alarms("Alarms for people only", people_alarms),
            ],
            [self._shares(), self._switch(), self._judge()],
            *self._load_balancers(),
            list(self._health(endpoint_alarms)),
        ]
        if distribution_id is not None:
            rows.append(self._edge(distribution_id))
        if service.edge is not False and service.edge.fast_log:
            rows += self._fast_log()
        cloudwatch.CfnDashboard(
            self,
            "Resource",
            dashboard_name=names.dashboard,
            dashboard_body=page(rows, start="-PT3H"),
        )

    def _by_hand(self) -> Widget:
        return custom(
            "Status, roll back, release",
            # By its name: the dashboard does not keep the Safety stack from replacing it.
            function_arn=(
                f"arn:{PARTITION}:lambda:{EDGE_REGION}:{ACCOUNT_ID}"
                f":function:{self._names.function('widget')}"
            ),
            width=_FULL,
            height=_HIGH,
        )

    def _what_to_do(self) -> Widget:
        rollback = self._names.function("rollback")

        def call(alias: str, payload: str) -> str:
            return (
                f"aws lambda invoke --region {EDGE_REGION} --function-name {rollback}:{alias} "
                f"--cli-binary-format raw-in-base64-out --payload '{payload}' /dev/stdout"
            )

        return text(
            "\n".join(
                [
                    f"# {self._names.service}: old to new",
                    "When an alarm on the left fires, traffic goes back to **old** automatically. "
                    "By hand: use the buttons above (allow the widget to run first), or",
                    "```",
                    call("roll_back", '{"action":"roll_back","by":"YOU","reason":"WHY"}'),
                    call("status", '{"action":"status"}'),
                    call("release", '{"action":"release","by":"YOU","reason":"WHY"}'),
                    "```",
                    "A rollback changes no weight: `cdk diff` stays true. No viewer reaches new "
                    "until a person releases the switch.",
                ]
            ),
            width=_FULL,
            height=5,
        )

    def _alarms(self, title: str, alarms: Sequence[AlarmName]) -> Widget:
        return alarm_states(title, [_arn(alarm) for alarm in alarms], width=_HALF, height=_HEIGHT)

    def _shares(self) -> Widget:
        apart = len(self._service.regions) > 1
        return graph(
            "Declared weight of new, and the share it serves"
            + (", groups on top" if self._service.promotion.groups else ""),
            [
                Line(own_metrics.judge_share(self._names.service), "served by new %")
                if apart
                else Line(self._new.share_beside(self._old)),
                *(
                    Line(
                        own_metrics.declared_weight(self._names.service, door),
                        f"declared at the {door} door %",
                    )
                    for door in self._doors
                ),
            ],
            region=EDGE_REGION if apart else self._service.region,
            width=_HALF,
            height=_HEIGHT,
            highest=100,
            unit="%",
        )

    def _switch(self) -> Widget:
        edge = f"; read each {SWITCH_EVERY_MINUTES} min while 0" if "edge" in self._doors else ""
        return graph(
            f"Switch (1: thrown, all traffic on old{edge})",
            [Line(own_metrics.switch_thrown(self._names.service, door)) for door in self._doors],
            region=EDGE_REGION,
            width=_QUARTER,
            height=_HEIGHT,
            highest=1,
        )

    def _judge(self) -> Widget:
        return graph(
            "Judge (0: pass, 1: cannot tell, 2: fail)",
            [Line(own_metrics.judge_verdict(self._names.service), "verdict")],
            region=EDGE_REGION,
            width=_QUARTER,
            height=_HEIGHT,
            highest=2,
        )

    def _load_balancers(self) -> list[list[Widget]]:
        old, new, limits = self._old, self._new, self._service.thresholds
        average, p95 = limits.latency_average_ms / 1000, limits.latency_p95_ms / 1000
        connections = limits.connection_errors
        return [
            [
                *self._sides(
                    "Users' requests a minute (without health checks)", old.users(), new.users()
                ),
                *self._sides(
                    "5xx, % of users' requests",
                    old.error_rate(),
                    new.error_rate(),
                    limits.error_rate_percent,
                ),
                *self._sides("Healthy targets", old.healthy_hosts(), new.healthy_hosts()),
            ],
            [
                widget
                for kind in _CLASSES
                for widget in self._sides(
                    f"{kind.lower()}, % of users' requests", *self._answered(kind)
                )
            ],
            [
                *self._sides(
                    "Latency, average (s)", old.latency("Average"), new.latency("Average"), average
                ),
                *self._sides("Latency, p95 (s)", old.latency("p95"), new.latency("p95"), p95),
                *self._sides(
                    "Connection errors",
                    old.connection_errors(),
                    new.connection_errors(),
                    connections,
                ),
            ],
        ]

    def _answered(self, kind: Literal["2XX", "3XX", "4XX"]) -> tuple[MetricMath, MetricMath]:
        return self._old.answered(kind), self._new.answered(kind)

    def _sides(
        self,
        title: str,
        old: Metric | MetricMath,
        new: Metric | MetricMath,
        limit: float | None = None,
    ) -> list[Widget]:
        """Return one graph of both sides, or where they are in two regions one of each: which region's an
        expression is, a graph of several does not say."""
        lines = [Line(old, "old", _BLUE), Line(new, "new", _ORANGE)]
        if old.region == new.region:
            return [
                graph(title, lines, region=old.region, width=_THIRD, height=_HEIGHT, limit=limit)
            ]
        return [
            graph(
                f"{line.label}, {line.metric.region}: {title}",
                [line],
                region=line.metric.region,
                width=_SIXTH,
                height=_HEIGHT,
                limit=limit,
            )
            for line in lines
        ]

    def _health(self, alarms: Sequence[AlarmName]) -> Iterator[Widget]:
        """Yield a small graph for each alarm on a health check, found by the alarm's name: the checks'
        ids are not exported, so that an endpoint may come and go."""
        for alarm in alarms:
            yield alarm_graph(
                alarm.name.removeprefix(f"{self._names.service}-"),
                _arn(alarm),
                region=alarm.region,
                width=_SIXTH,
                height=_LOW,
            )

    def _edge(self, distribution_id: str) -> list[Widget]:
        limit = self._service.thresholds.edge_error_rate_percent
        return [
            graph(
                title,
                [Line(metric, label)],
                region=EDGE_REGION,
                width=_THIRD,
                height=_HEIGHT,
                limit=limit,
            )
            for title, metric, label, limit in (
                (
                    "Edge: viewer requests a minute",
                    edge_metrics.requests(distribution_id),
                    "requests",
                    None,
                ),
                (
                    "Edge: 5xx seen by viewers, %",
                    edge_metrics.error_rate(distribution_id),
                    "5xx",
                    limit,
                ),
                (
                    "Edge: function errors",
                    edge_metrics.function_errors(self._names.router),
                    "function errors",
                    None,
                ),
            )
        ]

    def _asked_of_new(self) -> list[Line]:
        service = self._names.service
        if not self._service.promotion.groups:
            return [Line(fast_log_metrics.share_of_new(service), "asked of new %")]
        return [
            Line(
                fast_log_metrics.share_of_new_by_weight(service),
                "asked of new, without groups %",
            ),
            Line(fast_log_metrics.share_of_groups(service), "asked by groups %"),
        ]

    def _fast_log(self) -> list[list[Widget]]:
        """What the real-time log tells, by side and without a load balancer, and how late it is."""
        service = self._names.service
        limits = self._service.thresholds

        def sides(title: str, name: str, limit: float | None = None) -> Widget:
            old, new = (
                fast_log_metrics.share_answered(name, service, which, which)
                for which in self._service.sides
            )
            lines = [Line(old, "old", _BLUE), Line(new, "new", _ORANGE)]
            return graph(
                title, lines, region=EDGE_REGION, width=_THIRD, height=_HEIGHT, limit=limit
            )

        def of_log(name: str, label: str, statistic: str = "Sum") -> Line:
            return Line(fast_log_metrics.of_log(name, service, statistic), label)

        return [
            [
                graph(
                    "Edge log: share of new's requests, and its weight",
                    [
                        *self._asked_of_new(),
                        Line(own_metrics.declared_weight(service, "edge"), "declared %"),
                    ],
                    region=EDGE_REGION,
                    width=_THIRD,
                    height=_HEIGHT,
                    highest=100,
                    unit="%",
                ),
                sides(
                    "Edge log: failed, % of requests",
                    "EdgeErrors",
                    limits.fast_error_rate_percent,
                ),
                sides("Edge log: 4xx, % of requests", "Edge4xx"),
            ],
            [
                sides(f"Edge log: first byte after {limits.fast_slow_ms} ms, %", "EdgeSlow"),
                graph(
                    "Edge log: how old a line is when it is counted (s)",
                    [of_log("LogAge", "age", "Average")],
                    region=EDGE_REGION,
                    width=_THIRD,
                    height=_HEIGHT,
                    limit=LATE_SECONDS,
                ),
                graph(
                    "Edge log: lines that tell nothing",
                    [
                        of_log("LogUnread", "not understood"),
                        of_log("LogSideless", "of no side"),
                        of_log("LogLate", "too late"),
                        of_log("LogRepeated", "handed over twice"),
                    ],
                    region=EDGE_REGION,
                    width=_THIRD,
                    height=_HEIGHT,
                ),
            ],
        ]


def _arn(alarm: AlarmName) -> str:
    return f"arn:{PARTITION}:cloudwatch:{alarm.region}:{ACCOUNT_ID}:alarm:{alarm.name}"
