"""Whether new is slower than it may be, in a verdict and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from judge.enough import too_few_now, too_few_timed
from judge.figures import UNREAD, surely, timing
from judge.latency import LatencyEvidence, bounds, slowed, weigh_latency
from judge.minutes import Minute, newest, without
from judge.rules import LEVEL, Rules
from shared.inference.ranks import EVEN
from shared.inference.verdict import Verdict


def judge_latency(
    old: Sequence[Minute], new: Sequence[Minute], rules: Rules
) -> tuple[Verdict, str, dict[str, Any]]:
    """Judge response times twice: of all requests, with what probes alone could make of them taken off, and
    of those that are left when probes were the fastest.

    The first alone can FAIL. PASS is what neither denies. Neither is asked where requests are too few.
    """
    slowdown, probes = rules.slowdown_percent, rules.probes
    figures: dict[str, Any] = {"old": UNREAD, "new": UNREAD, "slowdown_percent": slowdown}
    # Where the requests are too few already, one sentence is enough.
    if few := too_few_now(old, new, rules):
        return Verdict.INCONCLUSIVE, few, figures
    now_old, now_new = newest(old, rules.lookback_minutes), newest(new, rules.lookback_minutes)
    figures |= {
        "old": timing(now_old, slowed(slowdown)),
        "new": timing(now_new, bounds()),
    }
    few = too_few_timed(now_old, now_new, rules)
    evidence = (
        None
        if few
        else weigh_latency(old, new, lookback=rules.lookback_minutes, probes=probes.at_most)
    )
    if evidence is None:
        few = few or "No minute has response times of both sides: there is nothing to compare."
        return Verdict.INCONCLUSIVE, few, figures
    figures |= {
        "p_value": evidence.p_value,
        "minutes": evidence.minutes,
        "slower": evidence.slower,
    }
    if evidence.p_value <= LEVEL:
        said = f"{_takes_longer(evidence, slowdown)}: new is slower than it may be"
        return Verdict.FAIL, f"{said} ({surely(evidence.p_value)}).", figures
    if probes.about:
        users = (without(side, probes.about) for side in (old, new))
        suspected = weigh_latency(*users, lookback=rules.lookback_minutes)
        if suspected is None or suspected.p_value <= LEVEL:
            said = (
                "Too many of the response times are of Route 53's and the sentinel's probes to tell whether "
                "new is slower for users."
            )
            return Verdict.INCONCLUSIVE, said, figures
    even = "no more than even" if evidence.slower <= EVEN else "not surely more than even"
    return Verdict.PASS, f"{_takes_longer(evidence, slowdown)}: {even}.", figures


def _takes_longer(evidence: LatencyEvidence, slowdown: float) -> str:
    return (
        f"A request to new takes longer than one to old slowed by {slowdown:g} % with a chance of "
        f"{100 * evidence.slower:.0f} % in the last {evidence.minutes} minutes"
    )
