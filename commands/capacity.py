"""What is reserved on new's load balancer, what the next steps need, and what that costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from commands.leftovers.prices import prices
from commands.pipeline.room import Found, Room, quota_limit
from commands.watched_hours import watch_now
from cutover.declaration.capacity import Capacity
from cutover.declaration.promotion import HIGHEST
from cutover.declaration.reading.context import Cutover
from cutover.naming import Names
from cutover.regions import EDGE_REGION
from shared.capacity import ours as held
from shared.capacity.due import Seen, due
from shared.capacity.ours import Ours
from shared.capacity.reservation import Reservation, look
from shared.capacity.settings import Place
from shared.capacity.units import (
    LEAST,
    QUOTA_CODE,
    QUOTA_NAME,
    Peak,
    needed,
    peak_of,
    said_of_need,
)
from shared.capacity.used import used
from shared.metrics import SideMetrics
from shared.status.finding import Finding, Kind
from shared.status.look import ClientFor, known
from shared.status.standing import Standing, Unread

_HOURS_A_MONTH: Final = 730
SERVICE_CODE: Final = "elasticloadbalancing"


@dataclass(frozen=True)
class Need:
    """What the steps of one service need.

    Attributes
    ----------
    declared : Capacity
    region : str
        New's.
    peak : Peak
        The most that both load balancers used at once.
    """

    declared: Capacity
    region: str
    peak: Peak

    def units(self, weight: int) -> int:
        """Return the LCU that a rise to `weight` percent reserves; 0: fewer than can be reserved."""
        found = needed(self.peak, weight, self.declared.headroom_percent)
        return found if found >= LEAST else 0

    def said(self, weight: int) -> str:
        """Return it in words, with its cost."""
        how = said_of_need(self.peak, weight, self.declared.headroom_percent)
        units = self.units(weight)
        if not units:
            return f"nothing to reserve for {weight} %: new needs {how}, and the least is {LEAST}"
        return f"{weight} % needs {how}. {cost(units)}"


def cost(units: int) -> str:
    """Return what so many reserved LCU cost, in words."""
    table = prices()
    month = table.of("reserved LCU", units)
    if month is None:
        return "Its price is not known here"
    return (
        f"Reserved, that is about {month / _HOURS_A_MONTH:,.2f} USD an hour, {month:,.0f} a month of "
        f"{_HOURS_A_MONTH} h (list price of a used LCU in {table.region}, {table.as_of}; that of a reserved "
        "one is not verified)"
    )


def need(cutover: Cutover, client_for: ClientFor, now: datetime) -> Need | Unread | None:
    """Return what the steps need; None where nothing is reserved."""
    declared = cutover.service.promotion.capacity
    if declared is None:
        return None
    sides: dict[str, SideMetrics] = {
        which: SideMetrics(side.load_balancer, side.target_group, side.stands_in)
        for which, side in cutover.service.sides.items()
    }
    found = known(lambda: used(client_for, sides, now, declared.lookback_days))
    if isinstance(found, Unread):
        return found
    peak = peak_of(found["old"], found["new"])
    if peak is None:
        return Unread(
            f"neither load balancer told PeakLCUs or ConsumedLCUs in {declared.lookback_days} days"
        )
    return Need(declared, cutover.service.new.stands_in, peak)


def said_of_step(cutover: Cutover, weight: int, client_for: ClientFor, now: datetime) -> str | None:
    """Return what the rise to `weight` percent reserves and what that costs; None where nothing is."""
    found = need(cutover, client_for, now)
    if found is None:
        return None
    if isinstance(found, Unread):
        return (
            f"capacity: what {weight} % needs is NOT KNOWN, and the gate would refuse the rise: "
            f"{found.why.rstrip('.')}."
        )
    return f"capacity: {found.said(weight)}."


def quota(cutover: Cutover, client_for: ClientFor, now: datetime) -> Found | None:
    """Return whether the account may reserve what the last step needs, with the number to ask for; None
    where nothing is reserved."""
    found = need(cutover, client_for, now)
    if found is None:
        return None
    region = cutover.service.new.stands_in
    what = f"{QUOTA_NAME} ({QUOTA_CODE}) in {region}"
    if isinstance(found, Unread):
        return Found(
            Room.UNKNOWN,
            f"{what}: it is 0 until AWS raised it. NOT MEASURED how much {cutover.name} needs: "
            f"{found.why.rstrip('.')}.",
        )
    units = found.units(HIGHEST)
    if not units:
        return Found(Room.ENOUGH, f"{what}: {cutover.name} has {found.said(HIGHEST)}.")
    measured = quota_limit(SERVICE_CODE, QUOTA_CODE, region, client_for)
    this = f"{what}: {cutover.name} reserves {units} for {HIGHEST} %"
    if isinstance(measured, Unread):
        return Found(
            Room.UNKNOWN,
            f"{this}, and an account has 0 unless AWS raised that. NOT MEASURED: "
            f"{measured.why.rstrip('.')}.",
        )
    if measured < units:
        return Found(
            Room.BEYOND,
            f"{this}, and the account has {measured}. Ask AWS for at least {units} now, it takes days: "
            f"aws service-quotas request-service-quota-increase --region {region} --service-code "
            f"{SERVICE_CODE} --quota-code {QUOTA_CODE} --desired-value {units}. It is for all load "
            "balancers of the region together.",
        )
    return Found(
        Room.ENOUGH,
        f"{this}, and the account has {measured}. What other load balancers of the region have reserved "
        "comes off that, and is not counted here.",
    )


def reserved(
    cutover: Cutover, standing: Standing, client_for: ClientFor, now: datetime
) -> list[Finding]:
    """Return what is reserved on new, as a note of the status; nothing where nothing is, by anybody."""
    if cutover.service.promotion.capacity is None:
        return []
    place = place_of(cutover, client_for)
    if isinstance(place, Unread):
        return [_unread(place)]
    ours = known(partial(held.read, client_for("ssm", EDGE_REGION), place.parameter))
    seen = known(partial(look, client_for("elbv2", place.region), place.load_balancer))
    for one in (ours, seen):
        if isinstance(one, Unread):
            return [_unread(one)]
    assert not isinstance(ours, Unread)
    assert not isinstance(seen, Unread)
    if ours is None:
        if not seen.units:
            return []
        told = f"On new, {seen}. It is not the gate's, and stays as it is. {cost(seen.units)}."
        return [Finding(Kind.NOTE, told)]
    told_of_ours = _ours(cutover, standing, place, ours, seen, client_for, now)
    return [Finding(Kind.NOTE, one) for one in told_of_ours]


def _unread(one: Unread) -> Finding:
    return Finding(Kind.NOTE, f"What is reserved on new cannot be read: {one.why.rstrip('.')}.")


def _ours(
    cutover: Cutover,
    standing: Standing,
    place: Place,
    ours: Ours,
    seen: Reservation,
    client_for: ClientFor,
    now: datetime,
) -> list[str]:
    by_hand = f"By hand: {place.by_hand}."
    if not ours.owns(seen.units) or ours.load_balancer != place.load_balancer:
        return [
            f"The gate asked for {ours.asked[-1]} LCU on {ours.load_balancer} at {ours.at}; on new, {seen}. "
            "Somebody changed it, or it was not made.",
            by_hand,
        ]
    told = f"On new, {seen}. The gate asked for it at {ours.at} for {ours.weight} %. {cost(seen.units)}."
    back = f", back to the {ours.before} LCU of before" if ours.before else ""
    hours = cutover.service.promotion.watch_hours
    why = due(ours, _at_doors(cutover, standing, client_for), hours, now)
    if why:
        return [
            told,
            f"The reservation is to be released{back}, because {why}: within minutes. If this stays, "
            f"{Names(cutover.name).function('capacity')} cannot do it, and its log says why.",
            by_hand,
        ]
    return [
        told,
        f"The reservation is released{back} when new_weight is at 0 again, or {hours} h after everybody is "
        "on new (promotion.watch_hours).",
    ]


def _at_doors(cutover: Cutover, standing: Standing, client_for: ClientFor) -> Seen:
    weights = {
        f"{door.name} {holder}": weight
        for door in standing.doors
        for holder, weight in door.weights.items()
        if weight is not None and not isinstance(weight, Unread)
    }
    seen = Seen(weights)
    if not seen.everybody:
        return seen
    watch = watch_now(cutover, standing, client_for)
    return Seen(weights, 0 if watch is None or isinstance(watch, Unread) else watch.hours)


def place_of(cutover: Cutover, client_for: ClientFor) -> Place | Unread:
    """Return where new's load balancer is: its ARN, which names the account, as AWS tells it."""
    new = cutover.service.new
    name = new.load_balancer.split("/")[1]
    client = client_for("elbv2", new.stands_in)
    found = known(lambda: _arns(client, name))
    if isinstance(found, Unread):
        return found
    arn = next((one for one in found if one.endswith(f":loadbalancer/{new.load_balancer}")), None)
    if arn is None:
        return Unread(f"there is no load balancer {new.load_balancer} in {new.stands_in}")
    return Place(new.stands_in, arn, Names(cutover.name).capacity)


def _arns(client: object, name: str) -> Sequence[str]:
    answer = client.describe_load_balancers(Names=[name])  # type: ignore[attr-defined]
    return [str(one["LoadBalancerArn"]) for one in answer["LoadBalancers"]]
