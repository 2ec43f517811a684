"""How far away a side is, by handshakes alone."""

from __future__ import annotations

import asyncio
import socket

import pytest

from shared.readiness.http.distance import seconds_to
from shared.readiness.spec import Side


def test_a_side_that_never_answers_a_request_still_tells_how_far_away_it_is() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        side = Side(f"http://127.0.0.1:{listening.getsockname()[1]}")
        assert 0 < asyncio.run(seconds_to(side, 600)) < 600


def test_nobody_there_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        side = Side(f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(ConnectionRefusedError):
            asyncio.run(seconds_to(side, 600))


def test_it_goes_where_the_name_leads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another address may be of a kind that this machine does not speak; a rehearsal leads to other ports."""
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        places = [one.getsockname() for one in (taken, listening)]
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        side = Side("http://new-1.eu-central-1.elb.amazonaws.com:80")
        assert 0 < asyncio.run(seconds_to(side, 600)) < 600
