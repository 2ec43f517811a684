"""Load: whether new carries what it must, and whether old still does, in case of a rollback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from shared.inference.verdict import Verdict
from shared.readiness.finding import Check, Finding, check
from shared.readiness.http import loops
from shared.readiness.http.fetch import Client
from shared.readiness.http.loops import Closed, Open, Sent
from shared.readiness.spec import Endpoint, Load

_PROGRESS_SECONDS: Final = 0.2
_LAG_SECONDS: Final = 0.1
"""When this machine sends later than this, it measures itself, not the side."""


async def burst(old: Client, new: Client, endpoints: Sequence[Endpoint], load: Load) -> Check:
    """Send `load.at_once` requests at once to each side, and return whether all were answered right.

    It is the beginning of `load`, for a caller that wants to know before anything that takes longer.
    """
    findings: list[Finding] = []
    sides: dict[str, dict[str, Any]] = {}
    for name, client in (("old", old), ("new", new)):
        sent = await loops.burst(client, endpoints, load.at_once)
        findings.append(_burst(name, sent))
        sides[name] = {"burst": _burst_figures(sent)}
    return _check(load, findings, sides)


async def load(
    old: Client,
    new: Client,
    endpoints: Sequence[Endpoint],
    load: Load,
    progress: Callable[[float], None],
) -> Check:
    """Load old and then new: all at once, in a closed loop, and by the clock.

    No request may fail. A side that fails at one of these is not loaded further.
    """
    findings: list[Finding] = []
    sides: dict[str, dict[str, Any]] = {}
    seconds = 2 * (load.loop_seconds + load.ramp_seconds + load.hold_seconds)
    async with _telling(progress, seconds):
        for name, client in (("old", old), ("new", new)):
            found, sides[name] = await _side(name, client, endpoints, load)
            findings += found
    return _check(load, findings, sides)


def _check(load: Load, findings: list[Finding], sides: dict[str, dict[str, Any]]) -> Check:
    return check(
        "load",
        findings,
        at_once=load.at_once,
        rate=load.rate,
        rate_source=load.rate_source,
        sides=sides,
    )


async def _side(
    name: str, client: Client, endpoints: Sequence[Endpoint], load: Load
) -> tuple[list[Finding], dict[str, Any]]:
    sent = await loops.burst(client, endpoints, load.at_once)
    findings = [_burst(name, sent)]
    figures: dict[str, Any] = {"burst": _burst_figures(sent)}
    if sent.failed:
        return findings, figures
    closed = await loops.closed_loop(client, endpoints, load.at_once, load.loop_seconds)
    findings.append(_closed(name, closed, load.at_once))
    figures["closed"] = _closed_figures(closed, load.at_once)
    if closed.failed:
        return findings, figures
    opened = await loops.open_loop(client, endpoints, load)
    findings.append(_open(name, opened))
    if not opened.is_stopped:
        findings.append(_rate(name, opened, load.rate_source))
    figures["open"] = _open_figures(opened)
    return findings, figures


def _failed(name: str, stage: str, failed: int, sent: int, how: str, reason: str) -> Finding:
    said = f"{failed} of {sent} requests {how} failed on {name}, the first {reason}"
    if name == "old":
        said += "; a rollback needs old"
    return Finding(f"load:{name}:{stage}", Verdict.FAIL, said)


def _burst(name: str, sent: Sent) -> Finding:
    if sent.failed:
        return _failed(name, "burst", sent.failed, sent.count, "at once", sent.reason)
    slowest = f"{1000 * max(sent.seconds, default=0.0):.0f} ms"
    said = f"{name} answered {sent.count} requests at once, the slowest in {slowest}"
    return Finding(f"load:{name}:burst", Verdict.PASS, said)


def _closed(name: str, closed: Closed, concurrency: int) -> Finding:
    if closed.failed:
        how = f"in a loop, {concurrency} at a time,"
        return _failed(name, "closed", closed.failed, closed.count, how, closed.reason)
    said = (
        f"{name} answered {closed.rate:.1f} requests a second, {concurrency} at a time, "
        f"95 of 100 within {closed.milliseconds(0.95) or 0:.0f} ms"
    )
    return Finding(f"load:{name}:closed", Verdict.PASS, said)


def _open(name: str, opened: Open) -> Finding:
    if opened.failed:
        how = f"on the way to {opened.rate:g} a second"
        return _failed(name, "open", opened.failed, opened.sent, how, opened.reason)
    said = (
        f"{name} answered all {opened.sent} requests on the way to {opened.rate:g} a second, "
        f"95 of 100 within {opened.milliseconds(0.95) or 0:.0f} ms of when they were due"
    )
    return Finding(f"load:{name}:open", Verdict.PASS, said)


def _rate(name: str, opened: Open, source: str) -> Finding:
    place = f"load:{name}:rate"
    if not opened.due_in_hold:
        said = f"{opened.rate:g} requests a second for {opened.hold:g} s make no request at all"
        return Finding(place, Verdict.INCONCLUSIVE, said)
    because = f" ({source})" if source else ""
    said = f"{name} keeps up with {_kept_rate(opened):.1f} of {opened.rate:g} requests a second{because}"
    if opened.keeps_up:
        return Finding(place, Verdict.PASS, said)
    if opened.never_sent:
        said += (
            f": {opened.never_sent} were never sent, because {loops.OUTSTANDING} "
            "were already waiting for an answer"
        )
    if opened.lag > _LAG_SECONDS:
        said += f"; but this machine sent up to {opened.lag:.1f} s late and may itself be too slow"
        return Finding(place, Verdict.INCONCLUSIVE, said)
    if name == "old":
        said += "; a rollback needs old"
    return Finding(place, Verdict.FAIL, said)


def _kept_rate(opened: Open) -> float:
    """Return with how many requests a second it kept up while the rate was held."""
    return opened.rate * opened.answered_in_hold / opened.due_in_hold


def _burst_figures(sent: Sent) -> dict[str, Any]:
    return {
        "sent": sent.count,
        "failed": sent.failed,
        "slowest_ms": sent.milliseconds(1.0),
    }


def _closed_figures(closed: Closed, concurrency: int) -> dict[str, Any]:
    return {
        "concurrency": concurrency,
        "seconds": round(closed.elapsed, 3),
        "requests": closed.count,
        "failed": closed.failed,
        "rate": round(closed.rate, 3),
        "p50_ms": closed.milliseconds(0.5),
        "p95_ms": closed.milliseconds(0.95),
    }


def _open_figures(opened: Open) -> dict[str, Any]:
    return {
        "sent": opened.sent,
        "failed": opened.failed,
        "seconds": round(opened.elapsed, 3),
        "rate": round(_kept_rate(opened), 3) if opened.due_in_hold else None,
        "p50_ms": opened.milliseconds(0.5),
        "p95_ms": opened.milliseconds(0.95),
        "p99_ms": opened.milliseconds(0.99),
        "points": [
            {
                "at_s": point.at,
                "due_rate": point.due_rate,
                "answered_rate": point.answered_rate,
                "failed": point.failed,
                "p50_ms": point.p50,
                "p95_ms": point.p95,
            }
            for point in opened.points()
        ],
    }


@asynccontextmanager
async def _telling(progress: Callable[[float], None], seconds: float) -> AsyncIterator[None]:
    """Tell `progress` how much of `seconds` has passed."""
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def tell() -> None:
        while True:
            await asyncio.sleep(_PROGRESS_SECONDS)
            progress(min(1.0, (loop.time() - began) / seconds))

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
        progress(1.0)
