"""Whether a viewer who is logged in on one side is known on the other: both ways, because a rise moves
viewers to new and a rollback moves them back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from shared.inference.verdict import Verdict
from shared.readiness.bodies import difference as bodies
from shared.readiness.checks.journeys import Secrets, Sides, travel
from shared.readiness.finding import Check, Finding, check
from shared.readiness.http.browser import Browser
from shared.readiness.http.fetch import FetchError
from shared.readiness.journeys.journey import Journey, Session
from shared.readiness.journeys.values import Values
from shared.readiness.spec import SIDES, Attestation

SECONDS: Final = 60.0
SHARED: Final = "session store, signing keys, CSRF secrets and cookie domain"
"""What two sides must share so that each knows the other's viewers."""
_VOUCHED: Final = "session"
_CLASS: Final = 100
_MOST_NAMES: Final = 5


async def session(
    sides: Sides,
    declared: Session,
    journey: Journey,
    secrets: Secrets,
    *,
    seconds: float = SECONDS,
) -> Check:
    """Log in on each side by `journey`, and try its cookies on both, within `seconds`.

    The declared path must not know a stranger: one that knows everybody tells nothing.
    """
    why = secrets.against(journey)
    if why:
        said = f"nobody could be logged in: {why}"
        return check("session", [Finding("session", Verdict.INCONCLUSIVE, said)])
    findings: list[Finding] = []
    try:
        async with asyncio.timeout(seconds):
            # Each login is tried on both sides before the next, which may end it.
            for here in SIDES:
                findings += await _one_way(sides, declared, journey, secrets.values, here)
    except TimeoutError:
        said = f"it was not told within {seconds:g} s whether both sides know each other's viewers"
        findings.append(Finding("session", Verdict.INCONCLUSIVE, said))
    return check("session", findings, journey=journey.name, path=declared.path)


def not_tried(
    cookies_set: Mapping[str, Sequence[str]], attestations: Sequence[Attestation]
) -> Check:
    """Return what is to be said where no session is declared.

    Parameters
    ----------
    cookies_set : mapping
        The names of the cookies that each side was seen to set.
    attestations : sequence of Attestation
        One whose `what` names the session is what people say of it, and is judged with the others.
    """
    if any(_VOUCHED in one.what.lower() for one in attestations):
        return Check("session", skipped="a person is asked for it (readiness.attestations)")
    names = sorted({name for side in cookies_set.values() for name in side})
    if not names:
        return Check("session", skipped="no side set a cookie (readiness.session is not declared)")
    listed = ", ".join(names[:_MOST_NAMES]) + (" …" if len(names) > _MOST_NAMES else "")
    said = (
        f"cookies are set ({listed}), and it is not known whether each side knows the other's viewers: "
        f"declare readiness.session, or let a person vouch in readiness.attestations, with what: "
        f'"sessions: both sides share {SHARED}"'
    )
    return check("session", [Finding("session", Verdict.INCONCLUSIVE, said, waivable=True)])


async def _one_way(
    sides: Sides, declared: Session, journey: Journey, secrets: Mapping[str, str], here: str
) -> list[Finding]:
    there = "new" if here == "old" else "old"
    crossing = f"session:{here}-to-{there}"
    browser = Browser(sides.of(here), sides.viewer)
    at = here
    try:
        if await _knows(Browser(sides.of(here), sides.viewer), declared):
            said = (
                f"{declared.path} on {here} answers a stranger as one who is known, so it tells nothing: "
                "declare in readiness.session what only a viewer gets who is logged in"
            )
            return [Finding(f"session:{here}", Verdict.INCONCLUSIVE, said, waivable=True)]
        course = await travel(browser, journey, secrets)
        if course.wrong:
            at_step = f"step {course.failed_at} of {journey.name}"
            said = f"nobody could be logged in on {here}: {at_step}: {course.wrong}"
            return [Finding(f"session:{here}", Verdict.INCONCLUSIVE, said)]
        if not await _knows(Browser(sides.of(here), sides.viewer, browser.jar.copy()), declared):
            said = (
                f"{declared.path} on {here} does not know the viewer who did {journey.name} there"
            )
            return [Finding(f"session:{here}", Verdict.INCONCLUSIVE, said)]
        at = there
        known = await _knows(Browser(sides.of(there), sides.viewer, browser.jar.copy()), declared)
    except FetchError as error:
        said = Values(secrets).hide(f"{declared.path} on {at}: {error}")
        return [Finding(f"session:{here}", Verdict.FAIL, said)]
    if known:
        return [Finding(crossing, Verdict.PASS, f"{there} knows a viewer who logged in on {here}")]
    whom = "rise of the weight" if there == "new" else "rollback"
    said = (
        f"{there} does not know a viewer who logged in on {here}: each {whom} logs people out. Both sides "
        f"must share {SHARED}"
    )
    return [Finding(crossing, Verdict.FAIL, said, waivable=True)]


async def _knows(browser: Browser, declared: Session) -> bool:
    """Return whether the side knows the viewer; a redirect, to a login for example, is an answer."""
    last = (await browser.visit(declared.path, follow=False)).last
    if declared.status not in {str(last.status), f"{last.status // _CLASS}xx"}:
        return False
    if not declared.contains:
        return True
    kind = last.header("content-type")
    return declared.contains in await asyncio.to_thread(bodies.text, last.body, kind)
