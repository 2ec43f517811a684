"""What the last days say of old: whether it may leave the doors, and what is missing.

Everything is by the hour, as the watch is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from shared.decommission.rules import Rules
from shared.readiness.checks.attestations import attestations
from shared.watch.hours import HOUR, AtDoors, ByHour

DAY_HOURS: Final = 24
_FULL: Final = 100.0
_QUIETEST: Final = 10
"""The hour of this rank in a hundred is taken for an hour without users."""
_TOLD: Final = 3


@dataclass(frozen=True)
class Evidence(AtDoors):
    """What was read.

    Attributes
    ----------
    requests : ByHour
        What old's load balancer sent to its targets in each hour, probes among them.
    others : ByHour
        What it answered by itself in each hour: redirects, fixed answers, and refusals.
    """

    requests: ByHour
    others: ByHour

    def hours(self, count: int) -> list[datetime]:
        """Return the beginnings of the last `count` whole hours, the earliest first."""
        return [self.until - HOUR * back for back in range(count, 0, -1)]


def missing(evidence: Evidence, rules: Rules, today: date) -> list[str]:
    """Return a sentence for each thing that must still come before old may leave; nothing where all is
    there."""
    hours = evidence.hours(max(rules.watch_hours, rules.quiet_days * DAY_HOURS))
    return [
        *_watch(evidence, hours, rules),
        *_rollbacks(evidence, hours),
        *_quiet(evidence, rules),
        *(
            finding.said
            for finding in attestations(rules.attestations, today).findings
            if finding.verdict.value != "PASS"
        ),
    ]


def users_a_day(evidence: Evidence, rules: Rules) -> list[tuple[datetime, float]]:
    """Return for each declared day, by its beginning, how many of old's requests may have been users', the
    latest day last.

    Route 53's health checkers and the sentinel ask at the same rate day and night. What old gets in its
    quietest hours is taken for theirs, as far as they can ask so often; the rest is users'. So somebody who
    asks as evenly as they do, and no oftener, is not seen.
    """
    hours = evidence.hours(rules.quiet_days * DAY_HOURS)
    total = {
        hour: evidence.requests.get(hour, 0.0) + evidence.others.get(hour, 0.0) for hour in hours
    }
    quiet = sorted(total.values())[len(total) * _QUIETEST // 100]
    probes = min(quiet, rules.most_probes_a_minute * 60)
    return [
        (day[0], sum(max(0.0, total[hour] - probes) for hour in day))
        for day in (hours[at : at + DAY_HOURS] for at in range(0, len(hours), DAY_HOURS))
    ]


def _watch(evidence: Evidence, hours: Sequence[datetime], rules: Rules) -> Iterator[str]:
    for door, by_hour in evidence.weight.items():
        unread = [hour for hour in hours if hour not in by_hour]
        below = [hour for hour in hours if by_hour.get(hour, _FULL) < _FULL]
        if below:
            yield (
                f"the {door} door has sent everybody to new since {_at(below[-1] + HOUR)} only, and "
                f"{len(hours)} whole hours are asked for (promotion.watch_hours {rules.watch_hours}, "
                f"decommission.quiet_days {rules.quiet_days}): from "
                f"{_at(below[-1] + HOUR * (len(hours) + 1))} on"
            )
        elif unread:
            yield (
                f"it is not known what the {door} door sent to new in {_hours(unread)}: the observer "
                "published "
                "no DeclaredWeight"
            )


def _rollbacks(evidence: Evidence, hours: Sequence[datetime]) -> Iterator[str]:
    for door, by_hour in evidence.thrown.items():
        thrown = [hour for hour in hours if by_hour.get(hour)]
        unread = [hour for hour in hours if hour not in by_hour]
        if thrown:
            yield (
                f"the switch of the {door} door was thrown in {_hours(thrown)}: {len(hours)} hours without a "
                f"rollback end at {_at(thrown[-1] + HOUR * (len(hours) + 1))}"
            )
        elif unread:
            yield (
                f"it is not known whether the {door} door was rolled back in {_hours(unread)}: the observer "
                "published no SwitchThrown"
            )


def _quiet(evidence: Evidence, rules: Rules) -> Iterator[str]:
    hours = evidence.hours(rules.quiet_days * DAY_HOURS)
    unread = [hour for hour in hours if hour not in evidence.requests]
    if unread:
        # The health checkers ask all the time, so a count is missing only where nobody counted.
        yield (
            f"old's load balancer published no RequestCount in {_hours(unread)}: nobody knows who asked "
            "it then"
        )
        return
    busy = [
        (day, users)
        for day, users in users_a_day(evidence, rules)
        if users > rules.residual_requests_a_day
    ]
    if busy:
        day, users = busy[-1]
        yield (
            f"old still got about {users:,.0f} requests, probes taken off, in the 24 hours from "
            f"{_at(day)}, and on {len(busy)} of {rules.quiet_days} days more than "
            f"decommission.residual_requests_a_day ({rules.residual_requests_a_day:,}). Its access log "
            "says who "
            "asks: tell them the new name"
        )


def _hours(hours: Sequence[datetime]) -> str:
    first = ", ".join(_at(hour) for hour in hours[:_TOLD])
    more = f" and {len(hours) - _TOLD} more" if len(hours) > _TOLD else ""
    return f"{len(hours)} hour{'s' if len(hours) > 1 else ''} ({first}{more})"


def _at(hour: datetime) -> str:
    return f"{hour:%Y-%m-%d %H:%M} UTC"
