"""One line of CloudFront's real-time log: what it tells of the side that was chosen for the request.

Source: CloudFront Developer Guide, real-time-logs. Which fields there are, and in which order, is one list,
which the log is set up with and the function is told (`cutover.doors.edge_log`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

NOTHING: Final = "-"
_SIDES: Final = frozenset({"old", "new"})
_PINNED: Final = frozenset({"pin-old", "pin-new"})
_OF_A_GROUP: Final = "group-new"
_FROM_CACHE: Final = frozenset({"Hit", "RefreshHit", "OriginShieldHit"})
"""x-edge-result-type of an answer that no side gave now."""
_NOT_ASKED: Final = "Redirect"
"""x-edge-result-type of an http request that the edge sent to https, without its function."""
_STATUS: Final = re.compile(r"[0-9]{3}")
_VIEWER_LEFT: Final = 0
"""sc-status 000: the viewer closed the connection before there was an answer."""
_FAILOVER: Final = re.compile(r"failover", re.IGNORECASE)
_ANY_STATUS: Final = re.compile(r"\b[1-5][0-9]{2}\b")
_A_5XX: Final = re.compile(r"\b5[0-9]{2}\b")


class UnreadError(Exception):
    """The line is not one as the log was set up to write; the message says why."""


@dataclass(frozen=True)
class Line:
    """What a line tells.

    Attributes
    ----------
    id : str
        The request's own.
    at : float
        When the edge had finished the answer, in Unix seconds.
    side : str
        old or new; empty where the edge function said none, or where no side is to be judged by it: a tester
        with a pin, an answer from the cache, a viewer that left.
    said : bool
        Whether the edge function said anything, where it was asked.
    of_group : bool
        Whether the viewer is on new as one of a group, and not by the weight.
    failed : bool
        Whether the side failed this request: also where the other side then answered it.
    other_failed : bool
        Whether the other side was then asked too, and failed it as well.
    refused : bool
        Whether it was answered 4xx.
    first_byte : float
        Seconds until the answer's first byte; 0 where that is not told.
    """

    id: str
    at: float
    side: str = ""
    said: bool = False
    of_group: bool = False
    failed: bool = False
    other_failed: bool = False
    refused: bool = False
    first_byte: float = 0.0


class Form:
    """How a line is to be read.

    Parameters
    ----------
    fields : sequence of str
        Names, in the order in which they stand in a line.
    origins : mapping of str to str
        The host name of each side.
    static_paths : frozenset of str
        Path patterns on which old is asked what new lacks, and the other way round.
    """

    def __init__(
        self, fields: Sequence[str], *, origins: Mapping[str, str], static_paths: frozenset[str]
    ) -> None:
        self._fields = fields
        self._origins = origins
        self._static_paths = static_paths

    def read(self, text: str) -> Line:
        """Return what the line `text` tells.

        Raises
        ------
        UnreadError
            When it has another number of fields, or one holds what it cannot: what is not understood must
            not pass for a good answer.
        """
        values = text.rstrip("\r\n").split("\t")
        if len(values) != len(self._fields):
            raise UnreadError(f"{len(values)} fields, and the log has {len(self._fields)}")
        told = dict(zip(self._fields, values, strict=True))
        line = Line(id=told["x-edge-request-id"], at=_number(told, "timestamp"))
        status = _status(told)
        said = unquote(told["viewer-request-log-data"])
        of_group = said == _OF_A_GROUP
        if of_group:
            said = "new"
        if said not in {NOTHING, *_PINNED, *_SIDES}:
            raise UnreadError("viewer-request-log-data names no side")
        result = told["x-edge-result-type"]
        if said not in _SIDES or result in _FROM_CACHE or status == _VIEWER_LEFT:
            return Line(line.id, line.at, said=said != NOTHING or result == _NOT_ASKED)
        saved = self._was_failed_over(told, said)
        failed = status >= 500  # noqa: PLR2004 - 5xx
        return Line(
            line.id,
            line.at,
            side=said,
            said=True,
            of_group=of_group,
            failed=failed or saved,
            other_failed=failed and saved,
            refused=400 <= status < 500,  # noqa: PLR2004 - 4xx
            first_byte=0.0
            if told["time-to-first-byte"] == NOTHING
            else _number(told, "time-to-first-byte"),
        )

    def _was_failed_over(self, told: Mapping[str, str], side: str) -> bool:
        """Return whether the side failed a request that the other was then asked: sc-status is the other's
        (CloudFront Developer Guide, real-time-logs).

        The text of sr-reason is not documented (docs/unverified.md): a status of 5xx in it is what is looked
        for. Where it speaks of a failover and names no status, r-host tells whether the other answered; on
        a static path that may be a file that one build lacks, and is no failure.
        """
        reason = unquote(told["sr-reason"])
        if _FAILOVER.search(reason) is None:
            return False
        if _ANY_STATUS.search(reason) is not None:
            return _A_5XX.search(reason) is not None
        other = self._origins["old" if side == "new" else "new"]
        static = unquote(told["cache-behavior-path-pattern"]) in self._static_paths
        return told["r-host"].lower() == other.lower() and not static


def _number(told: Mapping[str, str], name: str) -> float:
    try:
        number = float(told[name])
    except ValueError as error:
        raise UnreadError(f"{name} is not a number") from error
    if not 0 <= number < float("inf"):
        raise UnreadError(f"{name} is not a number")
    return number


def _status(told: Mapping[str, str]) -> int:
    text = told["sc-status"]
    if _STATUS.fullmatch(text) is None:
        raise UnreadError("sc-status is not a status")
    return int(text)
