"""Does new fail more often than old, by so much that it matters?

FAIL needs both of these, each so surely that it is wrong at most in the declared share of the watches:

- new's rate is above `RATIO` times old's in the same minutes;
- new's rate is above `FLOOR`: so few errors are not worth a rollback even where old has none.

Each minute is a bet of its own (`shared.inference.bets`), and a new run of bets starts each minute
(`shared.inference.watch`). What hits both sides alike decides nothing: given the sum of both sides' errors,
only their ratio counts. Each side's own rate moves from minute to minute by itself, and now and then a minute
is bad without a reason: both are part of what is betted against. Two bad minutes decide nothing; three may.
Where errors come in clusters the ratio of both moves by more than that. So it is measured, and believed as
far as old alone moves so much: new that fails by fits and starts does not make its errors weigh less.

Whose errors they are, users' or probes', no metric tells. So new's traffic for each of old's is
taken with no probes, with about as many as there should be and with as many as there can be, and what allows
new the most errors decides.

Where there is the edge's log, three quarters of each minute's stake are betted on what it tells of viewers,
and on the load balancers' minute where it does not tell; the last quarter always on the load balancers'
(docs/decisions/127-the-judge-counts-viewers.md).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from judge.minutes import Minute, tempered
from judge.viewers import Viewers
from shared.inference.beta import solve
from shared.inference.bets import Bet, of_both, of_one
from shared.inference.unrest import jumps, unrest
from shared.inference.watch import Won, since, stake, surprise
from shared.probes import Probes

RATIO: Final = 2.0
"""New may fail this many times as often as old."""

FLOOR: Final = 0.002
"""Share of failing requests, 0 to 1, below which new is never worse."""

OWN: Final = 0.3
"""Coefficient of variation by which each side's rate moves from minute to minute by itself."""

COMMON: Final = 0.5
"""And by which both move together."""

BAD: Final = 6 / (24 * 60)
"""Share of the minutes that are bad anyway: a deploy of something else, a cold cache, a slow disk."""

_OF_BOTH: Final = 2 * OWN**2
_OF_ONE: Final = OWN**2 + COMMON**2
_OVERLAP: Final = 1.8
"""Runs of bets that started just before a bad minute win with it: a FAIL needs the logarithm of so many less
of a single run."""

_SMOOTH: Final = 10
"""Minutes over which users are counted where probes are taken off: few are left, and vary much."""

_ENOUGH: Final = 100
"""Evidence is kept up to so many times what a FAIL needs: new that is well again is soon taken for well."""

_BY_LOG: Final = 0.75
"""Share of the stake that is betted on the edge's log where there is one. As much as it takes to be about as
soon as by the log alone; the rest sees what the log does not."""

_MOST_ODDS: Final = 1000.0
_LOG_MOST: Final = math.log(_MOST_ODDS)


@dataclass(frozen=True)
class ErrorEvidence:
    """What the counts say.

    Attributes
    ----------
    p_value : float
        0 to 1: new that is no worse than it may be ever looks so bad in at most this share of the watches.
    suspicion : float
        The same, if probes are as it is worst for new; at most `p_value`.
    minutes : int
        So many of the newest minutes say it most surely.
    times_old : float
        Times old's rate that new's surely exceeds; 0 where nothing is sure.
    by_viewers : bool
        Whether the counts of viewers are what says it most surely.
    """

    p_value: float
    suspicion: float
    minutes: int
    times_old: float
    by_viewers: bool = False


def weigh_errors(
    old: Sequence[Minute],
    new: Sequence[Minute],
    ages: Sequence[int],
    *,
    probes: Probes,
    level: float,
    viewers: Viewers | None = None,
) -> ErrorEvidence:
    """Return the evidence that new fails more than it may; at a p-value of at most `level` it is sure.

    Parameters
    ----------
    old, new : sequence of Minute
        The same minutes, one or more, oldest first; the newest may be a part of a minute.
    ages : sequence of int
        Minutes since the weight was changed, of each.
    probes : Probes
        Of each minute's requests on each side so many are nobody's.
    level : float
        Above 0 to below 1.
    viewers : Viewers or None
        The same minutes by the edge's log, if there is one.
    """
    said = Said.of(old, new, ages, probes=probes, level=level, viewers=viewers)
    p_value, suspicion = said.course()[-1], said.suspicion()
    return ErrorEvidence(
        p_value,
        min(p_value, suspicion),
        said.since(),
        said.least_ratio() if p_value <= level else 0.0,
        said.by_viewers(),
    )


@dataclass(frozen=True)
class Source:
    """Both sides' minutes as one source tells them, or several of which each tells some minutes.

    Attributes
    ----------
    old, new : sequence of Minute
        Oldest first.
    traffics : tuple of lists of float
        New's requests for each of old's in each minute: of all, without about as many probes as there should
        be, and without as many as there can be.
    of_both, of_one : float
        By how much the ratio of both rates, and a single rate, move from minute to minute.
    """

    old: Sequence[Minute]
    new: Sequence[Minute]
    traffics: tuple[list[float], list[float], list[float]]
    of_both: float
    of_one: float

    @classmethod
    def of(cls, old: Sequence[Minute], new: Sequence[Minute], probes: Probes) -> Source:
        """Measure how restless the minutes are, and who of them are users."""
        of_all, about, fewest = (
            _traffic(old, new, count) for count in (0, probes.about, probes.at_most)
        )
        return cls(old, new, (of_all, about, fewest), *_variations(old, new))

    def where_told(self, viewers: Viewers) -> Source:
        """Return this source with the minutes that `viewers` tells in place of its own."""
        old, new = viewers.in_place_of(self.old, self.new)
        apart = _traffic(old, new, 0)
        of_all, about, fewest = (
            [
                mine if told is None else theirs
                for told, mine, theirs in zip(viewers.told, traffic, apart, strict=True)
            ]
            for traffic in self.traffics
        )
        return Source(old, new, (of_all, about, fewest), *_variations(old, new))

    def above_ratio(
        self, traffic: Sequence[float], ratio: float, ages: Sequence[int], level: float
    ) -> Won:
        """Return what bets against "new fails at most `ratio` times as often as old" win."""
        return [
            [
                bet.wins(of_both(n.errors, o.errors, ratio * odds, bet.times, self.of_both))
                for bet in bets(age, level)
            ]
            for o, n, odds, age in zip(self.old, self.new, traffic, ages, strict=True)
        ]

    def above_floor(self, probes: int, ages: Sequence[int], level: float) -> Won:
        """Return what bets against "new fails at most `FLOOR` of its requests" win, without so many
        probes."""
        return [
            [
                bet.wins(
                    of_one(
                        n.errors, max(n.errors, n.less(probes), 1) * FLOOR, bet.times, self.of_one
                    )
                )
                for bet in bets(age, level)
            ]
            for n, age in zip(self.new, ages, strict=True)
        ]


@dataclass(frozen=True)
class Said:
    """What both sides' counts say.

    Attributes
    ----------
    sources : tuple of Source
        One or two.
    shares : tuple of float
        How much of a minute's stake is betted on each, together 1.
    ages, probes, level
        As `weigh_errors` is given them.
    """

    sources: tuple[Source, ...]
    shares: tuple[float, ...]
    ages: Sequence[int]
    probes: Probes
    level: float

    @classmethod
    def of(
        cls,
        old: Sequence[Minute],
        new: Sequence[Minute],
        ages: Sequence[int],
        *,
        probes: Probes,
        level: float,
        viewers: Viewers | None = None,
    ) -> Said:
        """Read the sources: the load balancers, and before them the edge's log where it tells of a minute."""
        balancers = Source.of(old, new, probes)
        if viewers is None or not any(viewers.told):
            return cls((balancers,), (1.0,), ages, probes, level)
        sources = (balancers.where_told(viewers), balancers)
        return cls(sources, (_BY_LOG, 1 - _BY_LOG), ages, probes, level)

    def course(self) -> list[float]:
        """Return the p-value after each minute, by the traffic that allows new the most errors."""
        return [max(ps) for ps in zip(*map(self._p_values, self._both()), strict=True)]

    def since(self) -> int:
        """Return how many of the newest minutes the weaker of both questions has been answered so."""
        weaker = max(self._both(), key=lambda won: self._p_values(won)[-1])
        return since(weaker, self.ages, self._stakes())

    def suspicion(self) -> float:
        """Return the p-value if all failing requests, or none of them, are users' like the others: the
        smaller one."""
        readings = ((0, 0), (1, self.probes.about))
        return min(
            max(
                self._p_values(won)[-1]
                for won in (self._by_traffic(which), self._above_floor(probes))
            )
            for which, probes in (readings if self.probes.about else readings[:1])
        )

    def least_ratio(self) -> float:
        """Return the ratio of the rates that new is surely above: a confidence sequence's lower end."""

        def doubt(log_ratio: float) -> float:
            return self._p_values(self._strictly(math.exp(log_ratio)))[-1]

        return math.exp(solve(doubt, self.level, math.log(RATIO), _LOG_MOST, halvings=12))

    def by_viewers(self) -> bool:
        """Return whether the first of two sources says it more surely than the second."""
        alone = [replace(self, sources=(source,), shares=(1.0,)) for source in self.sources]
        doubts = [said.course()[-1] for said in alone]
        return doubts[0] < doubts[-1]

    def _p_values(self, won: Won) -> list[float]:
        most = _ENOUGH / self.level
        found = surprise(won, self.ages, most, self._stakes())
        return [min(1.0, 1 / evidence) for evidence in found]

    def _stakes(self) -> list[float]:
        kinds = len(bets(0, self.level))
        return [share / kinds for share in self.shares for _ in range(kinds)]

    def _both(self) -> tuple[Won, Won]:
        return self._strictly(RATIO), self._above_floor(0)

    def _strictly(self, ratio: float) -> Won:
        return self._above_ratio(
            lambda source: [max(column) for column in zip(*source.traffics, strict=True)], ratio
        )

    def _by_traffic(self, which: int) -> Won:
        return self._above_ratio(lambda source: source.traffics[which], RATIO)

    def _above_ratio(self, traffic: Callable[[Source], Sequence[float]], ratio: float) -> Won:
        return self._divided(
            source.above_ratio(traffic(source), ratio, self.ages, self.level)
            for source in self.sources
        )

    def _above_floor(self, probes: int) -> Won:
        return self._divided(
            source.above_floor(probes, self.ages, self.level) for source in self.sources
        )

    @staticmethod
    def _divided(won: Iterable[Won]) -> Won:
        """Return the bets of all sources side by side: the stake is divided between them."""
        return [
            [bet for bets_ in of_minute for bet in bets_] for of_minute in zip(*won, strict=True)
        ]


def _variations(old: Sequence[Minute], new: Sequence[Minute]) -> tuple[float, float]:
    """Return by how much the ratio of both rates, and one rate, move from minute to minute."""
    failed, asked = [m.errors for m in old], [m.requests for m in old]
    of_pairs = jumps([n.errors for n in new], failed)
    return (
        math.sqrt(max(_OF_BOTH, min(of_pairs, 2 * unrest(failed, asked)))),
        math.sqrt(max(_OF_ONE, unrest(tempered(failed), asked))),
    )


@cache
def bets(age: int, level: float) -> tuple[Bet, Bet]:
    """Return the bet on what is seen in the long run, and the one on what is seen at once.

    Of the latter two minutes win less than a FAIL needs, and three may win more. It keeps so much that where
    new fails by fits, the minutes between them do not outweigh these.
    """
    needed = -math.log(level) - math.log(stake(age))
    most = max(1.0, (needed - _OVERLAP) / 2)
    kept = 0.4
    return (
        Bet(times=3.0, most=1.5, kept=0.05, bad=BAD),
        Bet(times=5.0, most=most - math.log(1 - kept), kept=kept, bad=BAD),
    )


def _traffic(old: Sequence[Minute], new: Sequence[Minute], probes: int) -> list[float]:
    """Return new's requests for each of old's, less so many probes a minute."""
    if not probes:
        return [_odds(n.requests, o.requests) for o, n in zip(old, new, strict=True)]
    of_old, of_new = (_lately([m.less(probes) for m in side]) for side in (old, new))
    return [_odds(n, o) for o, n in zip(of_old, of_new, strict=True)]


def _lately(counts: Sequence[int]) -> list[int]:
    """Return the sum of each count and those just before it, 0 at least."""
    return [max(0, sum(counts[max(0, i + 1 - _SMOOTH) : i + 1])) for i in range(len(counts))]


def _odds(new: float, old: float) -> float:
    return min(_MOST_ODDS, max(1 / _MOST_ODDS, new / old if old else _MOST_ODDS * bool(new)))
