"""Configuration: both load balancers exist, have healthy targets and room, and are set up alike."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from shared.aws import Clients
from shared.inference.verdict import Verdict
from shared.readiness.aws import quotas
from shared.readiness.aws.load_balancers import DescribedSide, MissingError, UnreadableError, look
from shared.readiness.aws.settings import Settings, rule_orders, settings, zones
from shared.readiness.checks.door_fit import door_fit
from shared.readiness.finding import Check, Finding, check
from shared.readiness.spec import SIDES, Side, Spec

COMPARED: Final = (
    "targets",
    "listeners, rules and certificates",
    "load balancer",
    "target group",
    "health check",
    "security groups",
    "zones",
    "quotas",
    "the door's names and response timeout",
)
_NOTHING: Final = "nothing"


async def configuration(spec: Spec, clients: Clients) -> Check:
    """Read both sides from AWS and return how they differ; skipped where there is nothing to read.

    It takes a second or two, and ends within about a minute whatever AWS does.
    """
    declared = [side.load_balancer and side.target_group for side in (spec.old, spec.new)]
    if not (spec.region and all(declared)):
        return Check("configuration", skipped="no load balancers and target groups are declared")
    try:
        at = {name: spec.region_of(name) for name in SIDES}
        regions = list(dict.fromkeys(at.values()))
        (old, new), limits = await asyncio.gather(
            asyncio.gather(
                asyncio.to_thread(_look, clients, at["old"], spec.old),
                asyncio.to_thread(_look, clients, at["new"], spec.new),
            ),
            asyncio.gather(*(asyncio.to_thread(_limits, clients, region) for region in regions)),
        )
    except NoCredentialsError:
        return Check("configuration", skipped="there are no AWS credentials to read it with")
    looked: dict[str, DescribedSide | Exception] = {"old": old, "new": new}
    now = datetime.now(UTC)
    findings: list[Finding] = []
    seen: dict[str, DescribedSide] = {}
    for name, one in looked.items():
        if isinstance(one, DescribedSide):
            seen[name] = one
            findings += alone(name, spec.side(name), one, spec.certificate_days, now)
            findings += door_fit(name, spec.side(name), one, spec)
        else:
            findings.append(_not_there(name, one))
    if len(seen) == len(SIDES):
        findings += compare(seen["old"], seen["new"], apart=spec.is_apart)
    for region, quota in zip(regions, limits, strict=True):
        here = {name: quotas.used(one) for name, one in seen.items() if at[name] == region}
        findings += _room(quota, here, f":{region}" if spec.is_apart else "")
    return check(
        "configuration",
        findings,
        compared=list(COMPARED),
        healthy_targets={name: healthy(one) for name, one in seen.items()},
    )


def alone(
    name: str, side: Side, seen: DescribedSide, certificate_days: int, now: datetime
) -> Iterator[Finding]:
    """Yield what one side shows alone: whether it exists, is what was measured, and is healthy."""
    yield from _standing(name, side, seen)
    yield from _targets(name, seen)
    yield from _certificates(name, seen, certificate_days, now)
    for what, why in sorted(seen.unread.items()):
        yield _unread(f"{what.strip(':')}:{name}", f"{name}'s {what.strip(':')}: {why}")


def compare(old: DescribedSide, new: DescribedSide, *, apart: bool = False) -> Iterator[Finding]:
    """Yield each difference between the sides, or one PASS when there is none; what is each region's own, if
    they are `apart` in two, is no difference.

    What could be read of one side only is not compared.
    """
    unread = tuple({*old.unread, *new.unread})
    before, after = settings(old, apart=apart), settings(new, apart=apart)
    different = list(_differences(before, after, unread))
    different += _rule_orders(old, new, unread)
    different += _fewer_zones(old, new) if apart else _other_zones(old, new)
    different += _fewer_targets(old, new)
    alike = len(before.keys() & after.keys())
    said = f"the {alike} settings of both load balancers and target groups are the same"
    yield from different or [Finding("configuration:settings", Verdict.PASS, said)]


def healthy(seen: DescribedSide) -> int | None:
    """Return how many targets are healthy, or None where AWS does not tell."""
    return None if "targets" in seen.unread else _states(seen)["healthy"]


def _look(clients: Clients, region: str, side: Side) -> DescribedSide | Exception:
    try:
        return look(clients, region, side)
    except (MissingError, UnreadableError) as error:
        return error


def _limits(clients: Clients, region: str) -> dict[str, int] | Exception:
    try:
        return quotas.read_limits(clients, region)
    except NoCredentialsError:
        raise
    except (BotoCoreError, ClientError) as error:
        return error


def _not_there(name: str, error: Exception) -> Finding:
    if isinstance(error, MissingError):
        return Finding(f"configuration:missing:{name}", Verdict.FAIL, f"{name}: {error}")
    return _unread(name, f"{name}: {error}")


def _unread(what: str, said: str) -> Finding:
    return Finding(f"configuration:unread:{what}", Verdict.INCONCLUSIVE, said, waivable=True)


def _standing(name: str, side: Side, seen: DescribedSide) -> Iterator[Finding]:
    balancer = seen.load_balancer
    state = str((balancer.get("State") or {}).get("Code", "unknown"))
    if state != "active":
        said = f"{name}'s load balancer is {state}, but must be active"
        yield Finding(f"configuration:state:{name}", Verdict.FAIL, said)
    host = (urlsplit(side.url).hostname or "").removeprefix("dualstack.")
    dns_name = str(balancer.get("DNSName", "")).lower()
    if ".elb." in host and dns_name and host != dns_name:
        said = (
            f"{name} is declared as {host}, but {side.load_balancer} answers at {dns_name}: "
            "the one that is measured is not the one that is compared"
        )
        yield Finding(f"configuration:address:{name}", Verdict.FAIL, said)
    if balancer["LoadBalancerArn"] not in (seen.target_group.get("LoadBalancerArns") or []):
        said = f"{name}'s load balancer does not use {side.target_group}: no rule forwards to it"
        yield Finding(f"configuration:attached:{name}", Verdict.FAIL, said)


def _states(seen: DescribedSide) -> Counter[str]:
    return Counter(str((one.get("TargetHealth") or {}).get("State")) for one in seen.health)


def _targets(name: str, seen: DescribedSide) -> Iterator[Finding]:
    if "targets" in seen.unread:
        return
    states = _states(seen)
    well = states["healthy"]
    # A target that leaves is no fault.
    unwell = [
        one
        for one in seen.health
        if (one.get("TargetHealth") or {}).get("State") not in {"healthy", "draining"}
    ]
    listed = "; ".join(map(_told, unwell))
    # Those may still be well: they are new, or nothing checks them.
    untold = all(
        (one.get("TargetHealth") or {}).get("State") in {"initial", "unavailable"} for one in unwell
    )
    place = f"configuration:targets:{name}"
    if not well and states["unavailable"] and states["unavailable"] == len(unwell):
        said = (
            f"{name}'s targets have no health check, so it is not known whether they work: {listed}"
        )
        yield Finding(place, Verdict.INCONCLUSIVE, said, waivable=True)
    elif not well:
        said = f"{name} has no healthy target: {listed or 'none is registered'}"
        yield Finding(place, Verdict.FAIL, said)
    elif unwell:
        verdict = Verdict.INCONCLUSIVE if untold else Verdict.FAIL
        said = f"{name} has {well} healthy and {len(unwell)} other targets: {listed}"
        yield Finding(place, verdict, said, waivable=True)
    else:
        yield Finding(place, Verdict.PASS, f"{name} has {well} healthy targets and no other")


def _told(described: Mapping[str, Any]) -> str:
    target, health = described.get("Target") or {}, described.get("TargetHealth") or {}
    why = " ".join(str(health[k]) for k in ("Reason", "Description") if health.get(k))
    return (
        f"{target.get('Id')}:{target.get('Port')} is {health.get('State')} ({why or 'no reason'})"
    )


def _certificates(
    name: str, seen: DescribedSide, least_days: int, now: datetime
) -> Iterator[Finding]:
    for one in seen.certificates.values():
        domain = str(one.get("DomainName", ""))
        place = f"configuration:certificate:{name}:{domain}"
        if one.get("Status") != "ISSUED":
            said = f"{name}'s certificate for {domain} is {one.get('Status')}, but must be ISSUED"
            yield Finding(place, Verdict.FAIL, said)
        elif one.get("NotAfter"):
            days = (one["NotAfter"] - now).days
            lasts = f"{name}'s certificate for {domain} lasts {days} days"
            if days < least_days:
                said = f"{lasts}, but must last {least_days}"
                yield Finding(place, Verdict.FAIL, said, waivable=days > 0)
            else:
                yield Finding(place, Verdict.PASS, lasts)


def _difference(what: str, said: str, old: str, new: str) -> Finding:
    return Finding(f"configuration:{what}", Verdict.FAIL, said, old, new, waivable=True)


def _differences(before: Settings, after: Settings, unread: tuple[str, ...]) -> Iterator[Finding]:
    lone = tuple(f"{key}:" for key in before.keys() ^ after.keys())
    for key in sorted(before | after):
        # What one side lacks is named once, not again with each of its own settings.
        if key.startswith(lone) or f"{key}:".startswith(unread):
            continue
        one, other = before.get(key), after.get(key)
        if one == other:
            continue
        name = (one or other).name  # type: ignore[union-attr]
        shown = [setting.shown if setting else _NOTHING for setting in (one, other)]
        said = f"{name} is {shown[0]} on old and {shown[1]} on new"
        if shown[0] == shown[1]:
            said = f"{name} asks for different header values on old and on new (not shown)"
        yield _difference(key, said, *shown)


def _rule_orders(
    old: DescribedSide, new: DescribedSide, unread: tuple[str, ...]
) -> Iterator[Finding]:
    before, after = rule_orders(old), rule_orders(new)
    for key in sorted(before.keys() & after.keys()):
        if f"{key}:".startswith(unread):
            continue
        both = set(before[key]) & set(after[key])
        shown = [" → ".join(r for r in dict.fromkeys(s[key]) if r in both) for s in (before, after)]
        if shown[0] != shown[1]:
            said = f"{key}: rules are tried as {shown[0]} on old and as {shown[1]} on new"
            yield _difference(key, said, *shown)


def _room(
    limits: dict[str, int] | Exception, here: Mapping[str, Mapping[str, int]], region: str
) -> Iterator[Finding]:
    if isinstance(limits, Exception):
        yield _unread(f"quotas{region}", f"the quotas cannot be read: {limits}")
    elif here:
        yield from (replace(one, id=f"{one.id}{region}") for one in quotas.room(limits, here))


def _fewer_zones(old: DescribedSide, new: DescribedSide) -> Iterator[Finding]:
    """No zone is in two regions: they are counted."""
    counts = [len(zones(side)) for side in (old, new)]
    if counts[1] < counts[0]:
        said = f"new is in {counts[1]} zones, but old in {counts[0]}"
        yield _difference("zones", said, *map(str, counts))


def _other_zones(old: DescribedSide, new: DescribedSide) -> Iterator[Finding]:
    lacking = sorted(zones(old) - zones(new))
    if lacking:
        shown = [", ".join(sorted(zones(side))) or _NOTHING for side in (old, new)]
        yield _difference("zones", f"new is not in {', '.join(lacking)}, but old is", *shown)


def _fewer_targets(old: DescribedSide, new: DescribedSide) -> Iterator[Finding]:
    before, after = healthy(old), healthy(new)
    if before is not None and after is not None and 0 < after < before:
        said = f"new has {after} healthy targets, old has {before}"
        yield _difference("targets", said, str(before), str(after))
