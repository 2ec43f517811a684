"""Reads what is shown, each thing no oftener than it changes: the APIs are the whole account's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from commands.watched_hours import watch_now
from commands.watching.deploying import deploy_of
from commands.watching.state import Alarm, Deploy, Minute, Watched
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from shared.alarms.description import KINDS
from shared.alarms.state import state_of
from shared.doors.patience import patiently
from shared.metrics import SideMetrics, by_region
from shared.promotion.change import HIGHEST
from shared.status.look import EDGE_REGION, ClientFor, known, look, metric_data
from shared.status.standing import Standing, Unread
from shared.status.subject import Subject
from shared.watch.hours import Watch

DEPLOY_EVERY: Final = timedelta(seconds=10)
ALARMS_EVERY: Final = timedelta(seconds=10)
STANDING_EVERY: Final = timedelta(seconds=20)
SIDES_EVERY: Final = timedelta(seconds=60)
"""Load balancers publish once a minute."""

WATCH_EVERY: Final = timedelta(minutes=10)
"""It counts whole hours."""

CALLS_A_MINUTE: Final = 59
"""At most, with both doors and load balancers in two regions outside us-east-1; a test counts them."""
METRICS_A_MINUTE: Final = 23
"""What GetMetricData is asked for, at most; a test counts them too."""

_MINUTES_BACK: Final = 5

Value = TypeVar("Value")


class Reader:
    """Knows one service; what was read lately is kept.

    Parameters
    ----------
    cutover : Cutover
        The declared service.
    subject : Subject
        Where its parts are.
    client_for : callable
        A boto3 client by service and region.
    """

    def __init__(self, cutover: Cutover, subject: Subject, client_for: ClientFor) -> None:
        self._cutover = cutover
        self._subject = subject
        self._client_for = client_for
        self._kept: dict[str, tuple[datetime, Any]] = {}
        self._step: str | None = None

    def read(self, now: datetime) -> Watched:
        """Return what is known at `now`; of what could not be read, why."""
        deploy = self._lately("deploy", DEPLOY_EVERY, now, self._deploy)
        self._forget_if_another(deploy)
        standing = self._lately("standing", STANDING_EVERY, now, partial(self._standing, now))
        return Watched(
            service=self._cutover.name,
            declared=self._cutover.service.new_weight,
            bake_minutes=self._cutover.service.promotion.bake_minutes,
            deploy=deploy,
            standing=standing,
            alarms=self._lately("alarms", ALARMS_EVERY, now, self._alarms),
            sides=self._lately("sides", SIDES_EVERY, now, partial(self._sides, now)),
            watch=self._watch(standing, now),
        )

    def _lately(
        self, what: str, every: timedelta, now: datetime, read: Callable[[], Value]
    ) -> Value | Any:
        at, seen = self._kept.get(what, (None, None))
        if at is None or now - at >= every:
            seen = known(read)
            self._kept[what] = (now, seen)
        return seen

    def _forget_if_another(self, deploy: Deploy | Unread) -> None:
        """Look at weights and switch again at once when the deploy came to another step."""
        if not isinstance(deploy, Unread):
            step = f"{deploy.began} {deploy.step}"
            if self._step not in {None, step}:
                self._kept.pop("standing", None)
            self._step = step

    def _watch(self, standing: Standing, now: datetime) -> Watch | Unread | None:
        watch = partial(watch_now, self._cutover, standing, self._client_for)
        if isinstance(standing.deployed, Unread) or standing.deployed.weight < HIGHEST:
            return None
        seen: Watch | Unread | None = self._lately("watch", WATCH_EVERY, now, watch)
        return seen

    def _deploy(self) -> Deploy:
        client = self._client_for("cloudformation", EDGE_REGION)
        stack = self._subject.traffic_stack
        answer = patiently(
            lambda: client.describe_stack_events(StackName=stack),
            plainly={
                "ValidationError": f"there is no stack {stack} in {EDGE_REGION}: deploy first"
            },
        )
        # The newest hundred: more than a deploy of this stack has.
        return deploy_of(answer["StackEvents"])

    def _standing(self, now: datetime) -> Standing:
        return look(self._subject, self._client_for, now, self._cutover.service.new_weight)

    def _alarms(self) -> tuple[Alarm, ...]:
        return alarms_of(
            self._cutover.name, {EDGE_REGION, *by_region(self._subject.sides)}, self._client_for
        )

    def _sides(self, now: datetime) -> Mapping[str, Minute | None]:
        # A minute's metrics come after it has ended (Elastic Load Balancing User Guide,
        # load-balancer-cloudwatch-metrics).
        until = now.replace(second=0, microsecond=0)
        sides = self._subject.sides
        told: dict[str, dict[datetime, float]] = {}
        for region, here in by_region(sides).items():
            queries = [
                metric.query(f"{side}_{what}")
                for side, metrics in here.items()
                for what, metric in _asked(metrics).items()
            ]
            client = self._client_for("cloudwatch", region)
            since = until - timedelta(minutes=_MINUTES_BACK)
            told |= {
                id_: dict(zip(*series, strict=True))
                for id_, series in metric_data(client, queries, since, until).items()
            }
        return {side: self._minute(side, told) for side in sides}

    def _minute(self, side: str, told: Mapping[str, Mapping[datetime, float]]) -> Minute | None:
        counted = told[f"{side}_requests"]
        if not counted:
            return None
        at = max(counted)
        users = self._subject.probes.users(counted[at])
        errors = sum(told[f"{side}_{kind}"].get(at, 0.0) for kind in ("errors", "own_errors"))
        latency = told[f"{side}_latency"].get(at)
        return Minute(
            at=at.astimezone(UTC),
            requests=users,
            errors_percent=min(100.0, 100 * errors / counted[at]) if counted[at] else None,
            latency_ms=None if latency is None else 1000 * latency,
        )


def alarms_of(service: str, regions: Iterable[str], client_for: ClientFor) -> tuple[Alarm, ...]:
    """Return the alarms that act on a topic of `service`, in each of `regions`.

    Raises
    ------
    DoorError
        When CloudWatch does not answer.
    """
    names = Names(service)
    topics = {
        names.alarms_topic: True,
        names.environment_alarms_topic: True,
        names.announcements_topic: False,
        names.alarm("old-alarms"): False,
    }
    found = []
    for where in sorted(regions):
        for alarm in _described(client_for("cloudwatch", where), f"{service}-"):
            # Another service's name may begin with this one's: its alarms speak to its own topics.
            ears = {arn.rpartition(":")[2] for arn in alarm.get("AlarmActions", ())}
            if heard := ears & topics.keys():
                rolls_back = any(topics[ear] for ear in heard)
                found.append(Alarm(alarm["AlarmName"], state_of(alarm), rolls_back, where))
    return tuple(found)


def _asked(metrics: SideMetrics) -> dict[str, Any]:
    return {
        "requests": metrics.requests(),
        "errors": metrics.target_errors(),
        "own_errors": metrics.load_balancer_errors(),
        "latency": metrics.latency("Average"),
    }


def _described(client: Any, prefix: str) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    page: dict[str, Any] = {}
    while True:
        asked = {"AlarmNamePrefix": prefix, "AlarmTypes": KINDS, "MaxRecords": 100, **page}
        answer = patiently(lambda asked=asked: client.describe_alarms(**asked))  # type: ignore[misc]
        found += [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]
        if not answer.get("NextToken"):
            return found
        page = {"NextToken": answer["NextToken"]}
