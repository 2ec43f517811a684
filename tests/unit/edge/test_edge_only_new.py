"""Once old has left the doors, the edge function sends everybody to new, whatever the switch says."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cutover.paths import LAMBDA
from rehearsal.edge_runtime.client import Origin
from shared.doors.weights import weight_in_code
from tests.unit.support.edge_driver import (
    THROWN,
    LocalEdge,
    local_edge,
    pin,
    side_of,
    viewer_request,
    viewer_response,
)

CODE = (
    (LAMBDA / "edge" / "only_new.js")
    .read_text(encoding="utf-8")
    .replace("${NewWeight}", "100")
    .replace("${SideHeader}", "x-cutover-side")
)


@pytest.fixture(scope="module")
def edge() -> Iterator[LocalEdge]:
    with local_edge() as running:
        running.load_code(CODE, THROWN)
        yield running


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("cookies", [{}, {"cutover-pin": pin("old")}])
def test_everybody_goes_to_new_alone(edge: LocalEdge, method: str, cookies: dict[str, str]) -> None:
    outcome = edge.run(viewer_request(method=method, cookies=cookies))
    assert side_of(outcome) == "new"
    assert outcome.origin == Origin("single", ("new",), ())
    assert outcome.log_data == "new"
    assert outcome.request is not None
    assert outcome.request["headers"]["x-forwarded-host"] == outcome.request["headers"]["host"]


def test_it_goes_on_without_its_store(edge: LocalEdge) -> None:
    edge.set_store(None)
    assert side_of(edge.run(viewer_request())) == "new"


def test_an_answer_is_left_as_it_is(edge: LocalEdge) -> None:
    event = viewer_response()
    outcome = edge.run(event)
    assert outcome.error is None
    assert outcome.response == event["response"]


def test_status_reads_the_weight_from_it() -> None:
    assert weight_in_code(CODE) == 100
    assert "${" not in CODE
    assert len(CODE.encode()) < 10_240
