"""Whether new answers 4xx or 3xx more often than it may, in a verdict and sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from judge.classes import Counted, weigh_class
from judge.enough import too_few
from judge.figures import answers, of_users, refused, surely
from judge.minutes import Minute, newest, without_redirected
from judge.readings import Reading, users_of, weighed
from judge.rules import CLASS_LEVEL, Rules
from judge.viewers import Viewers
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

    def judge(self, rules: Rules) -> _ClassSaid:
        old, new = self.readings[0]
        few = too_few(
            newest(old, rules.lookback_minutes), newest(new, rules.lookback_minutes), rules
        )
        if few:
            return _ClassSaid(Verdict.INCONCLUSIVE, few)
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
    figures: dict[str, Any] = field(default_factory=dict)


def judge_classes(
    old: Sequence[Minute], new: Sequence[Minute], rules: Rules, viewers: Viewers | None = None
) -> tuple[Verdict, list[str], dict[str, Any]]:
    """Judge the answers by class: as if probes were answered like users, and as if they were answered with
    2xx; PASS is what neither denies. FAIL must also hold where there are as many probes as there can be, and,
    for 3xx, where these were answered so.

    A probe that gets a 4xx has failed, and the alarms on the health checks tell of it. Where the edge is the
    only door, its log tells which `viewers` got a 4xx; of 3xx it tells nothing.
    """
    probes = rules.probes
    users = viewers.in_place_of(old, new) if viewers and viewers.everybody else (old, new)
    figures = {
        name: answers(newest(side, rules.lookback_minutes), probes)
        | {"4xx": refused(newest(of_users, rules.lookback_minutes), probes)}
        for name, side, of_users in zip(("old", "new"), (old, new), users, strict=True)
    }
    redirected = [
        (without_redirected(old, probes.at_most), without_redirected(new, probes.at_most))
    ]
    looked = [
        _Class(
            "4xx",
            lambda minute: minute.refused,
            rules.more_4xx_points,
            [users, *users_of(*users, probes.about)],
            users_of(*users, probes.at_most),
        ),
        _Class(
            "3xx",
            lambda minute: minute.redirected,
            rules.more_3xx_points,
            [(old, new), *users_of(old, new, probes.about)],
            [*users_of(old, new, probes.at_most), *(redirected if probes.at_most else [])],
        ),
    ]
    found = {of.name: of.judge(rules) for of in looked}
    figures |= {name: said.figures for name, said in found.items() if said.figures}
    reasons = list(dict.fromkeys(said.reason for said in found.values() if said.reason))
    if not reasons:
        reasons = [
            f"New answers {_distribution(figures['new'])} and old {_distribution(figures['old'])}: new's "
            "share of 4xx and of 3xx is not surely larger than it may be."
        ]
    return overall(said.verdict for said in found.values()), reasons, figures


def _distribution(figures: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {figures[name] or 0:.2f} %" for name in ("2xx", "3xx", "4xx", "5xx"))
