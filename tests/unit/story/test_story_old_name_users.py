"""Those who use old's own name follow where its load balancer sends them, as browsers do, not for ever."""

from __future__ import annotations

from typing import Any

import pytest

from cutover.declaration.reading.context import read_context
from rehearsal.story import old_name_users
from rehearsal.story.old_name_users import OldNameUsers
from rehearsal.world.listener_rules import rules_of
from rehearsal.world.side import LocalSide
from rehearsal.world.stream import Seen
from rehearsal.world.world import ADDRESSES
from tests.unit.support.described_rules import described_rules
from tests.unit.support.virtual_time import run_with_sockets
from tests.unit.world.test_world_listener_rules import DESK, OWN

(DECLARED,) = read_context({"cutover": {"desk": DESK}})
RULES = described_rules(DECLARED.service)


@pytest.fixture(autouse=True)
def _the_front_door_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask(_port: int, name: str) -> list[str]:
        assert name == "desk.example.com"
        return [ADDRESSES["new"][0]]

    monkeypatch.setattr(old_name_users, "ask", ask)


def went(described: list[dict[str, Any]], *, moved: bool = False) -> dict[str, Seen]:
    """Return how the first of each method fared, where old has these rules."""
    found: dict[str, Seen] = {}

    async def run() -> None:
        sides = {name: LocalSide(name, ["/"], mean_latency_ms=1) for name in ("old", "new")}
        for side in sides.values():
            await side.start()
        sides["old"].rules = rules_of(described)
        users = OldNameUsers(
            *(OWN, "desk.example.com", "/"),
            resolver=0,
            reach=lambda name: sides[name].address,
            a_second=1,
        )
        users.moved, users.paused = moved, True
        await users.start()
        try:
            for _ in range(2):
                await users._one()
        finally:
            await users.stop()
            for side in sides.values():
                await side.stop()
        found.update({one.method: one for one in users.seen})

    run_with_sockets(run())
    return found


def test_without_a_redirect_everybody_is_served_by_old() -> None:
    for one in went([]).values():
        assert (one.side, one.asked, one.failure) == ("old", ("old",), "")


def test_who_reads_is_sent_on_to_new_and_who_writes_is_not() -> None:
    found = went(RULES)
    assert (found["GET"].side, found["GET"].asked) == ("new", ("old", "new"))
    assert (found["POST"].side, found["POST"].asked) == ("old", ("old",))
    assert found["GET"].failure == found["POST"].failure == ""


def test_who_was_told_asks_the_front_door() -> None:
    for one in went(RULES, moved=True).values():
        assert (one.side, one.asked, one.failure) == ("new", ("new",), "")


def test_a_circle_is_a_failure() -> None:
    circle = [
        {
            "Priority": "1",
            "Conditions": [{"Field": "http-request-method", "Values": ["GET"]}],
            "Actions": [
                {"Type": "redirect", "RedirectConfig": {"Host": OWN, "StatusCode": "HTTP_302"}}
            ],
        }
    ]
    assert "sent in circles" in went(circle)["GET"].failure
