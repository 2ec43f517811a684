"""What the judge says: PASS, FAIL or INCONCLUSIVE, the reasons, and the figures behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from judge.figures import UNREAD, answers, failing
from shared.inference.verdict import Verdict
from shared.probes import NO_PROBES


@dataclass(frozen=True)
class Judgement:
    """What is said of the minutes looked at.

    Attributes
    ----------
    verdict : Verdict
        The gravest of errors, classes and latency.
    reasons : list of str
        A sentence or two each for errors, classes, latency and share; or why nothing can be said.
    errors, classes, latency, share : dict
        Figures behind them, ready for JSON: counts, percent, percentage points, ms, p-values from 0 to 1;
        those of response times are None where these were not read.
    """

    verdict: Verdict
    reasons: list[str]
    errors: dict[str, Any]
    classes: dict[str, Any]
    latency: dict[str, Any]
    share: dict[str, Any]

    def more_points(self, name: str) -> float | None:
        """Return how many percentage points new's share of the answers `name` (like 4xx) is above old's in
        the look-back; None where either answered no user."""
        old, new = (self.classes[side][name] for side in ("old", "new"))
        return None if old is None or new is None else new - old


def inconclusive(reason: str) -> Judgement:
    """Return INCONCLUSIVE, for a reason that lies outside the minutes."""
    return Judgement(
        verdict=Verdict.INCONCLUSIVE,
        reasons=[reason],
        errors={"old": failing([], NO_PROBES), "new": failing([], NO_PROBES)},
        classes={"old": answers([], NO_PROBES), "new": answers([], NO_PROBES)},
        latency={"old": UNREAD, "new": UNREAD},
        share={"seen": None, "declared": {}, "off": False},
    )
