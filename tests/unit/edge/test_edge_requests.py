"""What a request becomes: its origin, its header, its memory of the viewer, its errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rehearsal.edge_runtime.client import Origin
from tests.unit.support.edge_driver import (
    VIEWERS,
    LocalEdge,
    local_edge,
    side_of,
    substituted,
    viewer_request,
    viewer_response,
)

KEPT_KEY = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def edge() -> Iterator[LocalEdge]:
    with local_edge() as running:
        yield running


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_request_safe_to_repeat_fails_over_from_new_to_old(edge: LocalEdge, method: str) -> None:
    edge.load(100)

    origin = edge.run(viewer_request(method=method)).origin

    assert origin == Origin("group", ("new", "old"), (500, 502, 503, 504))


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_other_request_goes_to_new_alone(edge: LocalEdge, method: str) -> None:
    edge.load(100)

    assert edge.run(viewer_request(method=method)).origin == Origin("single", ("new",), ())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_old_never_fails_over_to_new(edge: LocalEdge, method: str) -> None:
    edge.load(0)

    assert edge.run(viewer_request(method=method)).origin == Origin("single", ("old",), ())


@pytest.mark.parametrize(("weight", "told"), [(0, "old"), (100, "new")])
def test_a_side_header_from_the_viewer_is_overwritten(
    edge: LocalEdge, weight: int, told: str
) -> None:
    edge.load(weight)
    forged = {"value": "forged", "multiValue": [{"value": "forged"}, {"value": "again"}]}

    outcome = edge.run(viewer_request(headers={"x-cutover-side": forged}))

    assert outcome.request is not None
    assert outcome.request["headers"]["x-cutover-side"] == {"value": told}


@pytest.mark.parametrize("weight", [0, 100])
def test_the_name_that_the_viewer_asked_for_is_told_whatever_the_viewer_claims(
    edge: LocalEdge, weight: int
) -> None:
    edge.load(weight)
    forged = {"value": "evil.example", "multiValue": [{"value": "evil.example"}]}
    asked = {"host": {"value": "app.example.com"}, "x-forwarded-host": forged}

    outcome = edge.run(viewer_request(headers=asked))

    assert outcome.error is None
    assert outcome.request is not None
    assert outcome.request["headers"]["x-forwarded-host"] == {"value": "app.example.com"}
    assert outcome.request["headers"]["host"] == {"value": "app.example.com"}


def test_nothing_else_of_the_request_changes(edge: LocalEdge) -> None:
    edge.load(100)
    event = viewer_request(cookies={"session": "s1"}, headers={"accept": {"value": "*/*"}})

    outcome = edge.run(event)

    assert outcome.request is not None
    for told in ("x-cutover-side", "x-forwarded-host"):
        outcome.request["headers"].pop(told, None)
    assert outcome.request == event["request"]


def test_the_first_response_remembers_the_viewer_for_thirty_days(edge: LocalEdge) -> None:
    edge.load(50)

    response = edge.run(viewer_response()).response

    assert response is not None
    assert response["cookies"]["cutover-viewer"] == {
        # sha256 of "198.51.100.7 Mozilla/5.0", its first 32 hex digits
        "value": "1e5b5a5055c9bf1d17ccbaa53244a370",
        "attributes": "Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax",
    }
    assert response["cookies"]["session"] == {"value": "s1", "attributes": "HttpOnly"}


def test_a_remembered_viewer_gets_no_second_cookie(edge: LocalEdge) -> None:
    edge.load(50)

    response = edge.run(viewer_response(cookies={"cutover-viewer": KEPT_KEY})).response

    assert response is not None
    assert list(response["cookies"]) == ["session"]


def test_a_malformed_viewer_cookie_is_replaced(edge: LocalEdge) -> None:
    edge.load(50)

    response = edge.run(viewer_response(cookies={"cutover-viewer": "<script>"})).response

    assert response is not None
    assert len(response["cookies"]["cutover-viewer"]["value"]) == 32


def test_the_cookie_and_not_the_address_keeps_a_viewer_on_its_side(edge: LocalEdge) -> None:
    edge.load(50)
    moved_without_cookie = 0
    for home, train in zip(VIEWERS[:200], VIEWERS[200:400], strict=True):
        first = side_of(edge.run(viewer_request(ip=home)))
        response = edge.run(viewer_response(ip=home)).response
        assert response is not None
        cookies = {"cutover-viewer": response["cookies"]["cutover-viewer"]["value"]}

        assert side_of(edge.run(viewer_request(ip=train, cookies=cookies))) == first
        moved_without_cookie += side_of(edge.run(viewer_request(ip=train))) != first

    assert moved_without_cookie > 50


def test_an_error_answer_leaves_the_viewer_on_its_side_although_no_cookie_was_set(
    edge: LocalEdge,
) -> None:
    edge.load(50)
    for ip in VIEWERS[:50]:
        # CloudFront runs no viewer-response function for a 400 or more: nothing to run in between.
        first, second = (side_of(edge.run(viewer_request(ip=ip))) for _ in range(2))
        assert first == second


def test_a_viewer_without_a_user_agent_is_split_too(edge: LocalEdge) -> None:
    edge.load(100)

    assert side_of(edge.run(viewer_request(agent=None))) == "new"


def test_a_failure_while_choosing_goes_to_old_and_says_so(edge: LocalEdge) -> None:
    edge.load(100)
    event = viewer_request()
    del event["viewer"]

    outcome = edge.run(event)

    assert side_of(outcome) == "old"
    assert len(outcome.logs) == 1
    assert outcome.logs[0].startswith("to old: TypeError")


def test_a_failure_while_selecting_leaves_the_behaviours_own_origin_which_is_old(
    edge: LocalEdge,
) -> None:
    edge.load_code(substituted("100").replace("other: 'old'", "other: 'gone'"))

    outcome = edge.run(viewer_request())

    assert outcome.error is None
    assert outcome.origin is None
    assert outcome.request is not None
    assert outcome.request["headers"]["x-cutover-side"] == {"value": "old"}
    assert outcome.logs == ("to old: Error: the distribution has no origin gone",)


def test_a_failure_while_remembering_still_answers_the_viewer(edge: LocalEdge) -> None:
    edge.load(100)
    event = viewer_response()
    del event["viewer"]

    outcome = edge.run(event)

    assert outcome.error is None
    assert outcome.response == event["response"]
