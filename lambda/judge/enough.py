"""Whether both sides had enough requests of users to conclude anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from judge.minutes import (
    Minute,
    newest,
    requests,
    surely_timed_users,
    surely_users,
    timed,
)
from judge.rules import Rules
from shared.probes import NO_PROBES


def too_few(old: Sequence[Minute], new: Sequence[Minute], rules: Rules) -> str:
    """Return why the requests of both sides are too few to conclude anything, or nothing."""
    probed = any(minute.probed for minute in old)
    return _too_few_of(
        {"Old": requests(old), "New": requests(new)},
        {"Old": surely_users(old, rules.probes), "New": surely_users(new, rules.probes)},
        "answered",
        rules if probed else replace(rules, probes=NO_PROBES),
    )


def too_few_now(old: Sequence[Minute], new: Sequence[Minute], rules: Rules) -> str:
    """Return why the requests of the look-back are too few, or nothing: then response times are not looked
    at, and need not be known."""
    lookback = rules.lookback_minutes
    return too_few(newest(old, lookback), newest(new, lookback), rules)


def too_few_timed(old: Sequence[Minute], new: Sequence[Minute], rules: Rules) -> str:
    """Return why the requests whose time is known are too few, or nothing."""
    return _too_few_of(
        {"Old": timed(old), "New": timed(new)},
        {
            "Old": surely_timed_users(old, rules.probes),
            "New": surely_timed_users(new, rules.probes),
        },
        "reported the time of",
        rules,
    )


def _too_few_of(
    counted: Mapping[str, int], users: Mapping[str, int], did: str, rules: Rules
) -> str:
    lately = f"in the last {rules.lookback_minutes} minutes"
    needed = f"{rules.minimum_requests} are needed to conclude anything."
    for side, count in counted.items():
        if not count:
            return f"{side} {did} no request {lately}: there is nothing to compare."
    for side, count in users.items():
        if count < rules.minimum_requests and rules.probes.at_most:
            return (
                f"{side} {did} {counted[side]} requests {lately}, of which up to {rules.probes.at_most} a "
                f"minute may be Route 53's and the sentinel's probes: {count} are surely users', and {needed}"
            )
        if count < rules.minimum_requests:
            return f"{side} {did} {count} requests {lately}, and {needed}"
    return ""
