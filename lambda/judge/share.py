"""The share of the requests that new answers, beside its declared weight, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from judge.minutes import Minute, requests
from judge.rules import Rules
from shared.inference.share import served, surely_above, surely_below


def tell_share(
    old: Sequence[Minute], new: Sequence[Minute], declared: Mapping[str, float], rules: Rules
) -> tuple[str, dict[str, Any]]:
    """Say what share new serves; never a reason to roll back, since the sides can be compared whatever it
    is."""
    counted = (requests(old), requests(new), len(new), rules.probes)
    share = served(*counted)
    seen = None if share is None else share.estimate
    # A group comes on top of the weight, and no load balancer tells its viewers from others.
    groups = 0 < rules.groups_from_weight <= declared.get("edge", 0)
    off = bool(declared) and (
        (not groups and surely_above(*counted, max(declared.values())))
        or surely_below(*counted, min(declared.values()))
    )
    figures = {"seen": seen, "declared": dict(declared), "off": off}
    if seen is None or not declared:
        return "", figures
    weights = ", ".join(f"{weight:g} % at {door}" for door, weight in sorted(declared.items()))
    whose = "users' requests" if rules.probes.about else "requests"
    more = ", and groups of viewers on top" if groups else ""
    said = f"New answers {seen:.0f} % of the {whose}; declared: {weights}{more}"
    return f"{said}: far off. Find out why." if off else f"{said}.", figures
