"""New compared with old: PASS, FAIL or INCONCLUSIVE, and why, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from judge.errors import FLOOR, RATIO, weigh_errors
from judge.latency import bounds, median_ms, slowed, weigh_latency
from judge.minutes import Minute, errors, requests, timed
from judge.share import is_off
from shared.inference.ranks import EVEN
from shared.inference.verdict import Verdict, overall

LEVEL: Final = 1e-4
"""p-value at which one look at one question is sure. It is asked 1,440 times a day, of overlapping minutes:
docs/judge.md states what that makes of a whole day, by simulation."""

_TINY: Final = 1e-12


@dataclass(frozen=True)
class Rules:
    """What the declaration leaves open.

    Attributes
    ----------
    lookback_minutes : int
        Newest minutes, from 2, that must have enough requests, and are told of.
    minimum_requests : int
        Requests of each side in the look-back below which nothing is concluded.
    slowdown_percent : float
        How much slower than old new may be.
    """

    lookback_minutes: int
    minimum_requests: int
    slowdown_percent: float


@dataclass(frozen=True)
class Judgement:
    """What is said of the minutes looked at.

    Attributes
    ----------
    verdict : Verdict
        The gravest of errors and latency.
    reasons : list of str
        One sentence each for errors, latency and share; or why nothing can be said.
    errors, latency, share : dict
        Figures behind them, ready for JSON: counts, percent, ms, p-values from 0 to 1.
    """

    verdict: Verdict
    reasons: list[str]
    errors: dict[str, Any]
    latency: dict[str, Any]
    share: dict[str, Any]


def compare(
    old: Sequence[Minute], new: Sequence[Minute], declared: Mapping[str, float], rules: Rules
) -> Judgement:
    """Judge the same minutes of both sides, oldest first.

    Parameters
    ----------
    old, new : sequence of Minute
        As many of each; more than the look-back help to see what is rare.
    declared : mapping of str to float
        Weight of new in percent by door, as far as it is known.
    rules : Rules
        What the declaration leaves open.
    """
    error_verdict, error_reason, error_figures = _errors(old, new, rules)
    latency_verdict, latency_reason, latency_figures = _latency(old, new, rules)
    share_reason, share_figures = _share(_newest(old, rules), _newest(new, rules), declared)
    told = [error_reason, latency_reason, share_reason]
    return Judgement(
        verdict=overall([error_verdict, latency_verdict]),
        reasons=[reason for reason in dict.fromkeys(told) if reason],
        errors=error_figures,
        latency=latency_figures,
        share=share_figures,
    )


def inconclusive(reason: str) -> Judgement:
    """Return INCONCLUSIVE, for a reason that lies outside the minutes."""
    return Judgement(
        verdict=Verdict.INCONCLUSIVE,
        reasons=[reason],
        errors={"old": _failing([]), "new": _failing([])},
        latency={"old": _timing([], ()), "new": _timing([], ())},
        share={"seen": None, "declared": {}, "off": False},
    )


def _newest(side: Sequence[Minute], rules: Rules) -> Sequence[Minute]:
    return side[-rules.lookback_minutes :]


def _errors(
    old: Sequence[Minute], new: Sequence[Minute], rules: Rules
) -> tuple[Verdict, str, dict[str, Any]]:
    now_old, now_new = _newest(old, rules), _newest(new, rules)
    figures: dict[str, Any] = {"old": _failing(now_old), "new": _failing(now_new)}
    few = _too_few(requests(now_old), requests(now_new), "answered", rules)
    if few:
        return Verdict.INCONCLUSIVE, few, figures
    evidence = weigh_errors(old, new, lookback=rules.lookback_minutes, level=LEVEL)
    figures |= {
        "p_value": evidence.p_value,
        "minutes": evidence.minutes,
        "times_old": evidence.times_old,
    }
    if evidence.p_value > LEVEL:
        said = f"New fails {_rate(now_new)} and old {_rate(now_old)}: new is not surely worse."
        return Verdict.PASS, said, figures
    return (
        Verdict.FAIL,
        f"New fails {_rate(new[-evidence.minutes :])} and old {_rate(old[-evidence.minutes :])} "
        f"in the last {evidence.minutes} minutes: surely more than {evidence.times_old:.1f} times "
        f"as often, and {RATIO:g} times is allowed, or {100 * FLOOR:g} % "
        f"({_surely(evidence.p_value)}).",
        figures,
    )


def _latency(
    old: Sequence[Minute], new: Sequence[Minute], rules: Rules
) -> tuple[Verdict, str, dict[str, Any]]:
    now_old, now_new = _newest(old, rules), _newest(new, rules)
    slowdown = rules.slowdown_percent
    figures: dict[str, Any] = {
        "old": _timing(now_old, slowed(slowdown)),
        "new": _timing(now_new, bounds()),
        "slowdown_percent": slowdown,
    }
    # Where the requests are too few already, one sentence is enough.
    few = _too_few(requests(now_old), requests(now_new), "answered", rules) or _too_few(
        timed(now_old), timed(now_new), "reported the time of", rules
    )
    evidence = None if few else weigh_latency(old, new, lookback=rules.lookback_minutes)
    if evidence is None:
        few = few or "No minute has response times of both sides: there is nothing to compare."
        return Verdict.INCONCLUSIVE, few, figures
    figures |= {
        "p_value": evidence.p_value,
        "minutes": evidence.minutes,
        "slower": evidence.slower,
    }
    said = (
        f"A request to new takes longer than one to old slowed by {slowdown:g} % with a chance of "
        f"{100 * evidence.slower:.0f} % in the last {evidence.minutes} minutes"
    )
    if evidence.p_value > LEVEL:
        surely = "no more than even" if evidence.slower <= EVEN else "not surely more than even"
        return Verdict.PASS, f"{said}: {surely}.", figures
    return (
        Verdict.FAIL,
        f"{said}: new is slower than it may be ({_surely(evidence.p_value)}).",
        figures,
    )


def _share(
    old: Sequence[Minute], new: Sequence[Minute], declared: Mapping[str, float]
) -> tuple[str, dict[str, Any]]:
    served = requests(new)
    everything = served + requests(old)
    seen = 100 * served / everything if everything else None
    off = is_off(served, everything, declared.values())
    figures = {"seen": seen, "declared": dict(declared), "off": off}
    if seen is None or not declared:
        return "", figures
    weights = ", ".join(f"{weight:g} % at {door}" for door, weight in sorted(declared.items()))
    said = f"New answers {seen:.0f} % of the requests; declared: {weights}"
    return f"{said}: far off. Find out why." if off else f"{said}.", figures


def _too_few(old: int, new: int, did: str, rules: Rules) -> str:
    """Return why the requests of both sides are too few to conclude anything, or nothing."""
    lately = f"in the last {rules.lookback_minutes} minutes"
    for side, count in (("Old", old), ("New", new)):
        if not count:
            return f"{side} {did} no request {lately}: there is nothing to compare."
    for side, count in (("Old", old), ("New", new)):
        if count < rules.minimum_requests:
            return (
                f"{side} {did} {count} requests {lately}, and {rules.minimum_requests} are needed "
                "to conclude anything."
            )
    return ""


def _failing(side: Sequence[Minute]) -> dict[str, Any]:
    served, failed = requests(side), errors(side)
    percent = 100 * failed / served if served else None
    return {"requests": served, "errors": failed, "percent": percent}


def _timing(side: Sequence[Minute], upper: Sequence[float]) -> dict[str, Any]:
    return {"requests": timed(side), "median_ms": median_ms(side, upper)}


def _surely(p_value: float) -> str:
    return f"p = {p_value:.1g}" if p_value >= _TINY else f"p below {_TINY:g}"


def _rate(side: Sequence[Minute]) -> str:
    served, failed = requests(side), errors(side)
    share = 100 * failed / served if served else 0.0
    return f"{share:.2f} % of its requests ({failed} of {served})"
