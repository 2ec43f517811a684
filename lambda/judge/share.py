"""The share of the requests that new answers, beside its declared weight, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from judge.minutes import Minute, requests
from judge.rules import Rules
from judge.viewers import Viewers
from shared.inference.share import served, surely_above, surely_below
from shared.probes import NO_PROBES


def tell_share(
    old: Sequence[Minute],
    new: Sequence[Minute],
    declared: Mapping[str, float],
    rules: Rules,
    viewers: Viewers | None = None,
) -> tuple[str, dict[str, Any]]:
    """Say what share new serves; never a reason to roll back, since the sides can be compared whatever it
    is.

    Where the edge is the only door, and its log told of each of these minutes, the share is that of its
    viewers.
    """
    # A group comes on top of the weight, and no load balancer tells its viewers from others.
    groups = 0 < rules.groups_from_weight <= declared.get("edge", 0)
    whose = "users' requests" if rules.probes.about else "requests"
    counted = (requests(old), requests(new), len(new), rules.probes)
    told = [] if viewers is None else [minute for minute in viewers.told if minute]
    if viewers is not None and viewers.everybody and told and len(told) == len(viewers.told):
        by_weight = sum(minute.new.requests - minute.of_groups for minute in told)
        counted = (sum(minute.old.requests for minute in told), by_weight, len(told), NO_PROBES)
        whose = "requests of viewers that are in no group" if groups else "viewers' requests"
        groups = False
    share = served(*counted)
    seen = None if share is None else share.estimate
    off = bool(declared) and (
        (not groups and surely_above(*counted, max(declared.values())))
        or surely_below(*counted, min(declared.values()))
    )
    figures = {"seen": seen, "declared": dict(declared), "off": off}
    if seen is None or not declared:
        return "", figures
    weights = ", ".join(f"{weight:g} % at {door}" for door, weight in sorted(declared.items()))
    more = ", and groups of viewers on top" if groups else ""
    said = f"New answers {seen:.0f} % of the {whose}; declared: {weights}{more}"
    return f"{said}: far off. Find out why." if off else f"{said}.", figures
