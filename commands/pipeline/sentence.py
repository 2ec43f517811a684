"""A change of weight in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from commands.files import json_in
from commands.pipeline.review import Review
from commands.pipeline.schedule import clock, closed_by, day_and_clock, earliest
from cutover.declaration.promotion import Promotion
from shared.promotion.groups import said_of

VERDICTS: Final = {"PASS": "ready", "FAIL": "not ready", "INCONCLUSIVE": "could not tell"}
_TWO_HOURS: Final = timedelta(hours=2)
_TWO_DAYS: Final = timedelta(days=2)


@dataclass(frozen=True)
class Readiness:
    """What a readiness report says, and when it was begun."""

    service: str
    verdict: str
    at: datetime

    def said(self, now: datetime) -> str:
        """Return it in words, like `readiness 2 h old: ready`."""
        return f"readiness {_age(now - self.at)} old: {self.verdict}"


def readiness_in(file: Path) -> Readiness | None:
    """Return what the report `file` says; None where there is none that can be read."""
    try:
        held = json_in(file)
        at = datetime.fromisoformat(held["started"])
        return Readiness(str(held["service"]), VERDICTS[held["verdict"]], _utc(at))
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None


def sentence(
    review: Review,
    promotion: Promotion,
    now: datetime,
    readiness: Readiness | None = None,
    unmeasured: str = "readiness not measured here",
) -> str:
    """Return it, like `chatmrpt: new 10 % -> 25 %, step 3 of 6, inside the window at 02:00 New York`.

    Parameters
    ----------
    review : Review
    promotion : Promotion
        As it is declared.
    now : datetime
        With its time zone.
    readiness : Readiness, optional
        Of the same service.
    unmeasured : str, optional
        What is said where there is none.
    """
    before, after = review.before, review.after
    if before is None or after is None:
        told = (
            "new has a weight for the first time"
            if after is not None
            else "new has no weight any more"
        )
        return f"{review.service}: {told}{f': {after} %' if after else ''}"
    groups = _groups(review)
    if before == after and not review.joins:
        return f"{review.service}: {', '.join([f'new stays at {after} %', *groups])}"
    parts = [
        f"new {before} % -> {after} %" if before != after else f"new stays at {after} %",
        *groups,
    ]
    if after < before and not review.joins:
        parts.append("lower: it passes the gate at any time, and does not bake")
        return f"{review.service}: {', '.join(parts)}"
    if review.override:
        said = ", ".join(parts)
        return f"{review.service}: {said}, rules and readiness skipped by {review.override}"
    if after > before:
        parts.append(_step(before, after, promotion))
    parts.append(_window(promotion, now))
    known = readiness is not None and readiness.service == review.service
    parts.append(readiness.said(now) if known and readiness is not None else unmeasured)
    return f"{review.service}: {', '.join(filter(None, parts))}"


def _groups(review: Review) -> list[str]:
    """Return which groups come to new beside the weight, or leave it."""
    comes = len(review.joins) == 1
    leave = len(review.leaves) == 1
    return [
        *([f"{said_of(review.joins)} join{'s' * comes}"] if review.joins else []),
        # At 0 nobody is on new, and the weight says so.
        *(
            [f"{said_of(review.leaves)} leave{'s' * leave}"]
            if review.leaves and review.after
            else []
        ),
    ]


def _step(before: int, after: int, promotion: Promotion) -> str:
    weights = [step.weight for step in promotion.way]
    skipped = [weight for weight in weights if before < weight < after]
    said = (
        f"step {weights.index(after) + 1} of {len(weights)}"
        if after in weights
        else "not one of the declared steps"
    )
    if skipped:
        said += f" (SKIPS {', '.join(f'{weight} %' for weight in skipped)})"
    return said


def _window(promotion: Promotion, now: datetime) -> str:
    if promotion.window is None and not promotion.freezes:
        return ""
    why = closed_by(promotion, now)
    if not why:
        return f"{'inside the window' if promotion.window else 'not frozen'} at {clock(promotion, now)}"
    opens = earliest(promotion, now)
    then = "" if opens is None else f", may rise from {day_and_clock(promotion, opens)}"
    return f"{why} at {clock(promotion, now)}{then}"


def _age(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    if age < _TWO_HOURS:
        return f"{minutes} min"
    return f"{minutes // 60} h" if age < _TWO_DAYS else f"{minutes // 1440} days"


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
