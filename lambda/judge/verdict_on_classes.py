"""Whether new answers 4xx or 3xx more often than it may, in a verdict and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from judge.classes import Counted, weigh_class
from judge.enough import too_few
from judge.figures import answers, of_users, surely
from judge.minutes import Minute, newest, without_redirected
from judge.readings import Reading, users_of, weighed
from judge.rules import CLASS_LEVEL, Rules
from shared.inference.verdict import Verdict, overall
from shared.probes import Probes


@dataclass(frozen=True)
class _Class:
    """A class of answers that new may give more often than old by a margin only."""

    name: str
    counted: Counted
    more_points: float
    readings: Sequence[Reading]
    doubts: Sequence[Reading]
    """Both sides' minutes by what probes may have been: all must say that new's share is too large, and of
    `readings` none may, for a PASS."""

    def judge(self, old: Sequence[Minute], new: Sequence[Minute], rules: Rules) -> _ClassSaid:
        weigh = partial(
            weigh_class,
            counted=self.counted,
            lookback=rules.lookback_minutes,
            margin=self.more_points / 100,
            level=CLASS_LEVEL,
        )
        found = weighed(weigh, self.readings, self.doubts, CLASS_LEVEL)
        evidence = found.least_sure
        points = min(reading.points for reading in found.every)
        figures = {
            "p_value": evidence.p_value,
            "minutes": evidence.minutes,
            "points": points,
            "more_points": self.more_points,
        }
        if found.passes:
            return _ClassSaid(Verdict.PASS, "", figures)
        lately = (
            f"New answers {self.name} to {self._rate(new[-evidence.minutes :], rules.probes)} and old to "
            f"{self._rate(old[-evidence.minutes :], rules.probes)} in the last {evidence.minutes} minutes"
        )
        if evidence.p_value > CLASS_LEVEL:
            said = (
                f"{lately}. Whether that is surely more than it may depends on how many of these answers "
                "Route 53's and the sentinel's probes got, and no metric tells."
            )
            return _ClassSaid(Verdict.INCONCLUSIVE, said, figures)
        said = (
            f"{lately}: surely at least {points:.1f} percentage points more, and {self.more_points:g} are "
            f"allowed ({surely(evidence.p_value)})."
        )
        return _ClassSaid(Verdict.FAIL, said, figures)

    def _rate(self, side: Sequence[Minute], probes: Probes) -> str:
        return of_users(side, probes, sum(map(self.counted, side)))


@dataclass(frozen=True)
class _ClassSaid:
    verdict: Verdict
    reason: str
    figures: dict[str, Any]


def judge_classes(
    old: Sequence[Minute], new: Sequence[Minute], rules: Rules
) -> tuple[Verdict, list[str], dict[str, Any]]:
    """Judge the answers by class: as if probes were answered like users, and as if they were answered with
    2xx; PASS is what neither denies. FAIL must also hold where there are as many probes as there can be, and,
    for 3xx, where these were answered so.

    A probe that gets a 4xx has failed, and the alarms on the health checks tell of it.
    """
    now_old, now_new = newest(old, rules.lookback_minutes), newest(new, rules.lookback_minutes)
    about, at_most = rules.probes.about, rules.probes.at_most
    figures: dict[str, Any] = {
        "old": answers(now_old, rules.probes),
        "new": answers(now_new, rules.probes),
    }
    few = too_few(now_old, now_new, rules)
    if few:
        return Verdict.INCONCLUSIVE, [few], figures
    readings = [(old, new), *users_of(old, new, about)]
    doubts = users_of(old, new, at_most)
    redirected = (
        [(without_redirected(old, at_most), without_redirected(new, at_most))] if at_most else []
    )
    looked = [
        _Class("4xx", lambda minute: minute.refused, rules.more_4xx_points, readings, doubts),
        _Class(
            "3xx",
            lambda minute: minute.redirected,
            rules.more_3xx_points,
            readings,
            [*doubts, *redirected],
        ),
    ]
    found = {of.name: of.judge(old, new, rules) for of in looked}
    figures |= {name: said.figures for name, said in found.items()}
    reasons = [said.reason for said in found.values() if said.reason]
    if not reasons:
        reasons = [
            f"New answers {_distribution(figures['new'])} and old {_distribution(figures['old'])}: new's "
            "share of 4xx and of 3xx is not surely larger than it may be."
        ]
    return overall(said.verdict for said in found.values()), reasons, figures


def _distribution(figures: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {figures[name] or 0:.2f} %" for name in ("2xx", "3xx", "4xx", "5xx"))
