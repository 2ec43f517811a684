"""People at the edge lose nothing while the weight moves and is rolled back, and notice what is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from rehearsal.chat.acts import could_be_spared, moved
from rehearsal.chat.entrance import EdgeEntrance
from rehearsal.chat.people import LetDownError, Person
from rehearsal.chat.side import ChatSide
from rehearsal.outage import Outage
from rehearsal.world.edge_config import ALL_VIEWER_AND_CLOUDFRONT_HEADERS
from rehearsal.world.side import LocalSide
from rehearsal.world.world import wait_until
from tests.unit.world.test_world_edge import FakeCloudFront, Play, play

HOST = "d111111abcdef8.cloudfront.net"
HALF = 32
"""Megabytes of a file."""
THROWN = '{"state":"thrown"}'


def quick(name: str, paths: list[str], *, mean_latency_ms: float) -> LocalSide:
    return ChatSide(name, paths, mean_latency_ms=mean_latency_ms, pause=0.005)


def forgetful(name: str, paths: list[str], *, mean_latency_ms: float) -> LocalSide:
    """Each side has a key of its own, so a session of one is nobody's on the other."""
    return ChatSide(name, paths, mean_latency_ms=mean_latency_ms, pause=0.005, key=name.encode())


def with_people(
    scene: Callable[[Play, list[Person]], Awaitable[None]],
    kind: Callable[..., LocalSide] = quick,
) -> None:
    """Play `scene` with two people at the edge, at weight 0."""
    deployed = FakeCloudFront(0)
    deployed.forwards = ALL_VIEWER_AND_CLOUDFRONT_HEADERS
    # As deployed: nothing here waits for a side that is late.
    deployed.read_timeout_seconds = 60
    deployed.errors = [{"ErrorCode": code, "ErrorCachingMinTTL": 0} for code in (403, 404)]

    async def run(stage: Play) -> None:
        entrance = EdgeEntrance(HOST, stage.edge.address)
        people = [
            Person(name, f"198.51.100.{number}", entrance, rest=0.02)
            for number, name in enumerate(("ada", "bob"))
        ]
        try:
            for person in people:
                await person.start()
            await scene(stage, people)
        finally:
            for person in people:
                await person.stop()

    play(run, weight=0, cloudfront=deployed, kind=kind)


async def everybody_is_served_by(people: list[Person], side: str) -> None:
    """Wait until each has done everything that they do, at `side`."""
    starts = {person: len(person.acts) for person in people}
    wanted = {"who am I", "page", "upload", "ask", "events"}

    def done() -> bool:
        return all(
            wanted <= {a.what for a in person.acts[start:] if a.side == side or a.failure}
            for person, start in starts.items()
        )

    await wait_until(done, seconds=60, what=f"everybody at {side}")


async def move_to(stage: Play, weight: int) -> None:
    stage.cloudfront.weight = weight
    await wait_until(lambda: f"percent('{weight}')" in stage.edge.code, seconds=60, what="weight")


async def throw(stage: Play) -> None:
    stage.keys.switch = THROWN
    await wait_until(lambda: stage.edge.switch == THROWN, seconds=60, what="the switch")


def failures(people: list[Person], fault: Outage | None = None) -> list[str]:
    return [f"{a.what}: {a.failure}" for p in people for a in could_be_spared(p.acts, fault)]


def test_nobody_loses_anything_as_the_weight_moves_and_is_rolled_back() -> None:
    async def scene(stage: Play, people: list[Person]) -> None:
        await everybody_is_served_by(people, "old")
        await move_to(stage, 100)
        await everybody_is_served_by(people, "new")
        at = time.time()
        await throw(stage)
        await everybody_is_served_by(people, "old")
        # New is ill to the switch: nobody is sent there for a file that only its build has.
        assert failures(people, Outage(at, at, at, time.time())) == []
        acts = [act for person in people for act in person.acts]
        assert moved(acts, "old", "new") == moved(acts, "new", "old") == {"ada", "bob"}

    with_people(scene)


def test_a_stream_a_socket_and_an_upload_on_new_outlive_the_rollback() -> None:
    async def scene(stage: Play, people: list[Person]) -> None:
        await move_to(stage, 100)
        ada = Person("eve", "198.51.100.9", people[0].entrance, rest=0.02, messages=10**6)
        people.append(ada)
        await ada.start()
        await wait_until(lambda: ada.socket_side == "new", seconds=60, what="the socket")
        half_sent, thrown = asyncio.Event(), asyncio.Event()

        async def pieces() -> AsyncIterator[bytes]:
            # More than any buffer holds on the way: new has begun to take it.
            for _ in range(HALF):
                yield bytes(1 << 20)
            half_sent.set()
            await thrown.wait()
            for _ in range(HALF):
                yield bytes(1 << 20)

        uploading = asyncio.create_task(ada.send_file(pieces(), 2 * HALF << 20))
        await half_sent.wait()
        stage.sides["new"].fail()
        await throw(stage)
        thrown.set()
        assert await uploading
        sent = [act for act in ada.acts if act.what == "large file"]
        assert [(act.side, act.failure) for act in sent] == [("new", "")]
        await everybody_is_served_by([ada], "old")
        assert ada.socket_side == "new"

    with_people(scene)


def test_a_session_that_the_other_side_does_not_know_is_noticed() -> None:
    async def scene(stage: Play, people: list[Person]) -> None:
        await move_to(stage, 100)
        await everybody_is_served_by(people, "new")
        said = failures(people)
        assert "who am I: GET /me: 401 from new" in said
        assert f"page: GET /chat: 302, to https://{HOST}/login from new" in said

    with_people(scene, forgetful)


def test_a_redirect_to_another_scheme_or_name_is_noticed_at_the_door() -> None:
    async def scene(stage: Play, people: list[Person]) -> None:
        outside = EdgeEntrance("a.example", stage.edge.address, scheme="http")
        with pytest.raises(LetDownError, match="led out of the door, to https://a"):
            await Person("eve", "198.51.100.9", outside).start()

    with_people(scene)


def test_who_goes_home_does_nothing_again_whatever_is_broken_off() -> None:
    async def scene(_stage: Play, people: list[Person]) -> None:
        tried: list[None] = []

        async def complains() -> str:
            tried.append(None)
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError as error:
                raise ConnectionResetError("broken off") from error
            return ""

        ada = people[0]
        ada._habits.append(asyncio.create_task(ada._again_and_again("complain", complains, 0)))
        await wait_until(lambda: bool(tried), seconds=60, what="the complaint")
        await ada.stop()
        assert len(tried) == 1

    with_people(scene)
