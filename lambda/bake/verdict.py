"""What one look means for the promotion: ask again, done, or put the weights back."""

from __future__ import annotations

from typing import Final

from bake.objections import Objections
from bake.request import Request
from shared.promotion.groups import said_of

PATIENCE_SECONDS: Final = 120
"""How long after its end a bake still waits for what it cannot read."""
SENTENCE_LENGTH: Final = 1200
"""CloudFormation takes an answer of 4,096 bytes (CloudFormation User Guide, crpg-ref-responses), and the
Provider framework adds where it was thrown."""


class BakeError(Exception):
    """New did not pass; the message is the sentence that CloudFormation shows."""


def is_over(request: Request, elapsed: float) -> bool:
    """Return whether the declared minutes have passed after `elapsed` seconds."""
    return elapsed >= request.minutes * 60


def passed(request: Request, elapsed: float, seen: Objections, live: str = "") -> bool:
    """Return whether the bake is passed after `elapsed` seconds, False while it has to be asked again; `live`
    says how the weight reached viewers, for the sentence.

    What cannot be read is asked for again, to the end and `PATIENCE_SECONDS` more. A bake passes only on a
    look that could read everything.

    Raises
    ------
    BakeError
        When something speaks against new, or it is not known whether new is well.
    """
    if seen.against:
        raise BakeError(_sentence(request, elapsed, "; ".join(seen.against), live))
    if not is_over(request, elapsed):
        return False
    if not seen.unseen:
        return True
    if elapsed < request.minutes * 60 + PATIENCE_SECONDS:
        return False
    why = f"it is not known whether new is well: {'; '.join(seen.unseen)}"
    raise BakeError(_sentence(request, elapsed, why, live))


def _sentence(request: Request, elapsed: float, why: str, live: str) -> str:
    if len(why) > SENTENCE_LENGTH:
        why = f"{why[:SENTENCE_LENGTH]}…"
    change = request.change
    joins = f" with {said_of(change.joins)}" if change.joins else ""
    what = f"new_weight {change.after}{joins}"
    return (
        f"the bake of {what} failed after {_duration(elapsed)} of {request.minutes} min: {why.rstrip('.')}. "
        f"CloudFormation puts the weight back to {change.before}{', and the groups back' * bool(joins)}."
        + (f" Before the bake, {live}." if live else "")
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
