"""How a drill ended, and whether that is how it must end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rehearsal.drill.drill import Drill, Serves
from rehearsal.drill.phases import Phases
from rehearsal.drill.recording import DOORS
from rehearsal.world.shares import Share


@dataclass(frozen=True)
class Deployed:
    """What became of a deploy of the drill: `error` is what the CLI said, empty if it went through."""

    weight: int
    error: str = ""


@dataclass(frozen=True)
class End:
    """How things stood at the end.

    Attributes
    ----------
    shares : mapping of str to Share
        What new served in the last seconds, by door, against the deployed weight.
    failed : mapping of str to int
        What failed in them.
    switch : mapping of str to str
        By door: thrown, released, or why that is not known.
    weights : mapping of str to int
        By door, in percent.
    told : sequence of str
        The subjects of what people got.
    deploys : sequence of Deployed
    diff : str
        What `cdk diff` shows for the declared weight, empty if nothing.
    next_change : str
        What the next weight change did otherwise than it said; empty if nothing.
    reached : bool
        Whether the expected end came in time.
    missed : str
        What a moment waited or looked for, and what there was instead; empty if none.
    refused : sequence of str
        What a function or a service asked of the cloud and might not.
    """

    shares: Mapping[str, Share]
    failed: Mapping[str, int]
    switch: Mapping[str, str]
    weights: Mapping[str, int]
    told: Sequence[str] = ()
    deploys: Sequence[Deployed] = ()
    diff: str = ""
    next_change: str = ""
    reached: bool = True
    missed: str = ""
    refused: Sequence[str] = ()


def serves(share: Share, failed: int) -> Serves | str:
    """Return who serves: old, new, both as declared, nobody, or another share in words; unasked where nobody
    asked."""
    if share.total == 0:
        return "nobody" if failed else "unasked"
    if share.new == 0:
        return "old"
    if share.new == share.total:
        return "new"
    return "declared" if share.matches() else f"new {share}, declared {share.declared} %"


def complaints(drill: Drill, phases: Phases, end: End, took: float | None) -> list[str]:
    """Return a sentence for each way in which it did not end as it must; `took` is what its budget counts."""
    budget = drill.expected.budget
    late = budget.complaint(took) if budget else ""
    return [
        *([late] if late else []),
        *_state(drill, end),
        *_telling(drill, end),
        *_losses(drill, phases, end),
        *_after(end),
        *(f"a right is missing: {refused}" for refused in end.refused),
    ]


def _state(drill: Drill, end: End) -> Iterator[str]:
    expected = drill.expected
    if end.missed:
        yield f"this never came: {end.missed}"
    elif not end.reached:
        yield f"the expected end was not reached within {drill.within:.0f} s"
    for door in DOORS:
        found = serves(end.shares[door], end.failed[door])
        as_declared = expected.serves == "declared" and end.shares[door].matches()
        if found != expected.serves and not as_declared:
            yield f"at the {door} door {_words(found)}, expected {expected.serves}"
        if end.switch[door] != expected.switch:
            yield f"the switch of the {door} door is {end.switch[door]}, expected {expected.switch}"
        if end.weights[door] != expected.weight:
            yield f"the {door} door holds weight {end.weights[door]}, expected {expected.weight}"


def _words(found: str) -> str:
    if found in {"old", "new", "nobody"}:
        return f"{found} serves"
    return "nobody asked" if found == "unasked" else f"the share is {found}"


def _telling(drill: Drill, end: End) -> Iterator[str]:
    expected, told = drill.expected, end.told
    for pattern in expected.told:
        if not any(re.search(pattern, subject) for subject in told):
            yield f"no person was told {pattern!r}; told was: {'; '.join(told) or 'nothing'}"
    for pattern in expected.not_told:
        for subject in told:
            if re.search(pattern, subject):
                yield f"a person was told {subject!r}, which should not have been"
                break
    if expected.quiet and told:
        yield f"nobody should have been told, but a person got: {'; '.join(told)}"
    if expected.rollbacks is not None:
        # That an alarm was over, and nothing was done, is told as NOT ROLLED BACK.
        count = sum(": ROLLED BACK to old" in subject for subject in told)
        if count > expected.rollbacks:
            yield f"people were told of {count} rollbacks, expected {expected.rollbacks}"
    if len(end.deploys) != len(expected.deploys):
        yield f"{len(end.deploys)} deploys ended, expected {len(expected.deploys)}"
    for deployed, pattern in zip(end.deploys, expected.deploys, strict=False):
        if not pattern and deployed.error:
            yield f"the deploy of {deployed.weight} failed: {deployed.error[-300:]}"
        elif pattern and not re.search(pattern, deployed.error):
            said = deployed.error[-300:] or "it went through"
            yield f"the deploy of {deployed.weight} should have failed with {pattern!r}: {said}"


def _losses(drill: Drill, phases: Phases, end: End) -> Iterator[str]:
    for door, lost in phases.lost.items():
        if lost.where_healthy > drill.expected.lost_where_healthy:
            yield (f"at the {door} door {lost.where_healthy} requests were lost on a healthy side")
    if drill.expected.serves != "nobody":
        for door in DOORS:
            if end.failed[door] > drill.expected.noise_at_the_end:
                yield f"at the {door} door {end.failed[door]} requests failed at the very end"


def _after(end: End) -> Iterator[str]:
    if end.diff:
        yield f"cdk diff is not empty afterwards: {end.diff}"
    if end.next_change:
        yield f"the next weight change did not do what it says: {end.next_change}"
