"""New compared with old: PASS, FAIL or INCONCLUSIVE, and why, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from judge.errors import FLOOR, RATIO, weigh_errors
from judge.latency import LatencyEvidence, bounds, median_ms, slowed, weigh_latency
from judge.minutes import (
    Minute,
    errors,
    requests,
    surely_timed_users,
    surely_users,
    timed,
    without,
)
from shared.inference.ranks import EVEN
from shared.inference.share import served, surely_above, surely_below
from shared.inference.verdict import Verdict, overall
from shared.probes import NO_PROBES, Probes

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
        Requests of users on each side in the look-back below which nothing is concluded.
    slowdown_percent : float
        How much slower than old new may be.
    probes : Probes
        Of each minute's requests on each side so many are nobody's.
    """

    lookback_minutes: int
    minimum_requests: int
    slowdown_percent: float
    probes: Probes = NO_PROBES


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
    share_reason, share_figures = _share(_newest(old, rules), _newest(new, rules), declared, rules)
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
        errors={"old": _failing([], NO_PROBES), "new": _failing([], NO_PROBES)},
        latency={"old": _timing([], ()), "new": _timing([], ())},
        share={"seen": None, "declared": {}, "off": False},
    )


def _newest(side: Sequence[Minute], rules: Rules) -> Sequence[Minute]:
    return side[-rules.lookback_minutes :]


def _errors(
    old: Sequence[Minute], new: Sequence[Minute], rules: Rules
) -> tuple[Verdict, str, dict[str, Any]]:
    """Judge the errors twice: as if probes failed like users' requests, and as if none did.

    Whose errors they are no metric tells. FAIL is what both readings say, PASS what neither denies.
    """
    now_old, now_new = _newest(old, rules), _newest(new, rules)
    probes, lookback = rules.probes, rules.lookback_minutes
    figures: dict[str, Any] = {"old": _failing(now_old, probes), "new": _failing(now_new, probes)}
    few = _too_few(now_old, now_new, rules)
    if few:
        return Verdict.INCONCLUSIVE, few, figures
    readings = [weigh_errors(old, new, lookback=lookback, level=LEVEL)]
    if probes.about:
        users = (without(side, probes.about) for side in (old, new))
        readings.append(weigh_errors(*users, lookback=lookback, level=LEVEL))
    evidence = max(readings, key=lambda reading: reading.p_value)
    times_old = min(reading.times_old for reading in readings)
    figures |= {"p_value": evidence.p_value, "minutes": evidence.minutes, "times_old": times_old}
    if all(reading.p_value > LEVEL for reading in readings):
        said = (
            f"New fails {_rate(now_new, probes)} and old {_rate(now_old, probes)}: new is not surely "
            "worse."
        )
        return Verdict.PASS, said, figures
    lately = (
        f"New fails {_rate(new[-evidence.minutes :], probes)} and old "
        f"{_rate(old[-evidence.minutes :], probes)} in the last {evidence.minutes} minutes"
    )
    if evidence.p_value > LEVEL:
        said = (
            f"{lately}. Whether new is surely worse depends on how many of these errors Route 53's probes "
            "met, and no metric tells."
        )
        return Verdict.INCONCLUSIVE, said, figures
    return (
        Verdict.FAIL,
        f"{lately}: surely more than {times_old:.1f} times as often, and {RATIO:g} times is allowed, or "
        f"{100 * FLOOR:g} % ({_surely(evidence.p_value)}).",
        figures,
    )


def _latency(
    old: Sequence[Minute], new: Sequence[Minute], rules: Rules
) -> tuple[Verdict, str, dict[str, Any]]:
    """Judge response times twice: of all requests, with what probes alone could make of them taken off, and
    of those that are left when probes were the fastest.

    The first alone can FAIL. PASS is what neither denies.
    """
    now_old, now_new = _newest(old, rules), _newest(new, rules)
    slowdown, probes = rules.slowdown_percent, rules.probes
    figures: dict[str, Any] = {
        "old": _timing(now_old, slowed(slowdown)),
        "new": _timing(now_new, bounds()),
        "slowdown_percent": slowdown,
    }
    # Where the requests are too few already, one sentence is enough.
    few = _too_few(now_old, now_new, rules) or _too_few_timed(now_old, now_new, rules)
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
        return Verdict.FAIL, f"{said} ({_surely(evidence.p_value)}).", figures
    if probes.about:
        users = (without(side, probes.about) for side in (old, new))
        suspected = weigh_latency(*users, lookback=rules.lookback_minutes)
        if suspected is None or suspected.p_value <= LEVEL:
            said = (
                "Too many of the response times are of Route 53's probes to tell whether new is slower for "
                "users."
            )
            return Verdict.INCONCLUSIVE, said, figures
    surely = "no more than even" if evidence.slower <= EVEN else "not surely more than even"
    return Verdict.PASS, f"{_takes_longer(evidence, slowdown)}: {surely}.", figures


def _takes_longer(evidence: LatencyEvidence, slowdown: float) -> str:
    return (
        f"A request to new takes longer than one to old slowed by {slowdown:g} % with a chance of "
        f"{100 * evidence.slower:.0f} % in the last {evidence.minutes} minutes"
    )


def _share(
    old: Sequence[Minute], new: Sequence[Minute], declared: Mapping[str, float], rules: Rules
) -> tuple[str, dict[str, Any]]:
    """Say what share new serves; never a reason to roll back, since the sides can be compared whatever it
    is."""
    counted = (requests(old), requests(new), len(new), rules.probes)
    share = served(*counted)
    seen = None if share is None else share.estimate
    off = bool(declared) and (
        surely_above(*counted, max(declared.values()))
        or surely_below(*counted, min(declared.values()))
    )
    figures = {"seen": seen, "declared": dict(declared), "off": off}
    if seen is None or not declared:
        return "", figures
    weights = ", ".join(f"{weight:g} % at {door}" for door, weight in sorted(declared.items()))
    whose = "users' requests" if rules.probes.about else "requests"
    said = f"New answers {seen:.0f} % of the {whose}; declared: {weights}"
    return f"{said}: far off. Find out why." if off else f"{said}.", figures


def _too_few(old: Sequence[Minute], new: Sequence[Minute], rules: Rules) -> str:
    """Return why the requests of both sides are too few to conclude anything, or nothing."""
    return _too_few_of(
        {"Old": requests(old), "New": requests(new)},
        {"Old": surely_users(old, rules.probes), "New": surely_users(new, rules.probes)},
        "answered",
        rules,
    )


def _too_few_timed(old: Sequence[Minute], new: Sequence[Minute], rules: Rules) -> str:
    return _too_few_of(
        {"Old": timed(old), "New": timed(new)},
        {
            "Old": surely_timed_users(old, rules.probes),
            "New": surely_timed_users(new, rules.probes),
        },
        "reported the time of",
        rules,
    )


def _too_few_of(
    counted: Mapping[str, int], users: Mapping[str, int], did: str, rules: Rules
) -> str:
    lately = f"in the last {rules.lookback_minutes} minutes"
    needed = f"{rules.minimum_requests} are needed to conclude anything."
    for side, count in counted.items():
        if not count:
            return f"{side} {did} no request {lately}: there is nothing to compare."
    for side, count in users.items():
        if count < rules.minimum_requests and rules.probes.at_most:
            return (
                f"{side} {did} {counted[side]} requests {lately}, of which up to {rules.probes.at_most} a "
                f"minute may be Route 53's probes: {count} are surely users', and {needed}"
            )
        if count < rules.minimum_requests:
            return f"{side} {did} {count} requests {lately}, and {needed}"
    return ""


def _failing(side: Sequence[Minute], probes: Probes) -> dict[str, Any]:
    users, failed = _users(side, probes), errors(side)
    percent = 100 * failed / users if users else None
    return {"requests": users, "errors": failed, "percent": percent}


def _timing(side: Sequence[Minute], upper: Sequence[float]) -> dict[str, Any]:
    return {"requests": timed(side), "median_ms": median_ms(side, upper)}


def _surely(p_value: float) -> str:
    return f"p = {p_value:.1g}" if p_value >= _TINY else f"p below {_TINY:g}"


def _rate(side: Sequence[Minute], probes: Probes) -> str:
    users, failed = _users(side, probes), errors(side)
    share = 100 * failed / users if users else 0.0
    whose = "users' requests" if probes.about else "requests"
    return f"{share:.2f} % of its {whose} ({failed} of {users})"


def _users(side: Sequence[Minute], probes: Probes) -> int:
    return requests(without(side, probes.about))
