"""What was read about one service at one time, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.doors.mute import Mute
from shared.doors.switch import SwitchState
from shared.probes import Probes
from shared.promotion.line import Line
from shared.shown import shown


@dataclass(frozen=True)
class Unread:
    """It could not be read, and why."""

    why: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "why", shown(self.why))


@dataclass(frozen=True)
class Deployed:
    """What CloudFormation holds.

    Attributes
    ----------
    stack, status : str
        The Traffic stack and how CloudFormation calls its state, like UPDATE_COMPLETE.
    weight : int
        Of new in percent, as its template says.
    changed : datetime
        When it was last deployed, or its deploy began.
    """

    stack: str
    status: str
    weight: int
    changed: datetime

    @property
    def moving(self) -> bool:
        """Whether its weights may be moving; the clean-up comes after that."""
        return self.status.endswith("_IN_PROGRESS") and "CLEANUP" not in self.status

    @property
    def failed(self) -> bool:
        """Whether it was left half-way, so that it is not known what it holds."""
        return self.status.endswith("_FAILED") or self.status == "ROLLBACK_COMPLETE"

    @property
    def put_back(self) -> bool:
        """Whether the last deploy failed and everything is as before."""
        return self.status.startswith("UPDATE_ROLLBACK_COMPLETE")


@dataclass(frozen=True)
class Door:
    """One front door.

    Attributes
    ----------
    name : str
        edge or dns.
    weights : mapping
        Of new in percent, by what holds it, like "the edge function" or "the A record"; empty where
        the door is not declared and only its store is there.
    switch : SwitchState or Unread
        Whether it lets viewers reach new.
    unguarded : tuple of str
        Records of new that do not carry this switch's health check.
    groups : tuple of str or Unread
        Groups of viewers that are on new before everybody, at the weight that there is. They come on top of
        it.
    """

    name: str
    weights: Mapping[str, float | Unread]
    switch: SwitchState | Unread
    unguarded: tuple[str, ...] = ()
    groups: tuple[str, ...] | Unread = ()


@dataclass(frozen=True)
class Requests:
    """What both load balancers counted in `minutes` whole minutes from `since`, probes among them."""

    old: int
    new: int
    since: datetime
    minutes: int


@dataclass(frozen=True)
class Judged:
    """The judge's latest verdict and the minute it is of; `more` is by how many percentage points new's share
    of a class of answers (4xx, 3xx) was above old's, as far as it was told with it."""

    verdict: str
    at: datetime
    more: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """One service as it was seen.

    Attributes
    ----------
    declared : int or None
        Weight of new in percent that git holds; None where git is not at hand.
    mute, judged
        None where there is none.
    probes : Probes
        Requests a minute to each side that are probes, Route 53's and the sentinel's.
    line : Line or Unread
        Whether any weight may rise in the account.
    """

    service: str
    at: datetime
    declared: int | None
    deployed: Deployed | Unread
    doors: tuple[Door, ...]
    mute: Mute | Unread | None
    requests: Requests | Unread
    judged: Judged | Unread | None
    probes: Probes
    line: Line | Unread

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are known to be on new, whatever their share."""
        return tuple(
            name
            for door in self.doors
            if not (isinstance(door.groups, Unread) or is_thrown(door))
            for name in door.groups
        )

    @property
    def thrown(self) -> bool:
        """Whether any door is known to send everybody to old."""
        return any(is_thrown(door) for door in self.doors)


def is_thrown(door: Door) -> bool:
    """Return whether the door is known to send everybody to old."""
    return isinstance(door.switch, SwitchState) and door.switch.thrown
