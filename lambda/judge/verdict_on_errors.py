"""Whether new fails more often than it may, in a verdict and a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from judge.enough import too_few
from judge.errors import FLOOR, RATIO, weigh_errors
from judge.figures import failing, of_users
from judge.minutes import Minute, errors, newest
from judge.rules import Rules
from shared.inference.verdict import Verdict
from shared.probes import Probes


def judge_errors(
    old: Sequence[Minute], new: Sequence[Minute], ages: Sequence[int], rules: Rules
) -> tuple[Verdict, str, dict[str, Any]]:
    """Judge the errors of the same minutes, by age as `weigh_errors` wants it.

    FAIL needs enough requests in the minutes that say so; PASS needs enough in the look-back.
    """
    lookback, probes, level = rules.lookback_minutes, rules.probes, rules.false_alarms
    now_old, now_new = newest(old, lookback), newest(new, lookback)
    figures: dict[str, Any] = {"old": failing(now_old, probes), "new": failing(now_new, probes)}
    few = too_few(now_old, now_new, rules)
    if not old:
        return Verdict.INCONCLUSIVE, few, figures
    evidence = weigh_errors(old, new, ages, probes=probes, level=level)
    length = max(lookback, evidence.minutes)
    if few and (
        evidence.p_value > level or too_few(newest(old, length), newest(new, length), rules)
    ):
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
    lately = (
        f"New fails {_rate(newest(new, evidence.minutes), probes)} and old "
        f"{_rate(newest(old, evidence.minutes), probes)} in the last {evidence.minutes} minutes"
    )
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
