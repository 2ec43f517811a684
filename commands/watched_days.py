"""What both sides did in the days of the watch and before it, and which alarms fired, for its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from commands.watching.reading import alarms_of
from cutover.alarms.probes import probes_of
from cutover.declaration.reading.context import Cutover
from shared.alarms.history import fired
from shared.doors.patience import patiently
from shared.metrics import Metric, SideMetrics
from shared.status.look import known
from shared.status.standing import Unread
from shared.watch.hours import HOUR, ByHour, Watch, watch_of
from shared.watch.look import (
    EDGE_REGION,
    HOURS_BEFORE,
    last_whole_hour,
    look_at_doors,
    read_hours,
)

DAY_HOURS: Final = 24
SIDES: Final = ("old", "new")


@dataclass(frozen=True)
class Day:
    """One side in 24 whole hours.

    Attributes
    ----------
    requests : float
        Of users, about: health checkers taken off.
    classes : mapping of str to float
        Answers by class: 3xx, 4xx, 5xx of targets, 5xx of the load balancer.
    average_ms, worst_p95_ms : float or None
        The average response time, and the 95th percentile of the worst hour; None without requests.
    unread : int
        Hours of which nothing is known.
    """

    since: datetime
    side: str
    requests: float
    classes: Mapping[str, float]
    average_ms: float | None
    worst_p95_ms: float | None
    unread: int


@dataclass(frozen=True)
class Watched:
    """All that the report tells; what could not be read says why."""

    watch: Watch | Unread
    days: tuple[Day, ...] | Unread
    fired: tuple[tuple[datetime, str], ...] | Unread


def read_days(cutover: Cutover, client_for: Callable[[str, str], Any], now: datetime) -> Watched:
    """Read it: a call for the doors, one a side, and one for the history of each alarm."""
    service, until = cutover.service, last_whole_hour(now)
    asked = service.promotion.watch_hours
    hours = asked + HOURS_BEFORE
    watch = known(
        lambda: watch_of(
            look_at_doors(
                client_for("cloudwatch", EDGE_REGION), cutover.name, service.doors, until, hours
            ),
            asked,
        )
    )
    since = until - HOUR * asked if isinstance(watch, Unread) else watch.began
    return Watched(
        watch,
        known(lambda: _days(cutover, client_for, until, hours // DAY_HOURS)),
        known(lambda: _fired(cutover, client_for, since)),
    )


def _days(
    cutover: Cutover, client_for: Callable[[str, str], Any], until: datetime, count: int
) -> tuple[Day, ...]:
    service, probes = cutover.service, probes_of(cutover.service)
    first = until - HOUR * DAY_HOURS * count
    found = []
    for which, side in service.sides.items():
        metrics = SideMetrics(side.load_balancer, side.target_group, side.stands_in)
        client = client_for("cloudwatch", metrics.region)
        by_hour = read_hours(client, _asked(metrics), first, until)
        for at in range(count):
            begin = first + HOUR * DAY_HOURS * at
            found.append(day_of(which, begin, by_hour, 60 * probes.about))
    return tuple(sorted(found, key=lambda day: (day.since, SIDES.index(day.side))))


def day_of(side: str, since: datetime, by_hour: Mapping[str, ByHour], probes_an_hour: float) -> Day:
    """Return the day that begins at `since`."""
    hours = [since + HOUR * at for at in range(DAY_HOURS)]
    counted = {hour: by_hour["requests"][hour] for hour in hours if hour in by_hour["requests"]}
    timed = {hour: counted[hour] for hour in counted if hour in by_hour["average"]}
    weight = sum(timed.values())
    slowest = [by_hour["p95"][hour] for hour in hours if hour in by_hour["p95"]]
    return Day(
        since=since,
        side=side,
        requests=sum(max(0.0, count - probes_an_hour) for count in counted.values()),
        classes={
            what: sum(by_hour[id_].get(hour, 0.0) for hour in hours)
            for id_, what in _CLASSES.items()
        },
        average_ms=(
            1000 * sum(by_hour["average"][hour] * count for hour, count in timed.items()) / weight
            if weight
            else None
        ),
        worst_p95_ms=1000 * max(slowest) if slowest else None,
        unread=DAY_HOURS - len(counted),
    )


_CLASSES: Final = {
    "redirects": "3xx",
    "refused": "4xx",
    "errors": "5xx of targets",
    "own_errors": "5xx of the load balancer",
}


def _asked(side: SideMetrics) -> dict[str, Metric]:
    return {
        "requests": side.requests(),
        "redirects": side.answers("3XX"),
        "refused": side.answers("4XX"),
        "errors": side.target_errors(),
        "own_errors": side.load_balancer_errors(),
        "average": side.latency("Average"),
        "p95": side.latency("p95"),
    }


def _fired(
    cutover: Cutover, client_for: Callable[[str, str], Any], since: datetime
) -> tuple[tuple[datetime, str], ...]:
    found = []
    for alarm in alarms_of(cutover.name, {EDGE_REGION, *cutover.service.regions}, client_for):
        client = client_for("cloudwatch", alarm.region)
        times = patiently(lambda alarm=alarm, client=client: fired(client, alarm.name, since))  # type: ignore[misc]
        found += [
            (at, f"{alarm.name}{'' if alarm.rolls_back else ' (tells people)'}") for at in times
        ]
    return tuple(sorted(found))
