"""`make chat`: people use a chat at both doors, all the time, while the weight goes from 0 to 100 and is
rolled back on the way."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console

from rehearsal.browser.chromium import MISSING, chromium, find
from rehearsal.cdk import CdkError
from rehearsal.chat.acts import SOCKETS, STREAMS, Act, across, could_be_spared, moved
from rehearsal.chat.entrance import DnsEntrance, EdgeEntrance
from rehearsal.chat.people import LetDownError, Person
from rehearsal.chat.side import ChatSide
from rehearsal.chat.visitor import Visitor
from rehearsal.cloud.rights import denied
from rehearsal.declared import RECORD
from rehearsal.outage import Outage
from rehearsal.releasing import call, release, until_it_passes
from rehearsal.stage import Stage, set_stage
from rehearsal.telling import Telling, measured
from rehearsal.world.world import SIDE_AT

BEFORE: Final = (0, 10, 50)
"""The weights on the way up to the rollback."""
AFTER: Final = 100
AT_THE_EDGE: Final = 12
AT_THE_DNS_DOOR: Final = 4
_WAIT_SECONDS: Final = 120.0
_NOTICED_SECONDS: Final = 3.0
"""So long after new broke a person throws the switch."""
_PIECE: Final = 1 << 20
_FILE: Final = 256
"""Pieces of the large file: 256 MB."""
_ALL_HABITS: Final = frozenset({"who am I", "upload", "ask", "events", "socket"})


class ChatError(Exception):
    """A person met what they must not; the message says what."""


class ChatPlay:
    """One run on a stage whose sides are chats."""

    def __init__(self, stage: Stage, telling: Telling) -> None:
        self._stage = stage
        self._tell = telling
        self._people: list[Person] = []
        self._visitor: Visitor | None = None
        self._fault: Outage | None = None
        self._ends = contextlib.AsyncExitStack()

    async def run(self) -> None:
        """Play every step.

        Raises
        ------
        ChatError, CallError, BrowserError, CdkError, TimeoutError
            When a step is not as it must be.
        """
        stage = self._stage
        self._tell.say("cdk bootstrap, both regions")
        await stage.bootstrap()
        for weight in BEFORE:
            await self._move_to(weight)
            if weight == 0:
                await self._let_people_in()
                await self._open_browser()
            await self._go_on(f"at {weight} %")
        self._see_moves("old", "new")
        await self._roll_back()
        await self._release()
        await self._move_to(AFTER)
        await self._go_on(f"at {AFTER} %", side="new")
        self._see_moves("old", "new", everybody=True)
        refused = denied(stage.cloud.decisions())
        if refused:
            raise ChatError(f"a right is missing: {refused[0]}")
        self._tell_counts()

    async def end(self) -> None:
        """Send everybody home."""
        await self._ends.aclose()

    # The steps

    async def _move_to(self, weight: int) -> None:
        context = f"new_weight={weight}"
        self._tell.say(f"cdk deploy -c {context}")
        await self._deploy(await self._synthesised(weight))
        world = self._stage.world
        if not self._people:
            await world.open_doors()
        await self._tell.wait(
            lambda: world.is_in_force(weight),
            f"weight {weight} at both doors",
        )

    async def _deploy(self, app: Path) -> None:
        await until_it_passes(
            lambda: self._stage.cdk.deploy(app=app), CdkError, self._be_released, self._tell.say
        )

    async def _synthesised(self, weight: int) -> Path:
        context = f"new_weight={weight}"
        return await self._stage.cdk.synth(context, into=context)

    async def _let_people_in(self) -> None:
        world = self._stage.world
        sides = {address: world.sides[side] for address, side in SIDE_AT.items()}
        edge = EdgeEntrance(world.edge_domain_name, world.edge.address)
        dns = DnsEntrance(RECORD, world.dns.port, sides)
        fewer = self._stage.pace.fewer
        doors = [
            *[edge] * max(4, round(fewer(AT_THE_EDGE))),
            *[dns] * max(2, round(fewer(AT_THE_DNS_DOOR))),
        ]
        self._people = [
            Person(f"{door.name}-{number}", f"198.51.100.{number}", door)
            for number, door in enumerate(doors)
        ]
        for person in self._people:
            try:
                await person.start()
            except LetDownError as error:
                raise ChatError(str(error)) from error
            self._ends.push_async_callback(person.stop)
        self._tell.say(
            f"{doors.count(edge)} people log in at the edge, as {edge.host}, and {doors.count(dns)} at the "
            f"dns door, as {dns.host}: each opens the page, asks, reads, uploads and keeps a WebSocket, all "
            "the time"
        )

    async def _go_on(self, when: str, side: str = "") -> None:
        """Let everybody do everything once more, and see that nothing failed; with `side`, all at the edge
        there."""
        starts = [len(person.acts) for person in self._people]

        def has_everybody() -> bool:
            return all(
                _ALL_HABITS.issubset(a.what for a in person.acts[start:] if self._is_at(a, side))
                for person, start in zip(self._people, starts, strict=True)
            )

        await self._tell.wait(has_everybody, f"everybody to have done everything {when}")
        new = sum(p.side == "new" for p in self._people)
        self._see_failures()
        await self._look(when)
        self._tell.say(f"{when}: {new} of {len(self._people)} people on new, nobody met an error")

    async def _open_browser(self) -> None:
        """Let one more person come, in a real browser, where there is one."""
        program, world = find(), self._stage.world
        if not program:
            self._tell.say(f"nobody comes in a browser: {MISSING}")
            return
        hosts = {world.edge_domain_name: world.edge.secure_address}
        browser = await self._ends.enter_async_context(chromium(program, hosts=hosts))
        page = await browser.page()
        self._visitor = Visitor(page, f"https://{world.edge_domain_name}", "in-a-browser")
        await self._visitor.log_in()
        self._tell.say("one more person logs in at the edge, in a browser, by https")

    async def _look(self, when: str) -> None:
        """See what the page in the browser shows, open it anew, and look again."""
        if self._visitor is None:
            return
        before = await self._visitor.look()
        await self._visitor.reload()
        after = await self._visitor.look()
        self._visitor.see_nothing_wrong()
        self._tell.say(
            f"in the browser {when}: the page of {before.build} that was open is answered by "
            f"{before.answered_by}, its WebSocket is {before.socket_side}'s; opened anew it is of "
            f"{after.build}; the browser complains of nothing"
        )

    @staticmethod
    def _is_at(act: Act, side: str) -> bool:
        return not side or act.entrance == "dns" or act.side == side

    async def _roll_back(self) -> None:
        """New breaks while much is under way on it, and a person throws the switch."""
        world = self._stage.world
        sender = next(p for p in self._people if p.entrance.name == "edge" and p.side == "new")
        half_sent, thrown = asyncio.Event(), asyncio.Event()

        async def pieces() -> AsyncIterator[bytes]:
            for number in range(_FILE):
                if number == _FILE // 2:
                    half_sent.set()
                    await thrown.wait()
                yield bytes(_PIECE)

        uploading = asyncio.create_task(sender.send_file(pieces(), _FILE * _PIECE))
        try:
            await asyncio.wait_for(half_sent.wait(), self._stage.pace.longer(_WAIT_SECONDS))
            self._tell.say(
                f"half of a file of {_FILE} MB is on its way to new: new breaks, it answers 500 to all "
                "that comes from now on"
            )
            struck = time.time()
            world.new.fail()
            await asyncio.sleep(_NOTICED_SECONDS)
            self._tell.say("a person calls roll_back")
            await call(self._stage, "roll_back", "new answers 500")
            await self._tell.wait(lambda: world.switch == "thrown", "the switch at the edge")
            at_edge = time.time()
            await self._tell.wait(lambda: not world.leads_to_new, "the dns door to turn")
            turned = time.time()
            # Until new is released nobody is sent there.
            self._fault = Outage(struck, at_edge, turned, float("inf"))
            thrown.set()
            arrived = await uploading
        finally:
            uploading.cancel()
        # The health checks, which see new too, must not outlast this: their alarms look back for minutes.
        await world.new.heal()
        await self._tell.wait(
            lambda: all(p.acts[-1].ended > turned for p in self._people), "what was under way"
        )
        await self._go_on("after the rollback", side="old")
        whole = "arrived whole" if arrived else "was cut"
        begun, ended = across(self._acts(), self._fault, STREAMS)
        sockets, stayed = across(self._acts(), self._fault, SOCKETS)
        self._tell.say(
            f"what was under way on new: {ended} of {begun} streams went on to their end, {stayed} of "
            f"{sockets} WebSockets until their page closed them, and the file {whole}"
        )
        writes = [act for act in self._acts() if act.failure]
        by_door = Counter(act.entrance for act in writes)
        self._tell.say(
            f"{by_door['edge']} requests failed at the edge and {by_door['dns']} at the dns door that nobody "
            f"repeats, until {at_edge - struck:.1f} s and {turned - struck:.1f} s after new broke"
        )
        if not arrived or ended < begun or stayed < sockets:
            raise ChatError(
                "the rollback cut what was under way on new, which went on answering it"
            )
        if not (begun and sockets):
            raise ChatError("no stream or no WebSocket of new was under way: nothing was shown")
        self._see_moves("new", "old")

    async def _release(self) -> None:
        await self._be_released()
        assert self._fault is not None
        self._fault = replace(self._fault, healed=time.time())
        self._tell.say("new is well, and released")

    async def _be_released(self) -> None:
        """Release the switch when no alarm speaks against new, as a person would."""
        await release(self._stage, self._tell.show)

    # What was seen

    def _acts(self) -> list[Act]:
        return [act for person in self._people for act in person.acts]

    def _see_failures(self) -> None:
        spared = could_be_spared(self._acts(), self._fault)
        if spared:
            one = spared[0]
            raise ChatError(
                f"{len(spared)} errors that a healthy side could have spared, the first: {one.who} at the "
                f"{one.entrance} door, {one.what}: {one.failure}"
            )

    def _see_moves(self, before: str, after: str, *, everybody: bool = False) -> None:
        at_edge = [p for p in self._people if p.entrance.name == "edge"]
        who = moved(self._acts(), before, after)
        if not who or (everybody and len(who) < len(at_edge)):
            raise ChatError(f"{len(who)} of {len(at_edge)} people moved from {before} to {after}")
        self._tell.say(
            f"{len(who)} people at the edge moved from {before} to {after}, still logged in"
        )

    def _tell_counts(self) -> None:
        done = Counter((act.entrance, act.what) for act in self._acts() if not act.failure)
        for door in ("edge", "dns"):
            each = ", ".join(
                f"{what} {count}" for (at, what), count in sorted(done.items()) if at == door
            )
            self._tell.say(f"went well at the {door} door: {each}")


async def play_chat(console: Console) -> None:
    """Set the stage with two chats and play.

    Raises
    ------
    ChatError, CallError, BrowserError, CdkError, TimeoutError, EmbeddedCloudError
        When something is not as it must be.
    """
    with console.status("") as status:
        pace = await measured(console, status)
        async with set_stage(pace=pace, side=ChatSide) as stage:
            play = ChatPlay(stage, Telling(console, status, pace))
            try:
                await play.run()
            finally:
                await play.end()
