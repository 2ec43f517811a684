"""New compared with old: PASS, FAIL or INCONCLUSIVE, and why, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, Protocol, TypeVar

from judge.classes import Counted, weigh_class
from judge.errors import FLOOR, RATIO, weigh_errors
from judge.latency import LatencyEvidence, bounds, median_ms, slowed, weigh_latency
from judge.minutes import (
    Minute,
    errors,
    requests,
    surely_timed_users,
    surely_users,
    timed,
    untimed_without,
    without,
    without_redirected,
)
from shared.inference.ranks import EVEN
from shared.inference.share import served, surely_above, surely_below
from shared.inference.verdict import Verdict, overall
from shared.probes import NO_PROBES, Probes

LEVEL: Final = 1e-4
"""p-value at which one look at one question is sure. It is asked 1,440 times a day, of overlapping minutes:
docs/judge.md states what that makes of a whole day, by simulation."""

ERROR_LEVEL: Final = LEVEL / 2
CLASS_LEVEL: Final = LEVEL / 4
"""What a request is answered with is one such question in three parts, which share its level: errors, 4xx and
3xx. Response times are the other."""

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
    more_4xx_points, more_3xx_points : float
        How many percentage points new's share of these answers may be above old's, 0 to 100.
    probes : Probes
        Of each minute's requests on each side so many are nobody's.
    """

    lookback_minutes: int
    minimum_requests: int
    slowdown_percent: float
    more_4xx_points: float
    more_3xx_points: float
    probes: Probes = NO_PROBES


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
        Figures behind them, ready for JSON: counts, percent, percentage points, ms, p-values from 0 to 1.
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
    class_verdict, class_reasons, class_figures = _classes(old, new, rules)
    latency_verdict, latency_reason, latency_figures = _latency(old, new, rules)
    share_reason, share_figures = _share(_newest(old, rules), _newest(new, rules), declared, rules)
    told = [error_reason, *class_reasons, latency_reason, share_reason]
    return Judgement(
        verdict=overall([error_verdict, class_verdict, latency_verdict]),
        reasons=[reason for reason in dict.fromkeys(told) if reason],
        errors=error_figures,
        classes=class_figures,
        latency=latency_figures,
        share=share_figures,
    )


def inconclusive(reason: str) -> Judgement:
    """Return INCONCLUSIVE, for a reason that lies outside the minutes."""
    return Judgement(
        verdict=Verdict.INCONCLUSIVE,
        reasons=[reason],
        errors={"old": _failing([], NO_PROBES), "new": _failing([], NO_PROBES)},
        classes={"old": _answers([], NO_PROBES), "new": _answers([], NO_PROBES)},
        latency={"old": _timing([], ()), "new": _timing([], ())},
        share={"seen": None, "declared": {}, "off": False},
    )


def _newest(side: Sequence[Minute], rules: Rules) -> Sequence[Minute]:
    return side[-rules.lookback_minutes :]


def _errors(
    old: Sequence[Minute], new: Sequence[Minute], rules: Rules
) -> tuple[Verdict, str, dict[str, Any]]:
    """Judge the errors twice: as if probes failed like users' requests, and as if none did; PASS is what
    neither denies. FAIL must also hold where there are as many probes as there can be.

    Whose errors they are no metric tells.
    """
    now_old, now_new = _newest(old, rules), _newest(new, rules)
    probes, lookback = rules.probes, rules.lookback_minutes
    figures: dict[str, Any] = {"old": _failing(now_old, probes), "new": _failing(now_new, probes)}
    few = _too_few(now_old, now_new, rules)
    if few:
        return Verdict.INCONCLUSIVE, few, figures
    weigh = partial(weigh_errors, lookback=lookback, level=ERROR_LEVEL)
    found = _weighed(
        weigh,
        [(old, new), *_users_of(old, new, probes.about)],
        _users_of(old, new, probes.at_most),
        ERROR_LEVEL,
    )
    evidence = found.least_sure
    times_old = min(reading.times_old for reading in found.every)
    figures |= {"p_value": evidence.p_value, "minutes": evidence.minutes, "times_old": times_old}
    if found.passes:
        said = (
            f"New fails {_rate(now_new, probes)} and old {_rate(now_old, probes)}: new is not surely "
            "worse."
        )
        return Verdict.PASS, said, figures
    lately = (
        f"New fails {_rate(new[-evidence.minutes :], probes)} and old "
        f"{_rate(old[-evidence.minutes :], probes)} in the last {evidence.minutes} minutes"
    )
    if evidence.p_value > ERROR_LEVEL:
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


_Reading = tuple[Sequence[Minute], Sequence[Minute]]
"""The minutes of old and of new."""


def _users_of(old: Sequence[Minute], new: Sequence[Minute], probes: int) -> list[_Reading]:
    """Return both sides without so many probes a minute; nothing where there are none."""
    return [(untimed_without(old, probes), untimed_without(new, probes))] if probes else []


class _Evidence(Protocol):
    @property
    def p_value(self) -> float: ...


_E = TypeVar("_E", bound=_Evidence)


@dataclass(frozen=True)
class _Weighed(Generic[_E]):
    """The evidence of every reading of what probes may have been.

    `passes` where no reading is against new; FAIL must hold in `every` one, also where the doubts are.
    """

    passes: bool
    every: Sequence[_E]

    @property
    def least_sure(self) -> _E:
        return max(self.every, key=lambda evidence: evidence.p_value)


def _weighed(
    weigh: Callable[[Sequence[Minute], Sequence[Minute]], _E],
    readings: Sequence[_Reading],
    doubts: Sequence[_Reading],
    level: float,
) -> _Weighed[_E]:
    found = [weigh(old, new) for old, new in readings]
    passes = all(evidence.p_value > level for evidence in found)
    return _Weighed(passes, found + [weigh(old, new) for old, new in doubts])


@dataclass(frozen=True)
class _Class:
    """A class of answers that new may give more often than old by a margin only."""

    name: str
    counted: Counted
    more_points: float
    readings: Sequence[_Reading]
    doubts: Sequence[_Reading]
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
        found = _weighed(weigh, self.readings, self.doubts, CLASS_LEVEL)
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
                "Route 53's probes got, and no metric tells."
            )
            return _ClassSaid(Verdict.INCONCLUSIVE, said, figures)
        said = (
            f"{lately}: surely at least {points:.1f} percentage points more, and {self.more_points:g} are "
            f"allowed ({_surely(evidence.p_value)})."
        )
        return _ClassSaid(Verdict.FAIL, said, figures)

    def _rate(self, side: Sequence[Minute], probes: Probes) -> str:
        return _of_users(side, probes, sum(map(self.counted, side)))


@dataclass(frozen=True)
class _ClassSaid:
    verdict: Verdict
    reason: str
    figures: dict[str, Any]


def _classes(
    old: Sequence[Minute], new: Sequence[Minute], rules: Rules
) -> tuple[Verdict, list[str], dict[str, Any]]:
    """Judge the answers by class: as if probes were answered like users, and as if they were answered with
    2xx; PASS is what neither denies. FAIL must also hold where there are as many probes as there can be, and,
    for 3xx, where these were answered so.

    A probe that gets a 4xx has failed, and the alarms on the health checks tell of it.
    """
    now_old, now_new = _newest(old, rules), _newest(new, rules)
    about, at_most = rules.probes.about, rules.probes.at_most
    figures: dict[str, Any] = {
        "old": _answers(now_old, rules.probes),
        "new": _answers(now_new, rules.probes),
    }
    few = _too_few(now_old, now_new, rules)
    if few:
        return Verdict.INCONCLUSIVE, [few], figures
    readings = [(old, new), *_users_of(old, new, about)]
    doubts = _users_of(old, new, at_most)
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


def _answers(side: Sequence[Minute], probes: Probes) -> dict[str, Any]:
    """Return the share of each class in percent, about, of the users' requests."""
    users = _users(side, probes)
    counts = {
        "2xx": sum(minute.succeeded for minute in untimed_without(side, probes.about)),
        "3xx": sum(minute.redirected for minute in side),
        "4xx": sum(minute.refused for minute in side),
        "5xx": errors(side),
    }
    shares = {name: 100 * count / users if users else None for name, count in counts.items()}
    return {"requests": users, **shares}


def _distribution(figures: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {figures[name] or 0:.2f} %" for name in ("2xx", "3xx", "4xx", "5xx"))


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
    return _of_users(side, probes, errors(side))


def _of_users(side: Sequence[Minute], probes: Probes, count: int) -> str:
    users = _users(side, probes)
    share = 100 * count / users if users else 0.0
    whose = "users' requests" if probes.about else "requests"
    return f"{share:.2f} % of its {whose} ({count} of {users})"


def _users(side: Sequence[Minute], probes: Probes) -> int:
    return requests(untimed_without(side, probes.about))
