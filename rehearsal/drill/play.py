"""Plays one drill on a stage of its own: the moments as they are due, and writes down what happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rehearsal.by_region import sentinel_watches, set_alarm
from rehearsal.cdk import CdkError
from rehearsal.child import run_child
from rehearsal.cloud import faults, skewed_clock
from rehearsal.cloud.faults import Fault, Told
from rehearsal.cloud.process import EmbeddedCloud
from rehearsal.cloud.rights import denied, granted, unused
from rehearsal.cloud.taught import asynchronous_calls
from rehearsal.declared import RECORD
from rehearsal.drill.afterwards import WATCHED_SECONDS, Afterwards
from rehearsal.drill.budget import took
from rehearsal.drill.declared import declared_for
from rehearsal.drill.dns_viewers import DnsViewers
from rehearsal.drill.doors import DoorsInForce
from rehearsal.drill.drill import Drill, MissingError, Playing
from rehearsal.drill.happened import ALERTING, as_events
from rehearsal.drill.outcome import Deployed, End, complaints
from rehearsal.drill.people import Somebody
from rehearsal.drill.phases import phases_of
from rehearsal.drill.recording import DOORS, Event, Kind, Recording, in_order
from rehearsal.stage import Stage, set_stage
from rehearsal.world.shares import Share
from rehearsal.world.viewers import Viewers
from rehearsal.world.world import World, wait_until

_LOG = logging.getLogger("drill")
WHO: Final = "the drill"
DNS_A_SECOND: Final = 10.0
_SETTLE_SECONDS: Final = 12.0
_BEFORE_SECONDS: Final = 10.0
"""So much of the time before the first moment is kept."""
_LATENCY_MS: Final = {"old": 60.0, "new": 80.0}
"""Well below the thresholds: two stages share two cores."""
_FIRST_RUN_SECONDS: Final = 240
"""A rule's first call comes a minute after it is made, and the run says after 20 s more that it watches."""
_RETRY_SECONDS: Final = 60
"""Lambda's own wait before the second attempt: nothing is speeded up."""

Tell = Callable[[str], None]


class Play:
    """A drill while it is played; the moments act through it, as `Playing` says."""

    def __init__(self, drill: Drill, stage: Stage, told: Told, tell: Tell) -> None:
        self.drill = drill
        self.stage = stage
        self.world: World = stage.world
        self.cloud: EmbeddedCloud = stage.cloud
        self.faults = told
        self.tell = tell
        self._events: list[Event] = []
        self._deploys: list[asyncio.Task[Deployed]] = []
        self.deployed_with: tuple[str, ...] = ()
        self._ends = contextlib.AsyncExitStack()
        self._fault_at: float | None = None
        self.edge_viewers: Viewers
        self.dns_viewers: DnsViewers
        self.doors: DoorsInForce
        self._somebody: Somebody

    async def play(self) -> dict[str, Any]:
        """Play it and return what results.json holds of it."""
        async with self._ends:
            await self._set_up()
            began = time.time() - _BEFORE_SECONDS
            missed = await self._go_through_moments()
            reached = not missed and await self._wait_for_the_end()
            end_since = time.time()
            self.tell("watching the end")
            await asyncio.sleep(WATCHED_SECONDS)
            await self._read_what_came()
            ended = time.time()
            end = replace(self._end(end_since), reached=reached, missed=missed)
            events = self._all_events(began)
            seen = {"edge": list(self.edge_viewers.seen), "dns": list(self.dns_viewers.seen)}
            recording = Recording(began, ended, events, seen)
            await self._heal()
            end = await self._afterwards(end)
            decisions = self.cloud.decisions()
            end = replace(end, refused=[str(decision) for decision in denied(decisions)])
            rights = await asyncio.to_thread(
                granted, self.cloud.client("iam"), self.stage.cutover.name
            )
        phases = phases_of(recording, self.drill.wrong, self.drill.broken, self._fault_at)
        result = {
            "name": self.drill.name,
            "began": began,
            "ended": ended,
            "fault_at": self._fault_at,
            "phases": phases.to_dict(),
            "end": _end_dict(end),
            "unused_rights": sorted({right.anywhere for right in unused(rights, decisions)}),
            "events": [event.to_dict() for event in events if event.at <= ended],
            "series": {door: recording.series(door) for door in DOORS},
        }
        budget = self.drill.expected.budget
        spent = took(budget, result) if budget else None
        return {**result, "complaints": complaints(self.drill, phases, end, spent)}

    # What the moments do

    def note(self, kind: Kind, what: str) -> None:
        """Write down that something happened now."""
        self._events.append(Event(time.time(), kind, what))
        self.tell(what)

    def fault(self, fault: Fault) -> None:
        """Let the cloud get something wrong."""
        self.faults.add(fault)

    def deploy(self, weight: int, *context: str) -> None:
        """Start `cdk deploy -c new_weight=WEIGHT`; the drill continues meanwhile."""
        self._deploys.append(asyncio.create_task(self._deploy(weight, context)))

    @property
    def deploys_ended(self) -> bool:
        """Whether every deploy that was started has ended."""
        return all(deploy.done() for deploy in self._deploys)

    async def run_cutover(self, *arguments: str) -> str:
        """Return what `cutover ARGUMENTS` prints, in a process of its own."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CDK_"))}
        # It is a pipe that is read, and no terminal.
        environment = kept | self.stage.environment | {"COLUMNS": "200"}
        command = str(Path(sys.executable).parent / "cutover")
        _, printed = await run_child(command, *arguments, environment=environment)
        return printed

    async def ask_rollback(self, **request: object) -> dict[str, Any]:
        """Call the rollback function as a person would, and return its answer."""
        client = self.cloud.client("lambda")
        alias = "mute" if request["action"] == "unmute" else request["action"]
        name = f"{self.stage.cutover.name}-rollback:{alias}"
        answer = await asyncio.to_thread(
            client.invoke, FunctionName=name, Payload=json.dumps(request)
        )
        said: dict[str, Any] = json.loads(await asyncio.to_thread(answer["Payload"].read))
        return said

    async def set_alarm(self, what: str, state: str) -> None:
        """Bring an alarm to `state` by hand."""
        cutover = self.stage.cutover
        name = f"{cutover.name}-{what}"
        await asyncio.to_thread(
            set_alarm, self.cloud.client, cutover.service, name, state=state, reason=WHO
        )

    def has_alarm(self, containing: str = "") -> bool:
        """Return whether an alarm with such a name has gone into ALARM since the fault."""
        since = self._fault_at or 0.0
        return any(
            entry["what"] == "alarm"
            and entry["after"] == ALERTING
            and containing in entry["of"]
            and entry["at"] >= since
            for entry in self.faults.happened()
        )

    def was_told(self, containing: str) -> bool:
        """Return whether a person has got such a subject."""
        return any(containing in event.what for event in self._somebody.got)

    def weight_in_force(self) -> int:
        """Return the weight that the edge goes by."""
        return _edge_weight(self.world)

    # How it goes

    async def _set_up(self) -> None:
        self.tell("cdk bootstrap, every region")
        await self.stage.bootstrap()
        self.tell(f"cdk deploy -c new_weight={self.drill.weight}")
        await self.stage.cdk.deploy(f"new_weight={self.drill.weight}")
        world = self.world
        await world.open_doors()
        paths = [endpoint.path for endpoint in self.stage.cutover.service.endpoints]
        self.edge_viewers = Viewers(world.edge.address, paths, a_second=self.drill.edge_a_second)
        self.dns_viewers = DnsViewers.of(world, RECORD, paths[-1], a_second=DNS_A_SECOND)
        self._somebody = Somebody(self.cloud)
        self.doors = DoorsInForce(self.stage, self._switch_check_id(), self.drill.functions_ahead)
        self.edge_viewers.paused = self.dns_viewers.paused = not self.drill.viewers
        for part in (self.edge_viewers, self.dns_viewers, self._somebody):
            await part.start()
            self._ends.push_async_callback(part.stop)
        self.doors.start()
        self._ends.callback(self.doors.stop)
        self.tell("all is well; waiting for the first metrics")
        await asyncio.sleep(_SETTLE_SECONDS)
        self.tell("waiting for the sentinel's first run")
        await wait_until(
            self._sentinel_watches, seconds=_FIRST_RUN_SECONDS, what="the sentinel's first run"
        )
        # Each side's first minute holds no traffic, and an alarm needs a state before it can change.
        left = 62 - time.time() % 60
        await asyncio.sleep(left)
        await self._somebody.start()

    async def _go_through_moments(self) -> str:
        """Let each happen when it is due; return what did not come, empty if nothing."""
        for moment in self.drill.moments:
            if moment.when is not None and not await self._comes(moment.when):
                return moment.what
            await asyncio.sleep(moment.after)
            if self._fault_at is None and moment.kind == "fault":
                await self._until_second()
                self._fault_at = time.time()
            self.note("note" if moment.kind == "before" else moment.kind, moment.what)
            try:
                await moment.do(self)
            except MissingError as error:
                return f"{moment.what}: {error}"
        return ""

    async def _comes(self, condition: Callable[[Playing], bool]) -> bool:
        try:
            await wait_until(lambda: condition(self), seconds=self.drill.within, what="a moment")
        except TimeoutError:
            return False
        return True

    async def _until_second(self) -> None:
        if self.drill.at_second is not None:
            await asyncio.sleep((self.drill.at_second - time.time()) % 60)

    async def _wait_for_the_end(self) -> bool:
        began = time.time()
        while time.time() - began < self.drill.lasts or not self._is_as_expected():
            if time.time() - began > max(self.drill.within, self.drill.lasts):
                return False
            self.tell(f"{time.time() - began:.0f} s: waiting for the expected end")
            await asyncio.sleep(0.5)
        return True

    def _is_as_expected(self) -> bool:
        expected = self.drill.expected
        return (
            set(self.doors.states().values()) == {expected.switch}
            and set(self.weights().values()) == {expected.weight}
            and self.deploys_ended
            and all(self._told(pattern) for pattern in expected.told)
        )

    def _told(self, pattern: str) -> bool:
        return any(re.search(pattern, event.what) for event in self._somebody.got)

    async def _read_what_came(self) -> None:
        with contextlib.suppress(Exception):  # the cloud may be what is broken
            await asyncio.wait_for(self._somebody.read(), timeout=5)

    def counted(
        self, declared: Mapping[str, int], since: float
    ) -> tuple[dict[str, Share], dict[str, int]]:
        """Return, by door, what new served of all that was asked for since then, and how much failed."""
        shares, failed = {}, {}
        for door, viewers in (("edge", self.edge_viewers), ("dns", self.dns_viewers)):
            # What was asked for before belongs to what was before: a hung request ends late.
            seen = [s for s in viewers.seen if s.began >= since]
            well = [s.side for s in seen if not s.failure]
            shares[door] = Share(declared[door], well.count("new"), len(well))
            failed[door] = len(seen) - len(well)
        return shares, failed

    def _end(self, since: float) -> End:
        weights = self.weights()
        shares, failed = self.counted(weights, since)
        return End(
            shares=shares,
            failed=failed,
            switch=self.doors.states(),
            weights=weights,
            told=[event.what for event in self._somebody.got],
            deploys=[task.result() for task in self._deploys if task.done()],
        )

    async def _heal(self) -> None:
        self.note("healed", "everything is well again")
        self.cloud.thaw()
        self.faults.clear()
        self.world.let_functions_reach_both()
        for side in (self.world.old, self.world.new):
            await side.heal()
            self.world.balancer(side.name).behind_seconds = 0.0
        self.world.edge.log.silent, self.world.edge.log.behind_seconds = False, 0.0
        self.edge_viewers.paused = self.dns_viewers.paused = False
        if self._deploys:
            self.tell("waiting for the deploys to end")
            await asyncio.wait(self._deploys)

    async def _afterwards(self, end: End) -> End:
        weight = max(end.weights.values())
        after = Afterwards(self)
        return replace(
            end, diff=await after.diff(weight), next_change=await after.next_change(weight)
        )

    # What is read

    async def _deploy(self, weight: int, context: tuple[str, ...]) -> Deployed:
        try:
            await self.stage.cdk.deploy(f"new_weight={weight}", *context)
        except CdkError as error:
            self.note("deploy", f"the deploy of {weight} failed")
            # The CLI breaks lines where it likes.
            return Deployed(weight, " ".join(str(error).split()))
        self.deployed_with = context
        self.note("deploy", f"the deploy of {weight} went through")
        return Deployed(weight)

    def weights(self) -> dict[str, int]:
        """Return the weight of new in force, by door."""
        return {"edge": _edge_weight(self.world), "dns": self.world.dns.weight(RECORD, "new")}

    def _sentinel_watches(self) -> bool:
        """Return whether the sentinel has said yet that it watches."""
        return sentinel_watches(self.cloud.client, self.stage.cutover.service)

    def _switch_check_id(self) -> str:
        config = self.cloud.client("lambda").get_function_configuration(
            FunctionName=f"{self.stage.cutover.name}-rollback"
        )
        check_id: str = config["Environment"]["Variables"]["SWITCH_HEALTH_CHECK_ID"]
        return check_id

    def _all_events(self, since: float) -> list[Event]:
        name = f"{self.stage.cutover.name}-rollback"
        events = [
            *self._events,
            *self.doors.seen,
            *self._somebody.got,
            *as_events(self.faults.happened(), name),
        ]
        return in_order(event for event in events if event.at >= since)


def _edge_weight(world: World) -> int:
    return int(world.edge.code.split("percent('")[1].split("'", maxsplit=1)[0])


def _end_dict(end: End) -> dict[str, Any]:
    shares = {
        door: {"new": share.new, "total": share.total, "declared": share.declared}
        for door, share in end.shares.items()
    }
    deploys = [vars(deployed) for deployed in end.deploys]
    return {**vars(end), "shares": shares, "deploys": deploys}


async def play(drill: Drill, tell: Tell) -> dict[str, Any]:
    """Set a stage, play `drill` on it, and return what results.json holds of it."""
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        file = Path(folder) / "faults.json"
        told = Told(file)
        environment = {
            faults.VARIABLE: str(file),
            asynchronous_calls.VARIABLE: str(_RETRY_SECONDS),
        }
        if drill.functions_ahead:
            environment[skewed_clock.VARIABLE] = str(drill.functions_ahead)
        tell("starting the embedded cloud and both sides")
        async with set_stage(
            lambda cloud, service: declared_for(drill, cloud, service),
            cloud_environment=environment,
            mean_latency_ms=_LATENCY_MS,
        ) as stage:
            return await Play(drill, stage, told, tell).play()
