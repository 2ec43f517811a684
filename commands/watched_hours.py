"""How far the watch after 100 % is, as a note of the status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cutover.declaration.reading.context import Cutover
from cutover.promotion.decommission_properties import decommission_properties
from shared.decommission.evidence import hours_at_full_weight
from shared.decommission.look import look
from shared.decommission.rules import Rules
from shared.promotion.change import HIGHEST
from shared.readiness.spec import read
from shared.status.finding import Finding, Kind
from shared.status.look import known
from shared.status.standing import Standing, Unread


def watched_hours(
    cutover: Cutover, standing: Standing, client_for: Callable[[str, str], Any]
) -> list[Finding]:
    """Return a note of the whole hours that everybody has been on new, once CloudFormation holds 100 % and as
    long as old is at the doors; nothing before and after."""
    deployed = standing.deployed
    if isinstance(deployed, Unread) or deployed.weight < HIGHEST:
        return []
    if cutover.service.phase == "decommission":
        return []
    rules = read(Rules, decommission_properties(cutover.service))
    seen = known(
        lambda: look(
            lambda region: client_for("cloudwatch", region), cutover.name, rules, standing.at
        )
    )
    if isinstance(seen, Unread):
        return [Finding(Kind.NOTE, f"How far the watch is cannot be read: {seen.why}")]
    hours = hours_at_full_weight(seen)
    over = (
        "It is over: cutover decommission says what else is missing before old may go."
        if hours >= rules.watch_hours
        else "Old must stay ready to take everybody back."
    )
    return [
        Finding(
            Kind.NOTE,
            f"The watch: everybody has been on new for {hours} whole hours without a rollback, of "
            f"{rules.watch_hours} (promotion.watch_hours). {over}",
        )
    ]
