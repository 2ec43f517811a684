"""What is known at one time about a cutover that somebody watches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.alarms.state import AlarmState
from shared.status.standing import Standing, Unread
from shared.watch.hours import Watch

Step = Literal["", "begins", "gate", "shift", "bake", "put back", "clean up"]
"""Where a deploy of the Traffic stack is; empty where none is under way."""


@dataclass(frozen=True)
class Deploy:
    """The latest deploy of the Traffic stack, as the stack's events tell.

    Attributes
    ----------
    status : str
        Of the stack, like UPDATE_IN_PROGRESS.
    began : datetime
        When this deploy began.
    changed : datetime
        When the stack came into this status.
    step_began : datetime
        When it came to this step.
    weight, bake_minutes : int or None
        What this deploy asks for, where its events tell.
    failure : str
        Why it failed, in the words of the first resource that did; empty where none did.
    """

    status: str
    began: datetime
    changed: datetime
    step: Step
    step_began: datetime
    weight: int | None = None
    bake_minutes: int | None = None
    failure: str = ""

    @property
    def under_way(self) -> bool:
        """Whether weights may still be moving; the clean-up comes after that."""
        return self.step not in {"", "clean up"}


@dataclass(frozen=True)
class Alarm:
    """One alarm of the service; `rolls_back` where it throws the switch and does not only tell people."""

    name: str
    state: AlarmState
    rolls_back: bool
    region: str = ""


@dataclass(frozen=True)
class Minute:
    """A side's latest minute: requests of users, the share of errors in percent (None without requests), and
    the average response time in ms (None where not known)."""

    at: datetime
    requests: float
    errors_percent: float | None
    latency_ms: float | None


@dataclass(frozen=True)
class Watched:
    """Everything that is shown.

    Attributes
    ----------
    bake_minutes : int
        As declared, for where the deploy's events do not tell.
    alarms
        Those that act on a topic of this service, metric and composite.
    sides
        None for a side of which no minute was published in the last five.
    watch
        How far the watch after 100 % is; None below, and once old has left the doors.
    """

    service: str
    declared: int
    bake_minutes: int
    deploy: Deploy | Unread
    standing: Standing
    alarms: tuple[Alarm, ...] | Unread
    sides: Mapping[str, Minute | None] | Unread
    watch: Watch | Unread | None = None
