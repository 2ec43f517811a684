"""The rehearsal: deploy 0, 10, 50, 100 with viewers at both doors, break new, see all traffic return."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.status import Status
from rich.table import Table

from rehearsal.cdk import beyond_the_weights, weights_changed
from rehearsal.cloud.process import EDGE_REGION
from rehearsal.refusals import UNREADY, refuse
from rehearsal.stage import RECORD, Stage, set_stage
from rehearsal.world.dns_server import ask
from rehearsal.world.shares import Share
from rehearsal.world.viewers import Resolvers, Viewers
from rehearsal.world.world import ADDRESSES, wait_until

STEPS: Final = (0, 10, 50, 100)
WATCH_SECONDS: Final = 8.0
ROLLBACK_SECONDS: Final = 120.0
_WEIGHTS_DEPLOYED: Final = 7
"""One at the gate, one at the edge, two A records, two AAAA records, one at the bake."""


class RehearsalError(Exception):
    """Something was not as it must be; the message says what."""


@dataclass(frozen=True)
class Step:
    """One line of the table at the end."""

    name: str
    declared: str
    edge: Share
    dns: Share
    errors: int
    seconds: float


class Rehearsal:
    """One run through the cutover on a stage that is set."""

    def __init__(self, stage: Stage, console: Console, status: Status) -> None:
        self._stage = stage
        self._console = console
        self._status = status
        self._steps: list[Step] = []
        self._viewers: Viewers
        self._resolvers: Resolvers
        self._ends = contextlib.AsyncExitStack()
        self._started = time.time()

    async def run(self) -> None:
        """Play every step.

        Raises
        ------
        RehearsalError, CdkError, TimeoutError
            When a step is not as it must be.
        """
        self._say("cdk bootstrap, both regions")
        await self._stage.bootstrap()
        for weight in STEPS:
            await self._move_to(weight)
            if weight == 0:
                await self._be_refused()
        await self._break_new()

    def table(self) -> Table:
        """Return what was seen, a line a step."""
        table = Table(
            title="share of new: of requests at the edge, of answers at the dns door",
            title_justify="left",
            box=SIMPLE_HEAD,
        )
        for column in ("step", "declared", "edge", "dns"):
            table.add_column(column, no_wrap=True)
        table.add_column("errors", justify="right", no_wrap=True)
        table.add_column("seconds", justify="right", no_wrap=True)
        for step in self._steps:
            table.add_row(
                step.name,
                step.declared,
                str(step.edge),
                str(step.dns),
                str(step.errors),
                f"{step.seconds:.1f}",
            )
        return table

    async def _move_to(self, weight: int) -> None:
        began = time.time()
        context = f"new_weight={weight}"
        self._say(f"cdk deploy -c {context}")
        await self._stage.cdk.deploy(context)
        if not self._steps:
            await self._open_doors()
        world = self._stage.world
        await wait_until(
            lambda: f"percent('{weight}')" in world.edge.code, seconds=30, what="the edge's weight"
        )
        await asyncio.sleep(1.5)
        since = time.time()
        (edge, dns), _ = await asyncio.gather(
            self._watch(weight, since, f"weight {weight}"), self._review(weight)
        )
        self._add(f"deploy {weight}", f"{weight} %", edge, dns, began)
        for door, share in (("edge", edge), ("dns", dns)):
            if not share.matches():
                raise RehearsalError(
                    f"at the {door} door new served {share}, but {weight} % is declared"
                )
        failed = [*self._viewers.failures(began), *self._resolvers.failures(began)]
        if failed:
            raise RehearsalError(
                f"{len(failed)} requests failed at weight {weight}, the first: {failed[0]}"
            )
        if self._viewers.strayed:
            raise RehearsalError(f"{self._viewers.strayed} viewers went from new back to old")

    async def _be_refused(self) -> None:
        """See every new environment that is not ready refused, while viewers are served by old."""
        began = time.time()
        for unready in UNREADY:
            self._say(f"new {unready.what}: cdk deploy -c new_weight={STEPS[1]}")
            said = await refuse(self._stage, unready, STEPS[1])
            self._say(f"refused, no weight moved: {said}")
        failed = self._viewers.failures(began)
        if failed:
            raise RehearsalError(f"{len(failed)} requests failed meanwhile, the first: {failed[0]}")
        await self._be_released()

    async def _be_released(self) -> None:
        """Release the switch, as a person would, where what the gate sent to an unready new has fired an
        alarm: on a slow machine a bad new is measured across two minutes."""
        if json.loads(self._stage.world.edge.switch)["state"] != "thrown":
            return
        self._say(
            "meanwhile an alarm on new has thrown the switch: release it when the alarm is OK"
        )
        await self._wait(self._is_quiet, "new's alarms to be over")
        call = {"action": "release", "by": "the rehearsal", "reason": "new is well again"}
        self._stage.cloud.client("lambda").invoke(
            FunctionName=f"{self._stage.cutover.name}-rollback", Payload=json.dumps(call)
        )

    def _is_quiet(self) -> bool:
        name = self._stage.cutover.name
        on_new = (f"{name}-new", f"{name}-edge")
        return not any(
            alarm["AlarmName"].startswith(on_new)
            for region in (self._stage.cutover.service.region, EDGE_REGION)
            for alarm in self._stage.cloud.client("cloudwatch", region).describe_alarms(
                StateValue="ALARM"
            )["MetricAlarms"]
        )

    async def _open_doors(self) -> None:
        world = self._stage.world
        await world.open_doors()
        paths = [endpoint.path for endpoint in self._stage.cutover.service.endpoints]
        self._viewers = Viewers(world.edge.address, paths)
        sides = {address: side for side, both in ADDRESSES.items() for address in both}
        self._resolvers = Resolvers(world.dns.port, RECORD, sides)
        for stream in (self._viewers, self._resolvers):
            await stream.start()
            self._ends.push_async_callback(stream.stop)
        asked = await ask(world.dns.port, RECORD, "A")
        self._say(f"dig @127.0.0.1 -p {world.dns.port} {RECORD} answers {asked}")

    async def _review(self, weight: int) -> None:
        """See that the next weight is the weights and nothing else in `cdk diff`, as its reviewer would."""
        after = next((step for step in STEPS if step > weight), None)
        if after is None:
            return
        diff = await self._stage.cdk.diff(f"new_weight={after}")
        other = beyond_the_weights(diff)
        if other:
            raise RehearsalError(f"cdk diff shows more than the weights: {other[:3]}")
        if weights_changed(diff) != _WEIGHTS_DEPLOYED:
            raise RehearsalError(
                f"cdk diff shows {weights_changed(diff)} weights, not {_WEIGHTS_DEPLOYED}"
            )
        self._say(f"cdk diff -c new_weight={after}: {_WEIGHTS_DEPLOYED} weights, nothing else")

    async def _break_new(self) -> None:
        world = self._stage.world
        entry = next(
            check["Id"]
            for check in self._stage.cloud.client("route53").list_health_checks()["HealthChecks"]
            if check["HealthCheckConfig"].get("FullyQualifiedDomainName")
            == self._stage.cutover.service.new.load_balancer_dns_name
            and check["HealthCheckConfig"]["ResourcePath"]
            == self._stage.cutover.service.endpoints[0].path
        )
        self._say("new breaks: it answers 500 to everything")
        began = time.time()
        world.new.fail()
        health = await self._wait(
            lambda: not world.checkers.is_healthy(entry), "new's health check to turn"
        )
        self._say(f"new's health check turned after {health:.0f} s: the dns door answers old")
        await self._wait(lambda: json.loads(world.edge.switch)["state"] == "thrown", "the switch")
        thrown = json.loads(world.edge.switch)
        self._say(f"the switch is thrown by {thrown['by']}")
        since = time.time() + 0.5
        (edge, dns), diff = await asyncio.gather(
            self._watch(0, since, "after the rollback"), self._stage.cdk.diff("new_weight=100")
        )
        last = max(
            (s.at for s in self._viewers.seen if s.side == "new" and s.at > began), default=began
        )
        self._add("new breaks", "thrown", edge, dns, began)
        failed = self._viewers.failures(began)
        reads = [seen for seen in failed if not seen.failure.startswith("POST")]
        self._say(f"last request that new served: {last - began:.0f} s after the fault")
        self._say(
            f"{len(reads)} reads failed: old answered them within the same request; "
            f"{len(failed)} writes did, until the switch was thrown"
        )
        if reads:
            raise RehearsalError(f"a read failed although old was healthy: {reads[0]}")
        if last - began > ROLLBACK_SECONDS:
            raise RehearsalError(f"new still served a request after {last - began:.0f} s")
        for door, share in (("edge", edge), ("dns", dns)):
            if not share.matches():
                raise RehearsalError(f"thrown, but at the {door} door new served {share}")
        if beyond_the_weights(diff) or weights_changed(diff):
            raise RehearsalError(f"cdk diff is not empty after the rollback: {diff[-500:]}")
        self._say("cdk diff is empty: the weights are what they were")

    async def _watch(self, declared: int, since: float, what: str) -> tuple[Share, Share]:
        """Look at both doors for some seconds from `since` on, and tell meanwhile."""
        while time.time() < since + WATCH_SECONDS:
            edge = self._viewers.share(declared, since)
            dns = self._resolvers.share(declared, since)
            errors = len(self._viewers.failures(since))
            self._status.update(f"{what}: edge {edge}, dns {dns}, errors {errors}")
            await asyncio.sleep(0.25)
        return self._viewers.share(declared, since), self._resolvers.share(declared, since)

    async def _wait(self, condition: Any, what: str) -> float:
        self._status.update(f"waiting for {what}")
        return await wait_until(condition, seconds=ROLLBACK_SECONDS, what=what)

    def _add(self, name: str, declared: str, edge: Share, dns: Share, began: float) -> None:
        failed = [*self._viewers.failures(began), *self._resolvers.failures(began)]
        step = Step(name, declared, edge, dns, len(failed), time.time() - began)
        self._steps.append(step)
        self._say(f"{name}: edge {edge}, dns {dns}, errors {len(failed)}")

    def _say(self, what: str) -> None:
        self._console.print(f"[dim]{time.time() - self._started:5.0f} s[/dim]  {what}")
        self._status.update(what)

    async def end(self) -> None:
        """Send the viewers home."""
        await self._ends.aclose()


async def rehearse(console: Console) -> None:
    """Set the stage, play, show the table.

    Raises
    ------
    RehearsalError, CdkError, TimeoutError, EmbeddedCloudError
        When something is not as it must be.
    """
    with console.status("starting the embedded cloud and both environments") as status:
        async with set_stage() as stage:
            rehearsal = Rehearsal(stage, console, status)
            try:
                await rehearsal.run()
            finally:
                await rehearsal.end()
                console.print(rehearsal.table())
