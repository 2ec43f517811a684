"""Which of these disagree: declared, deployed, live, the switch of every door, and the share served."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from shared.doors.switch import SwitchState
from shared.inference.share import served, surely_above, surely_below
from shared.promotion.groups import said_of
from shared.promotion.line import Line
from shared.promotion.line import said as told_of_line
from shared.status.finding import Finding, Kind, by_gravity
from shared.status.standing import Deployed, Door, Standing, Unread, is_thrown
from shared.status.times import moment, shown

SAME: Final = 0.05
"""Weights closer than this, in percentage points, count as equal."""

SETTLING: Final = timedelta(minutes=2)
"""How long a change may take to show everywhere: a DNS answer lives for 60 s, and the metrics of load
balancers count by whole minutes."""


def compare(standing: Standing, *, before_promotion: bool = False) -> list[Finding]:
    """Return what there is to say, the gravest first; only notes where all agree.

    Parameters
    ----------
    standing : Standing
        What was seen.
    before_promotion : bool
        A deploy of what is declared comes next, so that declared and deployed may differ.
    """
    found = [
        *_unread(standing),
        *_stack(standing.deployed),
        *_declared(standing, before_promotion),
        *_live(standing, before_promotion),
        *_switches(standing),
        *_mute(standing),
        *_line(standing.line),
        *_share(standing),
    ]
    return by_gravity(found)


def headline(standing: Standing, findings: Iterable[Finding]) -> str:
    """Return in one sentence where viewers go, and in another whether all agree."""
    known = sorted({share for door in standing.doors for share in _expected(door)})
    states = [door.switch for door in standing.doors]
    if all(isinstance(state, SwitchState) and state.thrown for state in states):
        where = "All viewers go to old: the switch is thrown."
    elif not known:
        where = "It is not known what new gets."
    elif len(known) == 1:
        where = f"New gets {known[0]:.3g} %."
    else:
        where = f"New gets {known[0]:.3g} to {known[-1]:.3g} %, by door."
    if standing.groups:
        where = f"{where[:-1]}, and {said_of(standing.groups)} as well."
    kinds = Counter(finding.kind for finding in findings)
    if kinds[Kind.DISAGREES]:
        count = kinds[Kind.DISAGREES]
        return f"{where} {count} disagreement{'s' if count > 1 else ''}."
    if kinds[Kind.UNREAD]:
        return f"{where} Not everything could be read."
    who = "Deployed" if standing.declared is None else "Declared, deployed"
    return f"{where} {who} and live agree."


def _unread(standing: Standing) -> Iterator[Finding]:
    looked: list[tuple[str, object]] = [
        ("What CloudFormation holds", standing.deployed),
        *(
            (f"The weight in {holder}", weight)
            for door in standing.doors
            for holder, weight in door.weights.items()
        ),
        *((f"The switch of the {door.name} door", door.switch) for door in standing.doors),
        *((f"Which groups the {door.name} door lets in", door.groups) for door in standing.doors),
        ("Whether alarms are muted", standing.mute),
        ("The load balancers' request counts", standing.requests),
        ("The judge's verdict", standing.judged),
    ]
    for what, seen in looked:
        if isinstance(seen, Unread):
            yield Finding(Kind.UNREAD, f"{what} cannot be read: {seen.why.rstrip('.')}.")


def _stack(deployed: Deployed | Unread) -> Iterator[Finding]:
    if isinstance(deployed, Unread):
        return
    stack, status = deployed.stack, deployed.status
    if deployed.failed:
        yield Finding(
            Kind.DISAGREES,
            f"The stack {stack} is {status}: its last deploy was left half-way, so it is not known "
            "which weight it holds. First finish it in CloudFormation: continue the rollback, or delete "
            "a stack that was never created.",
        )
    elif deployed.moving:
        yield Finding(
            Kind.UNREAD,
            f"The stack {stack} is {status}: a deploy is under way and weights may be moving. Check "
            "again when it has ended.",
        )
    elif deployed.put_back:
        yield Finding(
            Kind.NOTE,
            f"The last deploy of {stack} failed and CloudFormation put everything back ({status}): the "
            "weight is the earlier one.",
        )


def _declared(standing: Standing, before_promotion: bool) -> Iterator[Finding]:
    declared, deployed = standing.declared, standing.deployed
    if declared is None or isinstance(deployed, Unread) or declared == deployed.weight:
        return
    apart = abs(declared - deployed.weight)
    if before_promotion:
        yield Finding(
            Kind.NOTE,
            f"git declares {declared} % for new and CloudFormation holds {deployed.weight} %: this "
            f"promotion moves {_points(apart)}.",
        )
        return
    yield Finding(
        _unless_moving(deployed),
        f"git declares {declared} % for new, but CloudFormation holds {deployed.weight} %: "
        f"{_points(apart)} apart. Deploy what is declared, or declare {deployed.weight}.",
    )


def _live(standing: Standing, before_promotion: bool) -> Iterator[Finding]:
    """Compare every live weight with what is deployed. If that is not known, compare it with what is
    declared, or the doors with each other."""
    live = {
        holder: weight
        for door in standing.doors
        for holder, weight in door.weights.items()
        if not isinstance(weight, Unread)
    }
    if not isinstance(standing.deployed, Unread):
        kind = _unless_moving(standing.deployed)
        yield from _against(live, standing.deployed.weight, "CloudFormation holds", kind)
    elif standing.declared is not None and not before_promotion:
        yield from _against(live, standing.declared, "git declares", Kind.DISAGREES)
    elif live:
        first, *others = live.items()
        yield from _against(dict(others), first[1], f"{first[0]} holds", Kind.DISAGREES)


def _points(apart: float) -> str:
    said = f"{apart:.3g}"
    return f"{said} point{'' if said == '1' else 's'}"


def _against(live: Mapping[str, float], wanted: float, who: str, kind: Kind) -> Iterator[Finding]:
    for holder, weight in live.items():
        apart = abs(weight - wanted)
        if apart > SAME:
            yield Finding(
                kind,
                f"{_capital(holder)} sends {weight:.3g} % to new, but {who} {wanted:g} %: "
                f"{_points(apart)} apart. It was changed outside CloudFormation: set it back by hand, or "
                "deploy another weight and then this one (a deploy of an unchanged template does nothing).",
            )


def _unless_moving(deployed: Deployed) -> Kind:
    return Kind.NOTE if deployed.moving else Kind.DISAGREES


def _switches(standing: Standing) -> Iterator[Finding]:
    states = {
        door.name: door.switch for door in standing.doors if isinstance(door.switch, SwitchState)
    }
    thrown = [name for name, state in states.items() if state.thrown]
    released = [name for name, state in states.items() if not state.thrown]
    if thrown and released:
        yield Finding(
            Kind.DISAGREES,
            f"The switch is thrown at the {_and(thrown)} door and released at the {_and(released)} "
            "door. Roll back again or release again, as you intend: either sets both doors alike.",
        )
    for door in standing.doors:
        for record in door.unguarded:
            yield Finding(
                Kind.DISAGREES,
                f"New's {record} at the {door.name} door does not carry the switch's health check: a "
                "rollback would not take it out of DNS. It was changed outside CloudFormation: set "
                "the health check back by hand.",
            )
    said = next((state for state in states.values() if state.thrown and state.by), None)
    if thrown:
        yield Finding(
            Kind.NOTE,
            f"The switch is thrown ({_and(thrown)}): no viewer reaches new there until a person releases it."
            + (
                f" By {said.by}, {shown(said.at) or 'time not known'}: {said.reason or 'no reason given'}."
                if said
                else ""
            ),
        )


def _mute(standing: Standing) -> Iterator[Finding]:
    mute = standing.mute
    if mute is None or isinstance(mute, Unread):
        return
    yield Finding(
        Kind.NOTE,
        f"Alarms do not roll back until {mute.until:%Y-%m-%d %H:%M} UTC, by {mute.by}: {mute.reason}.",
    )


def _line(line: Line | Unread) -> Iterator[Finding]:
    # A note, also where it cannot be read: it says nothing of how this service stands, and a weight may fall
    # whatever it says.
    if isinstance(line, Unread):
        yield Finding(
            Kind.NOTE,
            f"Whether the line is stopped cannot be read here: {line.why.rstrip('.')}. The gate reads it "
            "itself before a rise.",
        )
    elif line.stopped:
        yield Finding(
            Kind.NOTE,
            f"{_capital(told_of_line(line)).rstrip('.')}. No weight rises in this account until a person "
            "starts it: cutover line start 'WHY'.",
        )


def _share(standing: Standing) -> Iterator[Finding]:
    requests = standing.requests
    if isinstance(requests, Unread) or _changed_since(standing, requests.since - SETTLING):
        return
    expected = [share for door in standing.doors for share in _expected(door)]
    counted = (requests.old, requests.new, requests.minutes, standing.probes)
    share = served(*counted)
    if share is None or not expected:
        return
    # A group comes on top of the weight, and no load balancer tells its viewers from others.
    most = 100.0 if standing.groups else max(expected)
    least = min(expected)
    low, high = share.low, share.high
    said = (
        f"New served about {share.estimate:.3g} % ({low:.3g} to {high:.3g}) of the users' requests of "
        f"{requests.minutes} minutes"
    )
    # Fewer than expected: people who know old's own name cause that, and no door can change it.
    if surely_above(*counted, most):
        at_dns = any(door.name == "dns" and door.weights for door in standing.doors)
        yield Finding(
            Kind.NOTE if at_dns else Kind.DISAGREES,
            f"{said}, and {most:g} % is expected at most. "
            + (
                "At the dns door this may be a few large resolvers, which cache an answer for everybody "
                "behind them. Check whether it lasts."
                if at_dns
                else "Requests reach new past the edge door: look at the access log of new's load balancer."
            ),
        )
    elif surely_below(*counted, least):
        yield Finding(
            Kind.NOTE,
            f"{said}, and {least:g} % is expected at least. People who use old's own name, or resolvers "
            "that keep an answer, do not follow a weight.",
        )


def _expected(door: Door) -> Iterator[float]:
    thrown = is_thrown(door)
    for weight in door.weights.values():
        if not isinstance(weight, Unread):
            yield 0.0 if thrown else weight


def _changed_since(standing: Standing, since: datetime) -> bool:
    """Return whether a weight or the switch changed, or may be changing, since then."""
    deployed = standing.deployed
    if not isinstance(deployed, Unread) and (deployed.moving or deployed.changed > since):
        return True
    for door in standing.doors:
        at = moment(door.switch.at) if isinstance(door.switch, SwitchState) else None
        if at is not None and at > since:
            return True
    return False


def _and(names: list[str]) -> str:
    return " and ".join(names)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
