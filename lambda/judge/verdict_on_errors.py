"""Whether new fails more often than it may, in a verdict and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from judge.enough import too_few
from judge.errors import FLOOR, RATIO, weigh_errors
from judge.figures import failing, of_users
from judge.minutes import Minute, errors, newest
from judge.rules import Rules
from judge.viewers import Viewers
from shared.inference.verdict import Verdict
from shared.probes import Probes


def judge_errors(
    old: Sequence[Minute],
    new: Sequence[Minute],
    ages: Sequence[int],
    rules: Rules,
    viewers: Viewers | None = None,
) -> tuple[Verdict, str, dict[str, Any]]:
    """Judge the errors of the same minutes, by age as `weigh_errors` wants it, with what the edge's log tells
    of `viewers` where there is one.

    FAIL needs enough requests in the minutes that say so; PASS needs enough in the look-back. Either source
    may have them.
    """
    lookback, probes, level = rules.lookback_minutes, rules.probes, rules.false_alarms
    users = viewers.in_place_of(old, new) if viewers else (old, new)
    now_old, now_new = (newest(side, lookback) for side in users)
    figures: dict[str, Any] = {"old": failing(now_old, probes), "new": failing(now_new, probes)}

    def few_in(length: int) -> str:
        by_users, by_balancers = (
            too_few(newest(of_old, length), newest(of_new, length), rules)
            for of_old, of_new in (users, (old, new))
        )
        return by_users if by_balancers else ""

    few = few_in(lookback)
    if not old:
        return Verdict.INCONCLUSIVE, few, figures
    evidence = weigh_errors(old, new, ages, probes=probes, level=level, viewers=viewers)
    length = max(lookback, evidence.minutes)
    if few and (evidence.p_value > level or few_in(length)):
        return Verdict.INCONCLUSIVE, few, figures
    figures |= {
        "p_value": evidence.p_value,
        "minutes": evidence.minutes,
        "times_old": evidence.times_old,
    }
    if evidence.suspicion > level:
        said = (
            f"New fails {_rate(now_new, probes)} and old {_rate(now_old, probes)}: new is not surely "
            "worse."
        )
        return Verdict.PASS, said, figures
    surer = users if evidence.by_viewers else (old, new)
    of_old, of_new = (_rate(newest(side, evidence.minutes), probes) for side in surer)
    lately = f"New fails {of_new} and old {of_old} in the last {evidence.minutes} minutes"
    if evidence.p_value > level:
        said = (
            f"{lately}. Whether new is surely worse depends on how many of these errors Route 53's and "
            "the sentinel's probes met, and no metric tells."
        )
        return Verdict.INCONCLUSIVE, said, figures
    return (
        Verdict.FAIL,
        f"{lately}: surely more than {evidence.times_old:.1f} times as often, and {RATIO:g} times is "
        f"allowed, or {100 * FLOOR:g} % (said wrongly in at most one of {1 / evidence.p_value:.0f} watches).",
        figures,
    )


def _rate(side: Sequence[Minute], probes: Probes) -> str:
    return of_users(side, probes, errors(side))
