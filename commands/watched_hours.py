"""How far the watch after 100 % is, as a note of the status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cutover.declaration.reading.context import Cutover
from shared.promotion.change import HIGHEST
from shared.status.finding import Finding, Kind
from shared.status.look import known
from shared.status.standing import Standing, Unread
from shared.watch.hours import Watch, watch_of
from shared.watch.look import EDGE_REGION, HOURS_BEFORE, last_whole_hour, look_at_doors


def watch_now(
    cutover: Cutover, standing: Standing, client_for: Callable[[str, str], Any]
) -> Watch | Unread | None:
    """Return how far the watch is, once CloudFormation holds 100 % and as long as old is at the doors; None
    before and after."""
    deployed = standing.deployed
    if isinstance(deployed, Unread) or deployed.weight < HIGHEST:
        return None
    if cutover.service.phase == "decommission":
        return None
    asked = cutover.service.promotion.watch_hours
    return known(
        lambda: watch_of(
            look_at_doors(
                client_for("cloudwatch", EDGE_REGION),
                cutover.name,
                cutover.service.doors,
                last_whole_hour(standing.at),
                asked + HOURS_BEFORE,
            ),
            asked,
        )
    )


def watched_hours(
    cutover: Cutover, standing: Standing, client_for: Callable[[str, str], Any]
) -> list[Finding]:
    """Return a note of how far the watch is; nothing before and after it."""
    watch = watch_now(cutover, standing, client_for)
    if watch is None:
        return []
    if isinstance(watch, Unread):
        return [Finding(Kind.NOTE, f"How far the watch is cannot be read: {watch.why}")]
    then = (
        "cutover watch --report writes its report, and cutover decommission says what else is missing "
        "before old may go."
        if watch.over
        else "Old must stay ready to take everybody back."
    )
    untold = (
        " Nobody is told when old is scaled in: declare rollback.old_targets."
        if cutover.service.rollback.old_targets is None
        else ""
    )
    return [Finding(Kind.NOTE, f"{watch.said} {then}{untold}")]
