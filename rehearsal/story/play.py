"""`make story`: the acts, one after the other, on one stage and with viewers at both doors all the time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import tempfile
import time
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp
from rich.console import Console

from cutover.doors.origin_header import ORIGIN_SECRET_HEADER
from cutover.naming import Names
from cutover.paths import ROOT
from rehearsal.cdk import CdkError, beyond_the_weights, weights_changed
from rehearsal.cloud import faults, skewed_clock
from rehearsal.cloud.faults import Told
from rehearsal.cloud.process import EmbeddedCloud
from rehearsal.cloud.rights import denied
from rehearsal.declared import RECORD, with_room
from rehearsal.drill.dns_viewers import DnsViewers
from rehearsal.drill.happened import as_events
from rehearsal.drill.people import Somebody, create_queue
from rehearsal.drill.recording import Event, Kind, Recording, in_order
from rehearsal.outage import Outage
from rehearsal.pace import Pace
from rehearsal.releasing import release, until_it_passes
from rehearsal.stage import Stage, set_stage
from rehearsal.story.before import (
    LOGS,
    lead_to_old_by_a_plain_record,
    listener_of,
    turn_on_access_logs,
)
from rehearsal.story.counts import OWN_NAME, Act, could_be_spared, rows
from rehearsal.story.hours import play_hours
from rehearsal.story.old_name_users import OldNameUsers
from rehearsal.story.person import CommandError, Person
from rehearsal.story.told import write_story
from rehearsal.telling import Telling, measured
from rehearsal.world.shares import Share
from rehearsal.world.viewers import Viewers

OUTPUT: Final = ROOT / "build" / "story"
BEFORE_THE_FAULT: Final = (1, 10, 50)
FULL_WEIGHT: Final = 100
A_SECOND: Final = 10.0
"""Viewers at each door."""
WATCH_HOURS: Final = 24
_TOLD_HOURS: Final = WATCH_HOURS + 2
"""The hour that runs and the one that must be over do not count."""
_LOOK_ON_SECONDS: Final = 20.0
_WATCHED_MINUTES: Final = 2
BY_OWN_NAME_A_SECOND: Final = 8.0
"""Those who use old's own name: more a minute than there may be probes, or the gate takes them for such."""
_PIN_SECONDS: Final = 30.0
_HASH: Final = re.compile(r"--yes (\w+)")


class StoryError(Exception):
    """Something was not as it must be; the message says what."""


class Story:
    """One run from the first act to the last."""

    def __init__(
        self,
        stage: Stage,
        folder: Path,
        clock: Path,
        cloud_told: Told,
        telling: Telling,
    ) -> None:
        self._stage = stage
        self._world = stage.world
        self._folder = folder
        self._clock = clock
        self._cloud_told = cloud_told
        self._tell = telling
        self._person = Person(stage, folder, clock)
        self._events: list[Event] = []
        self._acts: list[Act] = []
        self._fault: Outage | None = None
        self._ends = contextlib.AsyncExitStack()
        self._edge: Viewers | None = None
        self._dns: DnsViewers | None = None
        self._by_own_name: OldNameUsers | None = None
        self._told_hours = 0
        self._somebody: Somebody | None = None
        self._is_whole = False

    async def run(self) -> None:
        """Play every act.

        Raises
        ------
        StoryError, CommandError, CallError, CdkError, TimeoutError
            When one does not end as it must.
        """
        await self._before()
        async with self._act("deploy", "everything but the records is deployed", 0):
            await self._deploy_first()
        async with self._act("adopt", "the plain record becomes the template's weighted ones", 0):
            await self._adopt()
        async with self._act("prepare", "old and new are compared and measured", 0):
            await self._prepare()
        for weight in BEFORE_THE_FAULT:
            async with self._act(f"{weight} %", "promoted, planned, applied", weight):
                await self._promote(weight)
        async with self._act("fault", "new answers 500; an alarm rolls back", 0):
            await self._break_new()
        async with self._act("release", "new is well again, and a person releases it", 50):
            await self._release()
        async with self._act("100 %", "promoted, planned, applied", FULL_WEIGHT):
            await self._promote(FULL_WEIGHT)
        async with self._act("watch", "old stays ready for a day; its clock is told", FULL_WEIGHT):
            await self._watch()
        async with self._act(
            "last users", "who asks old by its own name is sent on, told, and gone", FULL_WEIGHT
        ):
            await self._move_the_last_users()
        async with self._act("decommission", "old leaves the doors, and is off", FULL_WEIGHT):
            await self._decommission()
        self._check_rights()
        async with self._act("dismantle", "a plain record to new; cdk destroy", FULL_WEIGHT):
            await self._dismantle()
        self._is_whole = True

    async def end(self) -> None:
        """Send everybody home."""
        await self._ends.aclose()

    def write(self) -> list[Path]:
        """Write what came of it, and return the files."""
        ended = time.time()
        streams = {"edge": self._edge, "dns": self._dns, OWN_NAME: self._by_own_name}
        seen = {door: stream.seen if stream else [] for door, stream in streams.items()}
        told = self._somebody.got if self._somebody else []
        happened = as_events(self._cloud_told.happened(), f"{self._stage.cutover.name}-rollback")
        events = in_order([*self._events, *told, *happened])
        recording = Recording(self._tell.began, ended, events, seen)
        lines = rows(self._acts, seen, self._fault)
        return write_story(recording, lines, OUTPUT, whole=self._is_whole)

    # The acts

    async def _before(self) -> None:
        """A name with a plain record to old, and people who use it; others use old's own name."""
        service = self._stage.cutover.service
        assert service.dns is not None
        await asyncio.to_thread(turn_on_access_logs, self._stage.cloud, service)
        await self._world.write_access_log()
        await self._world.follow_rules()
        await asyncio.to_thread(
            lead_to_old_by_a_plain_record,
            self._stage.cloud,
            service.dns.hosted_zone_id,
            service.old,
        )
        await self._world.open_dns()
        self._person.knows_the_zone()
        self._dns = DnsViewers.of(
            self._world,
            RECORD,
            service.endpoints[-1].path,
            a_second=self._stage.pace.fewer(A_SECOND),
        )
        await self._dns.start()
        self._ends.push_async_callback(self._dns.stop)
        self._by_own_name = OldNameUsers.of(
            *(self._world, service.old.load_balancer_dns_name, RECORD, service.endpoints[-1].path),
            a_second=BY_OWN_NAME_A_SECOND,
        )
        await self._by_own_name.start()
        self._ends.push_async_callback(self._by_own_name.stop)
        self._tell.began = time.time()
        self._tell.say(
            f"{RECORD} has a plain record to old, and people use it; others use old's own name"
        )

    async def _deploy_first(self) -> None:
        await self._stage.bootstrap()
        self._person.declare(dns={"adopt": True})
        await self._cdk_deploy()
        await self._world.open_edge()
        paths = [endpoint.path for endpoint in self._stage.cutover.service.endpoints]
        self._edge = Viewers(
            self._world.edge.address, paths, a_second=self._stage.pace.fewer(A_SECOND)
        )
        await self._edge.start()
        self._ends.push_async_callback(self._edge.stop)
        self._somebody = Somebody(self._stage.cloud)
        await self._somebody.start()
        self._ends.push_async_callback(self._somebody.stop)
        self._tell.say("the edge door is there too, and people come to it")

    async def _adopt(self) -> None:
        folder = str(self._folder / "adopt")
        planned = await self._cutover("adopt", "--folder", folder)
        adopted = await self._cutover("adopt", "--folder", folder, "--yes", _hash(planned))
        self._note("person", "the record is adopted")
        self._tell.say(_line(adopted, "questions"))
        self._person.declare(dns={"adopt": None})
        mapping = self._folder / "adopt" / self._stage.cutover.name / "import.json"
        app = await self._stage.cdk.synth(into="adopted")
        await self._stage.cdk.run(
            *("import", f"{self._stage.cutover.name}-traffic", "--app", str(app)),
            *("--force", "--resource-mapping", str(mapping)),
        )
        self._note("person", "cdk import")
        await self._cdk_deploy(app)
        diff = await self._stage.cdk.diff(app=app)
        if beyond_the_weights(diff) or weights_changed(diff):
            raise StoryError(f"cdk diff is not empty after the import: {diff[-500:]}")
        self._tell.say("cdk import took the records over, and cdk diff is empty")

    async def _prepare(self) -> None:
        said = await self._cutover("readiness", "--output", str(self._folder / "readiness"))
        self._tell.say(_line(said, "ready"))

    async def _promote(self, weight: int) -> None:
        """Do as a team does: promote, review, plan, apply what was reviewed."""
        self._tell.say(_line(await self._cutover("promote", "--to", str(weight)), "declares"))
        app = await self._stage.cdk.synth(into=f"at-{weight}")
        comment = await self._cutover("comment", "--app", str(app))
        if "The weights change, and nothing else." not in comment:
            raise StoryError(f"the comment tells of more than the weights:\n{comment[:2000]}")
        self._tell.say(_line(comment, "->").strip("*"))
        watching = asyncio.create_task(self._cutover("watch", "--until", "done"))
        try:
            await self._apply(app, weight)
            self._tell.say(_line(await watching, "Done:"))
        finally:
            watching.cancel()
        await self._tell.wait(lambda: self._world.is_in_force(weight), f"{weight} % at both doors")
        self._note("deploy", f"{weight} %")
        since = time.time()
        await asyncio.sleep(self._stage.pace.longer(_LOOK_ON_SECONDS))
        self._see_shares(weight, since)

    async def _apply(self, app: Path, weight: int) -> None:
        """Plan, and apply what was planned."""
        plan = self._folder / f"plan-{weight}.json"

        async def attempt() -> None:
            await self._cutover("plan", "--app", str(app), "--output", str(plan))
            await self._cutover("apply", str(plan), "--id", _id_of(plan))

        await until_it_passes(attempt, CommandError, self._be_released, self._tell.say)

    async def _break_new(self) -> None:
        self._note("fault", "new answers 500")
        struck = time.time()
        self._world.new.fail()
        await self._tell.wait(lambda: self._world.switch == "thrown", "the switch at the edge")
        thrown = time.time()
        self._note("edge", "rolled back")
        await self._tell.wait(lambda: not self._world.leads_to_new, "the dns door to turn")
        turned = time.time()
        self._fault = Outage(struck, thrown, turned, float("inf"))
        assert self._somebody is not None
        await self._somebody.read()
        self._tell.say(
            f"rolled back by an alarm: at the edge after {thrown - struck:.0f} s, at the dns door after "
            f"{turned - struck:.0f} s; told: {self._told()}"
        )
        since = time.time()
        await asyncio.sleep(self._stage.pace.longer(_LOOK_ON_SECONDS / 2))
        self._see_shares(0, since)
        await self._world.new.heal()
        self._note("healed", "new is well")

    async def _release(self) -> None:
        await self._be_released()
        self._note("person", "new is released")
        assert self._fault is not None
        self._fault = replace(self._fault, healed=time.time())
        since = time.time()
        await asyncio.sleep(self._stage.pace.longer(_LOOK_ON_SECONDS / 2))
        self._see_shares(50, since)

    async def _watch(self) -> None:
        since = datetime.now(UTC)
        await self._whole_minutes(_WATCHED_MINUTES)
        lacks = await self._cutover("decommission", ends_with=(1,))
        self._tell.say(_line(lacks, "missing:"))
        await self._tell_hours(since)

    async def _move_the_last_users(self) -> None:
        """Be refused because of them, find them, send them on, tell them, and see that they are gone."""
        self._person.declare(**self._leaving())
        try:
            await self._cdk_deploy(await self._stage.cdk.synth(into="too-early"))
        except CdkError as error:
            said = " ".join(str(error).split())
            if "old still got about" not in said:
                raise
            self._tell.say(
                "the gate refuses: " + said[said.index("old still got") :].split(". ")[0]
            )
        else:
            raise StoryError("old left the doors while people asked it by its own name")
        self._person.declare(phase=None, rollback={"point_of_no_return": None})
        await self._find_them()
        await self._send_them_on()
        await self._find_them()
        await self._tell_them()
        since = datetime.now(UTC)
        await self._whole_minutes(1)
        await self._tell_hours(since)

    async def _find_them(self) -> None:
        """Ask who they are, by the log that old's load balancer has written by now."""
        assert self._world.old.access_log is not None
        await self._world.old.access_log.write()
        found = await self._cutover("last-users", ends_with=(1,))
        # Without the names, which are long.
        self._tell.say(re.sub(r" \(.*?\)", "", _line(found, "requests asked old by its own name")))
        if "nightly-import" not in found:
            raise StoryError(f"the script is not among those who ask old by its own name:\n{found}")

    async def _send_them_on(self) -> None:
        """Declare the redirect, deploy it, and see who is sent on and who is not."""
        listener = await asyncio.to_thread(
            listener_of, self._stage.cloud, self._stage.cutover.service.old
        )
        self._person.declare(
            last_users={
                "redirect": "temporary",
                "listeners": [listener],
                "access_logs": f"s3://{LOGS}/old",
            }
        )
        app = await self._stage.cdk.synth(into="last-users")
        diff = await self._stage.cdk.diff(app=app)
        if weights_changed(diff) or "Athena::NamedQuery" not in diff:
            raise StoryError(f"cdk diff does not show rules, queries and no weight: {diff[-2000:]}")
        await self._cdk_deploy(app)
        # It is the last that is made.
        await self._tell.wait(
            lambda: any(rule.action["Type"] == "redirect" for rule in self._world.old.rules),
            "the redirect at old's listener",
        )
        self._note("deploy", "redirect at old")
        since = time.time()
        await asyncio.sleep(self._stage.pace.longer(_LOOK_ON_SECONDS))
        self._see_shares(FULL_WEIGHT, since)
        self._see_them_sent_on(since)
        await self._see_no_circle()

    async def _tell_them(self) -> None:
        """Write the notice; whoever reads it uses the new address from then on."""
        folder = self._folder / "documents"
        await self._cutover("documents", "--output", str(folder))
        notice = (folder / "notice-to-users.md").read_text(encoding="utf-8")
        live = _line(notice, "leads there by itself").strip("| ")
        if RECORD not in notice or "since 20" not in live:
            raise StoryError(
                f"the notice does not say where the redirect leads, since when:\n{notice}"
            )
        self._tell.say(f"the notice: {live}")
        assert self._by_own_name is not None
        self._by_own_name.moved = True
        self._note("person", "the last users are told")

    async def _decommission(self) -> None:
        self._person.declare(**self._leaving())
        app = await self._stage.cdk.synth(into="decommission")
        # 2: the embedded cloud does not tell of everything that could be deleted then.
        said = await self._cutover("decommission", ends_with=(0, 2))
        if "Nothing is missing" not in said:
            raise StoryError(f"something is missing still:\n{said[-2000:]}")
        self._tell.say(_line(said, "Nothing is missing"))
        await self._cdk_deploy(app)
        self._note("deploy", "old leaves the doors")
        # Resolvers that were told of old a moment ago may still ask it.
        await asyncio.sleep(5)
        await self._world.old.refuse()
        self._note("person", "old is switched off")
        since = time.time()
        await asyncio.sleep(self._stage.pace.longer(_LOOK_ON_SECONDS))
        self._see_shares(FULL_WEIGHT, since)
        self._tell.say("old is off, and nobody misses it")

    def _leaving(self) -> dict[str, Any]:
        """Return what a person declares when old is to leave the doors."""
        return {
            "phase": "decommission",
            "rollback": {
                "point_of_no_return": {
                    "reason": "old is switched off",
                    "by": "the story",
                    "on": datetime.now(UTC).date().isoformat(),
                }
            },
        }

    async def _whole_minutes(self, minutes: int) -> None:
        """Let as many minutes of the clock pass, and what they said be published."""
        await asyncio.sleep(60 * minutes - time.time() % 60 + 65)

    async def _tell_hours(self, since: datetime) -> None:
        """Play the day that nobody waits for, as the minutes from `since` on were, and set clocks ahead."""
        await asyncio.to_thread(
            play_hours,
            *(self._stage.cloud, self._stage.cutover.name, self._stage.cutover.service),
            *(since, _TOLD_HOURS, self._told_hours),
        )
        self._told_hours += _TOLD_HOURS
        ahead = 3600.0 * self._told_hours
        owners = (f"{self._stage.cutover.name}-gate", skewed_clock.PERSON)
        skewed_clock.tell(self._clock, dict.fromkeys(owners, ahead))
        self._note("note", "its clock is told")
        self._tell.say(
            f"its clock is told: {_TOLD_HOURS} hours are as the minutes since {since:%H:%M} UTC were"
        )

    async def _dismantle(self) -> None:
        """Leave a plain record to new, and let stock CDK take the stacks away."""
        folder = ("--folder", str(self._folder / "dismantle"))
        planned = await self._cutover("dismantle", "--leave-record", *folder)
        left = await self._cutover("dismantle", "--leave-record", *folder, "--yes", _hash(planned))
        self._note("person", "a plain record to new")
        self._tell.say(_line(left, "questions"))
        cutover = self._stage.cutover
        stacks = dict(reversed(Names(cutover.name).stacks(cutover.service.regions).items()))
        for stack, where in stacks.items():
            await asyncio.to_thread(
                self._stage.cloud.client("cloudformation", where).update_termination_protection,
                EnableTerminationProtection=False,
                StackName=stack,
            )
        app = self._folder / "last"
        await self._stage.cdk.run("synth", "--quiet", "--output", str(app))
        await self._stage.cdk.run(*("destroy", "--force", "--app", str(app)), *stacks)
        self._note("person", "cdk destroy")
        since = time.time()
        await asyncio.sleep(self._stage.pace.longer(_LOOK_ON_SECONDS))
        self._see_shares(FULL_WEIGHT, since)
        self._tell.say(
            _line(await self._cutover("dismantle", "--after", *folder, ends_with=(0, 2)), "Left")
        )

    # What must hold

    def _see_shares(self, weight: int, since: float) -> None:
        """See that new serves its share, and that nobody met a failure that could have been spared."""
        assert self._edge is not None
        assert self._dns is not None
        for door, stream in (("edge", self._edge), ("dns", self._dns)):
            share: Share = stream.share(weight, since)
            if not share.matches():
                raise StoryError(f"at the {door} door new served {share}, and {weight} % is right")
            spared = could_be_spared(door, stream.seen, self._fault)
            if spared:
                raise StoryError(
                    f"{len(spared)} requests failed at the {door} door that a healthy side could have "
                    f"served, the first at {spared[0].at - self._tell.began:.0f} s: {spared[0]}"
                )
        lost = [] if self._by_own_name is None else self._by_own_name.failures(self._tell.began)
        if lost:
            raise StoryError(f"{len(lost)} who asked old by its own name got nothing: {lost[0]}")
        self._tell.say(
            f"new serves {self._edge.share(weight, since)} at the edge, {self._dns.share(weight, since)} at "
            "the dns door; nobody met an error that could have been spared"
        )

    def _see_them_sent_on(self, since: float) -> None:
        """See that who reads by old's own name ends on new, and that who writes is served by old."""
        assert self._by_own_name is not None
        seen = [one for one in self._by_own_name.seen if one.began >= since]
        ways = {"GET": ("old", "new"), "POST": ("old",)}
        strayed = [
            one for one in seen if one.asked != ways[one.method] or one.side != one.asked[-1]
        ]
        if strayed or len({one.method for one in seen}) < len(ways):
            raise StoryError(f"{len(strayed)} of {len(seen)} went another way: {strayed[:1]}")
        reads = sum(one.method == "GET" for one in seen)
        self._tell.say(
            f"of those who ask old by its own name {reads} read and were sent on to new, and "
            f"{len(seen) - reads} wrote and were served by old"
        )

    async def _see_no_circle(self) -> None:
        """See that whoever the edge sends to old is served there: by old's own name, and with a pin."""
        name = self._stage.cutover.name
        asked = {"side": "old", "hours": 1, "by": "the story"}
        told: Any = await asyncio.to_thread(
            self._stage.cloud.client("lambda").invoke,
            FunctionName=f"{name}-pin",
            Payload=json.dumps(asked),
        )
        pin = json.loads(told["Payload"].read())["cookie"]
        own = self._stage.cutover.service.old.load_balancer_dns_name
        path = self._stage.cutover.service.endpoints[-1].path
        ways = {
            "through the edge, pinned to old": (self._world.edge.address, {"cookie": pin}),
            "as the edge does": (self._world.old.address, {"host": own, ORIGIN_SECRET_HEADER: "-"}),
        }
        right = (200, "old")
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
            for way, ((host, port), headers) in ways.items():
                url, got = f"http://{host}:{port}{path}", (0, "")
                end = time.time() + self._stage.pace.longer(_PIN_SECONDS)
                # The edge may hear of the key by which a pin is signed a moment later.
                while got != right and time.time() < end:
                    await asyncio.sleep(1)
                    async with session.get(url, headers=headers, allow_redirects=False) as answer:
                        got = (answer.status, answer.headers.get("x-served-by", ""))
                if got != right:
                    raise StoryError(f"who asks old {way} gets {got}, and {right} is right")
        self._tell.say("no circle: whoever the edge sends to old is served there")

    def _check_rights(self) -> None:
        refused = denied(self._stage.cloud.decisions())
        if refused:
            raise StoryError(f"a right is missing: {refused[0]}")

    # How

    @contextlib.asynccontextmanager
    async def _act(self, name: str, what: str, weight: int) -> AsyncIterator[None]:
        self._tell.head(name, what)
        began = time.time()
        yield
        self._acts.append(Act(name, what, began, time.time(), weight))

    async def _cdk_deploy(self, app: Path | None = None) -> None:
        self._tell.show("cdk deploy")
        await self._stage.cdk.deploy(app=app)

    async def _cutover(self, *arguments: str, ends_with: Collection[int] = (0,)) -> str:
        self._tell.say(f"cutover {' '.join(arguments)}")
        return await self._person.cutover(*arguments, ends_with=ends_with)

    async def _be_released(self) -> None:
        """Release the switch when no alarm speaks against new, as a person would."""
        await release(self._stage, self._tell.show)

    def _told(self) -> str:
        got = self._somebody.got if self._somebody else []
        return "; ".join(event.what for event in got) or "nobody"

    def _note(self, kind: Kind, what: str) -> None:
        self._events.append(Event(time.time(), kind, what))


def _hash(planned: str) -> str:
    found = _HASH.search(" ".join(planned.split()))
    if found is None:
        raise StoryError(f"the command showed no plan:\n{planned[-2000:]}")
    return found[1]


def _id_of(plan: Path) -> str:
    return str(json.loads(plan.read_text(encoding="utf-8"))["id"])


def _line(text: str, containing: str) -> str:
    return next((line.strip() for line in text.splitlines() if containing in line), "")


def _declared(pace: Pace, cloud: EmbeddedCloud, service: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is declared in the story: a way of few steps, and a watch of a day."""
    declared = with_room(dict(service), pace)
    today = datetime.now(UTC).date().isoformat()
    return declared | {
        "notify": [create_queue(cloud)],
        "promotion": declared["promotion"]
        | {
            "max_step_percent": 50,
            "bake_minutes": 0,
            "watch_hours": WATCH_HOURS,
            "steps": [{"weight": weight} for weight in (*BEFORE_THE_FAULT, FULL_WEIGHT)],
        },
        "decommission": {
            "quiet_days": 1,
            "attestations": [{"what": "backups of old", "by": "the story", "on": today}],
        },
    }


async def tell_story(console: Console) -> None:
    """Set the stage, play, and write the page.

    Raises
    ------
    StoryError, CommandError, CallError, CdkError, TimeoutError, EmbeddedCloudError
        When something is not as it must be.
    """
    with (
        console.status("") as status,
        tempfile.TemporaryDirectory(prefix="story-") as named,
    ):
        folder = Path(named)
        clock = folder / "clock.json"
        file = folder / "faults.json"
        cloud_told = Told(file)
        pace = await measured(console, status)
        environment = {
            skewed_clock.TOLD: str(clock),
            faults.VARIABLE: str(file),
        }
        async with set_stage(
            lambda cloud, service: _declared(pace, cloud, service),
            cloud_environment=environment,
            pace=pace,
        ) as stage:
            story = Story(stage, folder, clock, cloud_told, Telling(console, status, pace))
            try:
                await story.run()
            finally:
                await story.end()
                files = story.write()
    console.print(f"the story in one picture and one table: {files[0]}", highlight=False)
