"""What a drill is: data. What goes wrong when, and how it must end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from rehearsal.cloud.faults import Fault, Told
from rehearsal.cloud.process import EmbeddedCloud
from rehearsal.drill.budget import Budget
from rehearsal.drill.dns_viewers import DnsViewers
from rehearsal.drill.doors import DoorsInForce
from rehearsal.drill.recording import Kind
from rehearsal.stage import Stage
from rehearsal.world.shares import Share
from rehearsal.world.viewers import Viewers
from rehearsal.world.world import World

Side = Literal["old", "new"]
Serves = Literal["old", "new", "declared", "nobody", "unasked"]


class MissingError(Exception):
    """What a moment looked for is not there; the message says what there is instead."""


class Playing(Protocol):
    """A drill while it is played, as its moments and what comes afterwards act through it.

    Attributes
    ----------
    stage, world, cloud
        What it is played on.
    faults : Told
        What the cloud is told to get wrong.
    edge_viewers, dns_viewers
        The viewers at both doors.
    doors : DoorsInForce
        What is in force at both doors.
    tell
        Takes what is being done, in words.
    deployed_with : tuple of str
        The context that the last deploy was given beside the weight.
    """

    stage: Stage
    world: World
    cloud: EmbeddedCloud
    faults: Told
    edge_viewers: Viewers
    dns_viewers: DnsViewers
    doors: DoorsInForce
    tell: Callable[[str], None]
    deployed_with: tuple[str, ...]

    def note(self, kind: Kind, what: str) -> None:
        """Write down that something happened now."""

    def fault(self, fault: Fault) -> None:
        """Let the cloud get something wrong."""

    def deploy(self, weight: int, *context: str) -> None:
        """Start `cdk deploy -c new_weight=WEIGHT`; the drill goes on meanwhile."""

    @property
    def deploys_ended(self) -> bool:
        """Whether every deploy that was started has ended."""

    async def run_cutover(self, *arguments: str) -> str:
        """Return what `cutover ARGUMENTS` prints, in a process of its own."""

    async def ask_rollback(self, **request: object) -> dict[str, Any]:
        """Call the rollback function as a person would, and return its answer."""

    async def set_alarm(self, what: str, state: str) -> None:
        """Bring an alarm to `state` by hand."""

    def has_alarm(self, containing: str = "") -> bool:
        """Return whether an alarm with such a name has gone into ALARM since the fault."""

    def was_told(self, containing: str) -> bool:
        """Return whether a person has got such a subject."""

    def weight_in_force(self) -> int:
        """Return the weight that the edge goes by."""

    def weights(self) -> dict[str, int]:
        """Return the weight of new in force, by door."""

    def counted(
        self, declared: Mapping[str, int], since: float
    ) -> tuple[dict[str, Share], dict[str, int]]:
        """Return, by door, what new served of all that was asked for since then, and how much failed."""


Strike = Callable[[Playing], Awaitable[None]]


@dataclass(frozen=True)
class Moment:
    """Something that happens.

    Attributes
    ----------
    what : str
        In words, as the timeline shows it.
    do : Strike
        It raises MissingError where something that it looks for is not there: then the drill ends.
    after : float
        Seconds after the moment before it.
    when : callable or None
        What is waited for first.
    kind : str
        `fault`, or `person` for what a person does about it, or `deploy`; `before` for what is so before the
        fault, from which everything is measured.
    """

    what: str
    do: Strike
    after: float = 0.0
    when: Callable[[Playing], bool] | None = None
    kind: Literal["fault", "person", "deploy", "before"] = "fault"


@dataclass(frozen=True)
class Expected:
    """How it must end.

    Attributes
    ----------
    serves : str
        Who serves at both doors at the end: old, new, both as `declared`, or nobody; `unasked` where there is
        no viewer left to ask.
    switch : str
        `thrown` or `released`, at both doors.
    weight : int
        What is deployed at the end, in percent.
    told : tuple of str
        Patterns; each must be found in the subject of a message that a person got.
    not_told : tuple of str
        Patterns; none may be found in any.
    quiet : bool
        No person may be told anything.
    rollbacks : int or None
        How often people are told of a rollback at most; None: that is not counted.
    person : str
        What a person has to do to get there; empty: nothing.
    deploys : tuple of str
        What becomes of the deploys of the drill, in their order: a pattern of what the CLI must say of one
        that fails, empty for one that must go through.
    budget : Budget or None
        How long it may take at most; None where there is nothing to wait for.
    lost_where_healthy : int
        Requests that the healthy side may lose: none, unless the drill says why.
    noise_at_the_end : int
        Requests of the last seconds that may fail at a door: none, unless noise is what is played.
    """

    serves: Serves
    switch: Literal["thrown", "released"]
    weight: int
    told: tuple[str, ...] = ()
    not_told: tuple[str, ...] = ()
    quiet: bool = False
    rollbacks: int | None = None
    person: str = ""
    deploys: tuple[str, ...] = ()
    budget: Budget | None = None
    lost_where_healthy: int = 0
    noise_at_the_end: int = 0


@dataclass(frozen=True)
class Drill:
    """One drill.

    Attributes
    ----------
    name, title, shows : str
        What to call it by, what happens in it, and what it shows.
    weight : int
        What is deployed at its start, in percent.
    moments : tuple of Moment
    expected : Expected
    broken : frozenset of str
        The sides that are broken after the first fault; nothing may be lost on the other.
    within : float
        Seconds after the last moment in which the end must be reached.
    lasts : float
        Seconds after the last moment that it is watched at least.
    at_second : float or None
        Where in a minute the first moment falls, because metrics come once a minute; None: anywhere.
    declared : mapping
        What is declared otherwise than usual, merged into the service's declaration.
    viewers : bool
        Whether there are any at the start.
    edge_a_second : float
        Requests a second at the edge, both sides together.
    functions_ahead : float
        How many seconds the functions' clock is ahead.
    like : str
        The drill that had the same fault before there was this one; empty where no other had.
    by_name : bool
        Whether it is played only where somebody names it, because it takes too long.
    """

    name: str
    title: str
    shows: str
    weight: int
    moments: tuple[Moment, ...]
    expected: Expected
    broken: frozenset[Side] = frozenset()
    within: float = 200.0
    lasts: float = 0.0
    at_second: float | None = None
    declared: Mapping[str, Any] = field(default_factory=dict)
    viewers: bool = True
    edge_a_second: float = 20.0
    functions_ahead: float = 0.0
    like: str = ""
    by_name: bool = False

    @property
    def wrong(self) -> Side | None:
        """The side that should serve nobody after the fault; None where that cannot be said."""
        return next(iter(self.broken)) if len(self.broken) == 1 else None
