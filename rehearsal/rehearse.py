"""The rehearsal: deploy 0, 10, 50, 100 with viewers at both doors, break new, see all traffic return."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from commands.decommission import LACKS
from rehearsal.cdk import CdkError, beyond_the_weights, weights_changed
from rehearsal.cloud.rights import denied
from rehearsal.declared import RECORD
from rehearsal.pace import measure
from rehearsal.refusals import UNREADY, Refusals
from rehearsal.stage import Stage, set_stage
from rehearsal.story.person import Person
from rehearsal.telling import Telling, measured
from rehearsal.world.dns_server import ask
from rehearsal.world.shares import Share
from rehearsal.world.viewers import Resolvers, Viewers
from rehearsal.world.world import wait_until

STEPS: Final = (0, 10, 50, 100)
ROLLBACK_SECONDS: Final = 120.0
WATCHED: Final = 400
"""So many requests at the edge, and answers of DNS, are counted for a share at least: where 10 % is declared,
20 % is noticed in 9 of 10 rehearsals at either door."""
WATCHED_A_SECOND: Final = 80.0
"""Viewers and resolvers, while shares are counted."""
USUAL_A_SECOND: Final = 10.0
"""While a deploy is under way: the gate measures both sides."""
_TRIES: Final = 4
_COULD_NOT_TELL: Final = "could not tell"
_IN_FORCE_SECONDS: Final = 60.0
_WATCH_SECONDS: Final = 120.0
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

    def __init__(self, stage: Stage, telling: Telling) -> None:
        self._stage = stage
        self._tell = telling
        self._steps: list[Step] = []
        self._assemblies: dict[int, asyncio.Task[Path]] = {}
        self._viewers: Viewers
        self._resolvers: Resolvers
        self._ends = contextlib.AsyncExitStack()

    async def run(self) -> None:
        """Play every step.

        Raises
        ------
        RehearsalError, RefusalError, CdkError, CommandError, TimeoutError
            When a step is not as it must be.
        """
        self._tell.say("cdk bootstrap, both regions")
        each = ", ".join(map(str, STEPS))
        self._tell.say(
            f"cdk synth -c new_weight={each}: what is synthesised is then diffed and deployed"
        )
        self._synthesise()
        await self._stage.bootstrap()
        for weight in STEPS:
            await self._move_to(weight)
            if weight == 0:
                await self._be_refused()
        await self._break_new()
        refused = denied(self._stage.cloud.decisions())
        if refused:
            raise RehearsalError(f"a right is missing: {refused[0]}")

    def _synthesise(self) -> None:
        """Begin to synthesise every step, one after the other: each is diffed and deployed as it is then."""
        in_turn = asyncio.Lock()

        async def synthesise(weight: int) -> Path:
            async with in_turn:
                context = f"new_weight={weight}"
                return await self._stage.cdk.synth(context, into=context)

        self._assemblies = {w: asyncio.create_task(synthesise(w)) for w in STEPS}

        async def end() -> None:
            for task in self._assemblies.values():
                task.cancel()
            await asyncio.gather(*self._assemblies.values(), return_exceptions=True)

        self._ends.push_async_callback(end)

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
        app = await self._assemblies[weight]
        self._tell.say(f"cdk deploy -c new_weight={weight}")
        await self._deploy(app)
        if not self._steps:
            await self._open_doors()
        await self._tell.wait(
            lambda: self._stage.world.is_in_force(weight),
            f"weight {weight} at both doors",
            _IN_FORCE_SECONDS,
        )
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

    async def _deploy(self, app: Path) -> None:
        """Deploy; once more where the gate could not measure on a machine that has become too slow for it.

        Both sides are well here. A machine that is as fast as it was has no such excuse.
        """
        for tried in range(1, _TRIES + 1):
            try:
                await self._stage.cdk.deploy(app=app)
            except CdkError as error:
                now = await measure()
                unsure = _COULD_NOT_TELL in " ".join(str(error).split())
                if tried == _TRIES or not (unsure or now.slowness > self._stage.pace.slowness):
                    raise
                self._tell.say(
                    f"the gate could not measure on a machine this busy: again. {now.said}"
                )
            else:
                return

    async def _be_refused(self) -> None:
        """See every new side that is not ready refused, while viewers are served by old."""
        began = time.time()
        refusals = Refusals(self._stage, await self._assemblies[STEPS[1]], self._tell.say)
        for unready in UNREADY:
            self._tell.say(f"{unready.what}: cdk deploy -c new_weight={STEPS[1]}")
            said = await refusals.refuse(unready)
            self._tell.say(f"refused, no weight moved: {said}")
        failed = self._viewers.failures(began)
        if failed:
            raise RehearsalError(f"{len(failed)} requests failed meanwhile, the first: {failed[0]}")
        await refusals.until_new_may_rise()

    async def _open_doors(self) -> None:
        world = self._stage.world
        await world.open_doors()
        paths = [endpoint.path for endpoint in self._stage.cutover.service.endpoints]
        usual = self._stage.pace.fewer(USUAL_A_SECOND)
        self._viewers = Viewers(world.edge.address, paths, a_second=usual)
        self._resolvers = Resolvers(world.dns.port, RECORD, a_second=usual)
        for stream in (self._viewers, self._resolvers):
            await stream.start()
            self._ends.push_async_callback(stream.stop)
        asked = await ask(world.dns.port, RECORD, "A")
        self._tell.say(f"dig @127.0.0.1 -p {world.dns.port} {RECORD} answers {asked}")

    async def _review(self, weight: int) -> None:
        """See that the next weight is the weights and nothing else in `cdk diff`, as its reviewer would; at
        the last one, that old may not leave yet."""
        after = next((step for step in STEPS if step > weight), None)
        if after is None:
            await self._ask_for_the_end()
            return
        diff = await self._stage.cdk.diff(app=await self._assemblies[after])
        other = beyond_the_weights(diff)
        if other:
            raise RehearsalError(f"cdk diff shows more than the weights: {other[:3]}")
        if weights_changed(diff) != _WEIGHTS_DEPLOYED:
            raise RehearsalError(
                f"cdk diff shows {weights_changed(diff)} weights, not {_WEIGHTS_DEPLOYED}"
            )
        self._tell.say(f"cdk diff -c new_weight={after}: {_WEIGHTS_DEPLOYED} weights, nothing else")

    async def _ask_for_the_end(self) -> None:
        """See that 100 % is not the end: `cutover decommission` says what is missing before old may leave."""
        folder = Path(self._stage.environment["CUTOVER_DECLARATION"]).parent
        person = Person(self._stage, folder, folder / "clock.json")
        await asyncio.to_thread(person.knows_the_zone)
        said = await person.cutover("decommission", ends_with=(LACKS,))
        missing = [line for line in said.splitlines() if line.startswith("missing: ")]
        if not missing:
            raise RehearsalError(f"cutover decommission misses nothing at 100 %: {said[-500:]}")
        self._tell.say(f"cutover decommission: old may not leave yet. {missing[0]}")

    async def _break_new(self) -> None:
        world = self._stage.world
        entry = await asyncio.to_thread(self._entry_check)
        self._tell.say("new breaks: it answers 500 to everything")
        began = time.time()
        world.new.fail()
        # What is declared is synthesised anew meanwhile: the diff afterwards is against that.
        app, *_ = await asyncio.gather(
            self._stage.cdk.synth(f"new_weight={STEPS[-1]}", into="after"),
            self._turn(entry),
            self._be_thrown(),
        )
        await self._tell.wait(lambda: not world.leads_to_new, "the dns door to turn")
        since = time.time()
        (edge, dns), diff = await asyncio.gather(
            self._watch(0, since, "after the rollback"), self._stage.cdk.diff(app=app)
        )
        last = max(
            (s.at for s in self._viewers.seen if s.side == "new" and s.at > began), default=began
        )
        self._add("new breaks", "thrown", edge, dns, began)
        failed = self._viewers.failures(began)
        reads = [seen for seen in failed if seen.method != "POST"]
        self._tell.say(f"last request that new served: {last - began:.0f} s after the fault")
        self._tell.say(
            f"{len(reads)} reads failed: old answered them within the same request; "
            f"{len(failed)} writes did, until the switch was thrown"
        )
        if reads:
            raise RehearsalError(f"a read failed although old was healthy: {reads[0]}")
        if last - began > self._stage.pace.longer(ROLLBACK_SECONDS):
            raise RehearsalError(f"new still served a request after {last - began:.0f} s")
        for door, share in (("edge", edge), ("dns", dns)):
            if not share.matches():
                raise RehearsalError(f"thrown, but at the {door} door new served {share}")
        if beyond_the_weights(diff) or weights_changed(diff):
            raise RehearsalError(f"cdk diff is not empty after the rollback: {diff[-500:]}")
        self._tell.say("cdk diff is empty: the weights are what they were")

    def _entry_check(self) -> str:
        service = self._stage.cutover.service
        found: str = next(
            check["Id"]
            for check in self._stage.cloud.client("route53").list_health_checks()["HealthChecks"]
            if check["HealthCheckConfig"].get("FullyQualifiedDomainName")
            == service.new.load_balancer_dns_name
            and check["HealthCheckConfig"]["ResourcePath"] == service.endpoints[0].path
        )
        return found

    async def _turn(self, entry: str) -> None:
        checkers = self._stage.world.checkers
        seconds = await self._tell.wait(
            lambda: not checkers.is_healthy(entry), "new's health check to turn", ROLLBACK_SECONDS
        )
        self._tell.say(f"new's health check turned after {seconds:.0f} s: the dns door answers old")

    async def _be_thrown(self) -> None:
        world = self._stage.world
        await self._tell.wait(lambda: world.switch == "thrown", "the switch", ROLLBACK_SECONDS)
        self._tell.say(f"the switch is thrown by {json.loads(world.edge.switch)['by']}")

    async def _watch(self, declared: int, since: float, what: str) -> tuple[Share, Share]:
        """Let many come to both doors until enough have, and tell meanwhile who serves them."""
        streams = (self._viewers, self._resolvers)

        def shares() -> tuple[Share, Share]:
            edge, dns = (stream.share(declared, since) for stream in streams)
            errors = len(self._viewers.failures(since))
            self._tell.show(f"{what}: edge {edge}, dns {dns}, errors {errors}")
            return edge, dns

        def enough() -> bool:
            counted = [share.total >= WATCHED for share in shares()]
            for stream, has_enough in zip(streams, counted, strict=True):
                rate = USUAL_A_SECOND if has_enough else WATCHED_A_SECOND
                stream.a_second = self._stage.pace.fewer(rate)
            return all(counted)

        await wait_until(
            enough,
            seconds=self._stage.pace.longer(_WATCH_SECONDS),
            what=f"{WATCHED} viewers to be served at both doors",
        )
        return shares()

    def _add(self, name: str, declared: str, edge: Share, dns: Share, began: float) -> None:
        failed = [*self._viewers.failures(began), *self._resolvers.failures(began)]
        step = Step(name, declared, edge, dns, len(failed), time.time() - began)
        self._steps.append(step)
        self._tell.say(f"{name}: edge {edge}, dns {dns}, errors {len(failed)}")

    async def end(self) -> None:
        """Send the viewers home."""
        await self._ends.aclose()


async def rehearse(console: Console) -> None:
    """Set the stage, play, show the table.

    Raises
    ------
    RehearsalError, RefusalError, CdkError, TimeoutError, EmbeddedCloudError
        When something is not as it must be.
    """
    with console.status("") as status:
        pace = await measured(console, status)
        async with set_stage(pace=pace) as stage:
            rehearsal = Rehearsal(stage, Telling(console, status, pace))
            try:
                await rehearsal.run()
            finally:
                await rehearsal.end()
                console.print(rehearsal.table())
