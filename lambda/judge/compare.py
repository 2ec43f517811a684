"""New compared with old: PASS, FAIL or INCONCLUSIVE, and why, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from judge.judgement import Judgement
from judge.minutes import RECENT, Minute, newest
from judge.rules import Rules
from judge.share import tell_share
from judge.verdict_on_classes import judge_classes
from judge.verdict_on_errors import judge_errors
from judge.verdict_on_latency import judge_latency
from judge.viewers import Viewers
from shared.inference.verdict import overall


def compare(
    old: Sequence[Minute],
    new: Sequence[Minute],
    ages: Sequence[int],
    declared: Mapping[str, float],
    rules: Rules,
    viewers: Viewers | None = None,
) -> Judgement:
    """Judge the same minutes of both sides, oldest first.

    Parameters
    ----------
    old, new : sequence of Minute
        As many of each; more than the look-back help to see what is rare. Errors are weighed in all of them,
        the rest in the newest `RECENT`.
    ages : sequence of int
        Minutes since the weight was changed, of each minute.
    declared : mapping of str to float
        Weight of new in percent by door, as far as it is known.
    rules : Rules
        What the declaration leaves open.
    viewers : Viewers or None
        The same minutes by the edge's log, if there is one: for errors, 4xx and the share.
    """
    error_verdict, error_reason, error_figures = judge_errors(old, new, ages, rules, viewers)
    recent = newest(old, RECENT), newest(new, RECENT)
    class_verdict, class_reasons, class_figures = judge_classes(
        *recent, rules, viewers and viewers.newest(RECENT)
    )
    latency_verdict, latency_reason, latency_figures = judge_latency(*recent, rules)
    lookback = rules.lookback_minutes
    share_reason, share_figures = tell_share(
        newest(old, lookback),
        newest(new, lookback),
        declared,
        rules,
        viewers and viewers.newest(lookback),
    )
    told = [error_reason, *class_reasons, latency_reason, share_reason]
    return Judgement(
        verdict=overall([error_verdict, class_verdict, latency_verdict]),
        reasons=[reason for reason in dict.fromkeys(told) if reason],
        errors=error_figures,
        classes=class_figures,
        latency=latency_figures,
        share=share_figures,
    )
