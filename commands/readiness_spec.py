"""What the command checks: what is declared, or two URLs with the declaration's defaults."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

from commands.declared import UsageError, one_service
from cutover.declaration.readiness import Readiness
from cutover.declaration.thresholds import Thresholds
from cutover.promotion.readiness_properties import readiness_properties
from shared.readiness.reading import SpecError, read
from shared.readiness.spec import Endpoint, Latency, Load, Side, Spec


def spec_of(arguments: argparse.Namespace) -> Spec:
    """Return what is to be checked.

    With both URLs, and neither a service nor a declaration named, no declaration is read. Otherwise the
    declared service is checked, with a URL in place of a declared side where one is given.

    Parameters
    ----------
    arguments : Namespace
        With old, new, door, service, declaration and endpoint (a list).

    Raises
    ------
    UsageError, DeclarationError, SpecError
        When it cannot be told.
    """
    given = {name: _side(name, getattr(arguments, name)) for name in ("old", "new")}
    door = _side("door", arguments.door)
    extra = [_endpoint(path) for path in arguments.endpoint]
    old, new = given["old"], given["new"]
    if old and new and arguments.service is None and arguments.declaration is None:
        return replace(_usual(old, new, extra), door=door.url if door else "")
    declared = one_service(arguments.service, arguments.declaration)
    spec = read(Spec, readiness_properties(declared.name, declared.service))
    known = {endpoint.path for endpoint in spec.endpoints}
    return replace(
        spec,
        old=_instead(spec.old, old),
        new=_instead(spec.new, new),
        door=door.url if door else "",
        door_name="" if door else spec.door_name,
        endpoints=(*spec.endpoints, *(e for e in extra if e.path not in known)),
    )


def _side(name: str, url: str | None) -> Side | None:
    if url is None:
        return None
    try:
        return Side(url.rstrip("/"))
    except SpecError as error:
        raise UsageError(f"--{name}: {error}") from error


def _endpoint(path: str) -> Endpoint:
    try:
        return Endpoint(path)
    except SpecError as error:
        raise UsageError(f"--endpoint: {error}") from error


def _usual(old: Side, new: Side, extra: Sequence[Endpoint]) -> Spec:
    """Return what is usual: the declaration's own defaults, and the root beside the `extra` endpoints."""
    usual, limits = Readiness(), Thresholds()
    return Spec(
        service=new.host,
        old=old,
        new=new,
        endpoints=tuple({e.path: e for e in (Endpoint("/"), *extra)}.values()),
        latency=Latency(
            samples=usual.samples,
            average_ms=limits.latency_average_ms,
            p95_ms=limits.latency_p95_ms,
            slowdown_percent=usual.slowdown_percent,
        ),
        load=Load(
            at_once=usual.at_once,
            loop_seconds=usual.loop_seconds,
            rate=usual.rate,
            max_rate=usual.max_rate,
            ramp_seconds=usual.ramp_seconds,
            hold_seconds=usual.hold_seconds,
        ),
        timeout_seconds=usual.timeout_seconds,
        certificate_days=usual.certificate_days,
    )


def _instead(declared: Side, given: Side | None) -> Side:
    """Return the side that is given, whose load balancer is the declared one only at the same name."""
    if given is None:
        return declared
    return replace(declared, url=given.url) if given.host == declared.host else given
