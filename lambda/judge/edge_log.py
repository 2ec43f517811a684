"""What is asked of the edge's real-time log, and which of its minutes may be taken for whole.

`lambda/fast_log` counts it and publishes these, by ten seconds. Its counts do not change once a minute has
settled: a line that is more than a minute late counts for nothing.

What makes a minute whole says nothing of its errors, so that bets on whole minutes win no more on average
than bets on all (docs/decisions/127-the-judge-counts-viewers.md). Lines that are lost are lost on both sides
alike, which takes evidence and makes none; so half of them is enough.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from judge.minutes import Minute
from judge.side import Series
from judge.viewers import Told, Viewers
from shared.metrics import MINUTE, Metric

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

_SIDES: Final = ("old", "new")
_COUNTS: Final = ("EdgeRequests", "EdgeErrors", "Edge4xx")
_GROUPS: Final = "EdgeGroupRequests"
_HEALTH: Final = ("LogRecords", "LogUnread", "LogSideless", "LogLate")


@dataclass(frozen=True)
class EdgeLog:
    """The log of one service, the function that counts it, and whether it counts groups apart."""

    service: str
    namespace: str
    function: str
    with_groups: bool = False

    def queries(self) -> list[MetricDataQueryTypeDef]:
        """Return the questions, 11, and one more where groups are counted."""
        sums: dict[str, tuple[str, Mapping[str, str]]] = {
            **{
                f"{name}_{side}": (name, {"Service": self.service, "Side": side})
                for name in _COUNTS
                for side in _SIDES
            },
            **{name: (name, {"Service": self.service}) for name in _HEALTH},
        }
        if self.with_groups:
            sums[_GROUPS] = (_GROUPS, {"Service": self.service, "Side": "new"})
        asked = {
            what: Metric(self.namespace, name, "Sum", dimensions)
            for what, (name, dimensions) in sums.items()
        }
        # Lambda Developer Guide, monitoring-metrics-types.
        asked["Errors"] = Metric("AWS/Lambda", "Errors", "Sum", {"FunctionName": self.function})
        return [metric.query(_id(what)) for what, metric in asked.items()]

    def viewers(
        self, series: Mapping[str, Series], starts: Sequence[int], *, everybody: bool
    ) -> Viewers:
        """Return the minutes that begin at `starts`, from the answers by the questions' ids; these go on for
        a minute after the last one, in which its last lines come."""
        return Viewers([self._told(series, start) for start in starts], everybody=everybody)

    def _told(self, series: Mapping[str, Series], start: int) -> Told | None:
        counts = [
            series.get(_id(f"{name}_{side}"), {}).get(start)
            for side, name in itertools.product(_SIDES, _COUNTS)
        ]
        known = [max(0, round(count)) for count in counts if count is not None]
        if len(known) < len(counts) or not _whole(series, start):
            return None
        groups = series.get(_id(_GROUPS), {}).get(start, 0.0)
        old, new = _minute(*known[:3]), _minute(*known[3:])
        return Told(old, new, min(new.requests, max(0, round(groups))))


def _minute(requests: int, failed: int, refused: int) -> Minute:
    answered = max(requests, failed + refused)
    return Minute(
        answered, failed, succeeded=answered - failed - refused, refused=refused, probed=False
    )


def _whole(series: Mapping[str, Series], start: int) -> bool:
    """Return whether the lines of the minute that begins at `start` were understood, no more came too late,
    or told of no side, than there are, and none may have been counted twice: where the function failed, it
    is handed the same lines again. Its last lines come in the minute after."""

    def told(what: str) -> float:
        of = series.get(_id(what), {})
        return of.get(start, 0.0) + of.get(start + MINUTE, 0.0)

    records = told("LogRecords")
    return not (
        told("Errors")
        or told("LogUnread")
        or told("LogLate") > records
        or 2 * told("LogSideless") > records
    )


def _id(what: str) -> str:
    return f"log_{what}"
