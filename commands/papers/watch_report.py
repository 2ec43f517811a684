"""The report of the watch after 100 %: how it went, beside the days before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from commands.papers.blocks import Block, Heading, Listed, Paper, Table, Words
from commands.watched_days import Day, Watched
from cutover.declaration.reading.context import Cutover
from shared.status.standing import Unread
from shared.watch.hours import Watch


def watch_report(cutover: Cutover, seen: Watched, feedback: Sequence[str], at: datetime) -> Paper:
    """Return it."""
    watch = seen.watch
    said = (
        f"How far the watch is could not be read: {watch.why}"
        if isinstance(watch, Unread)
        else watch.said
    )
    blocks: list[Block] = [Heading("Was it broken?"), _broken(watch)]
    blocks += [Heading("Incidents: alarms that fired"), _fired(seen)]
    blocks += [Heading("Requests, errors and latency by day"), *_days(seen)]
    blocks += [
        Heading("What people said"),
        Listed(feedback) if feedback else Words("Nothing was handed in (--feedback FILE)."),
        Heading("Who has read it"),
        Table(("who", "day", "old may go: yes or no"), [("", "", ""), ("", "", "")]),
    ]
    return Paper(
        "watch-report",
        f"The watch after 100 %: {cutover.name}",
        said,
        f"Made on {at:%Y-%m-%d %H:%M} UTC from CloudWatch, and the declaration in {cutover.source}.",
        blocks,
    )


def _broken(watch: Watch | Unread) -> Block:
    if isinstance(watch, Unread):
        return Words(f"Not known: {watch.why}")
    since = (
        f"since {watch.began:%Y-%m-%d %H:%M} UTC nothing was rolled back and no weight was lowered."
    )
    if watch.broken:
        return Words(f"Yes: {watch.broken}. Its hours count anew: {since}")
    return Words(f"No: {since}")


def _fired(seen: Watched) -> Block:
    if isinstance(seen.fired, Unread):
        return Words(f"Not known: {seen.fired.why}")
    if not seen.fired:
        return Words("None, as far as CloudWatch keeps an alarm's history: 30 days.")
    return Table(("when", "alarm"), [(f"{at:%Y-%m-%d %H:%M} UTC", name) for at, name in seen.fired])


def _days(seen: Watched) -> list[Block]:
    if isinstance(seen.days, Unread):
        return [Words(f"Not known: {seen.days.why}")]
    began = None if isinstance(seen.watch, Unread) else seen.watch.began
    return [
        Table(
            (
                "24 h from, UTC",
                "side",
                "requests",
                "3xx",
                "4xx",
                "5xx",
                "5xx of LB",
                "average",
                "p95",
            ),
            [_row(day, began) for day in seen.days],
        ),
        Words(
            "* a day of the watch. Requests are users', about: health checkers are taken off. Errors are all "
            "that the load balancer counted. p95 is that of the worst hour. ? stands where hours are "
            "missing."
        ),
    ]


def _row(day: Day, began: datetime | None) -> tuple[str, ...]:
    watched = "*" if began is not None and day.since >= began else ""
    missing = "?" if day.unread else ""
    return (
        f"{day.since:%Y-%m-%d %H:%M}{watched}",
        day.side,
        f"{day.requests:,.0f}{missing}",
        *(f"{count:,.0f}" for count in day.classes.values()),
        _ms(day.average_ms),
        _ms(day.worst_p95_ms),
    )


def _ms(value: float | None) -> str:
    return "none" if value is None else f"{value:,.0f} ms"
