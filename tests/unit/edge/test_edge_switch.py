"""The switch, the pin and the store: who may be on new at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutover.doors.switch import FIRST_CONTENT
from tests.unit.support.edge_driver import (
    PIN_KEY,
    RELEASED,
    THROWN,
    LocalEdge,
    local_edge,
    pin,
    side_of,
    substituted,
    viewer_request,
)

LONG_AGO = 1_000_000_000


@pytest.fixture(scope="module")
def edge() -> Iterator[LocalEdge]:
    with local_edge() as running:
        yield running


def with_another_last_digit(cookie: str) -> str:
    return cookie[:-1] + ("0" if cookie[-1] != "0" else "1")


def side_with(edge: LocalEdge, cookie: str | None = None) -> str:
    cookies = {} if cookie is None else {"cutover-pin": cookie}
    return side_of(edge.run(viewer_request(cookies=cookies)))


def test_a_released_switch_lets_the_weight_decide(edge: LocalEdge) -> None:
    edge.load(100)

    assert side_with(edge) == "new"


@pytest.mark.parametrize(
    "store",
    [
        pytest.param(THROWN, id="thrown"),
        pytest.param({"pin-key": PIN_KEY}, id="no switch"),
        pytest.param({"switch": ""}, id="empty"),
        pytest.param({"switch": "released"}, id="no JSON"),
        pytest.param({"switch": "null"}, id="null"),
        pytest.param({"switch": '"released"'}, id="a bare text"),
        pytest.param({"switch": '{"state":"Released"}'}, id="another state"),
        pytest.param({"switch": '{"state":true}'}, id="no text"),
        pytest.param(None, id="unreadable store"),
    ],
)
def test_any_other_switch_sends_everyone_to_old(
    edge: LocalEdge, store: Mapping[str, str] | None
) -> None:
    edge.load(100, store)

    assert side_with(edge) == "old"


def test_throwing_and_releasing_take_effect_on_the_next_request(edge: LocalEdge) -> None:
    edge.load(100)
    sides = [side_with(edge)]
    edge.set_store(THROWN)
    sides.append(side_with(edge))
    edge.set_store(RELEASED)
    sides.append(side_with(edge))

    assert sides == ["new", "old", "new"]


@pytest.mark.parametrize(
    ("weight", "store", "cookie", "said"),
    [
        (0, RELEASED, None, "old"),
        (100, RELEASED, None, "new"),
        (100, THROWN, None, "old"),
        (100, None, None, "old"),
        (0, RELEASED, pin("new"), "pin-new"),
        (100, THROWN, pin("old"), "pin-old"),
        (100, RELEASED, with_another_last_digit(pin("old")), "new"),
    ],
)
def test_the_log_is_told_the_side_and_who_is_a_tester(
    edge: LocalEdge, weight: int, store: Mapping[str, str] | None, cookie: str | None, said: str
) -> None:
    edge.load(weight, store)
    cookies = {} if cookie is None else {"cutover-pin": cookie}
    assert edge.run(viewer_request(cookies=cookies)).log_data == said
    assert edge.run(viewer_request(method="POST", cookies=cookies)).log_data == said


def test_what_a_viewer_sends_does_not_reach_the_log(edge: LocalEdge) -> None:
    edge.load(100)
    sent = viewer_request(
        uri="/?cf.logCustomData(old)", headers={"x-cutover-side": {"value": "old"}}
    )
    assert edge.run(sent).log_data == "new"


def test_a_runtime_without_the_log_s_data_serves_as_before(edge: LocalEdge) -> None:
    edge.load_code(substituted("100").replace("cf.logCustomData", "cf.notThere"))
    outcome = edge.run(viewer_request())
    assert side_of(outcome) == "new"
    assert (outcome.log_data, outcome.logs) == ("-", ())


def test_an_unreadable_store_is_logged_in_one_line(edge: LocalEdge) -> None:
    edge.load(100, None)

    assert edge.run(viewer_request()).logs == ("to old: Error: KeyValueStore cannot be read",)


@pytest.mark.parametrize("store", [RELEASED, THROWN], ids=["released", "thrown"])
def test_an_ordinary_request_logs_nothing(edge: LocalEdge, store: Mapping[str, str]) -> None:
    edge.load(50, store)

    assert edge.run(viewer_request()).logs == ()


def test_a_tester_is_on_new_before_any_traffic_moves(edge: LocalEdge) -> None:
    edge.load(0)

    assert side_with(edge, pin("new")) == "new"


def test_a_tester_stays_on_old_after_all_traffic_moved(edge: LocalEdge) -> None:
    edge.load(100)

    assert side_with(edge, pin("old")) == "old"


def test_a_tester_can_look_at_new_while_the_switch_is_thrown(edge: LocalEdge) -> None:
    edge.load(100, THROWN)

    assert side_with(edge, pin("new")) == "new"


def test_an_unreadable_store_sends_testers_to_old_too(edge: LocalEdge) -> None:
    edge.load(100, None)

    assert side_with(edge, pin("new")) == "old"


@pytest.mark.parametrize(
    "cookie",
    [
        pytest.param(pin("new", expiry=LONG_AGO), id="expired"),
        pytest.param(pin("new", service="billing"), id="signed for another service"),
        pytest.param(pin("new", key="00" * 32), id="signed with another key"),
        pytest.param("new" + pin("old")[3:], id="the side exchanged"),
        pytest.param(pin("new").replace("4900000000", "4900000001"), id="the expiry prolonged"),
        pytest.param(with_another_last_digit(pin("new")), id="wrong in the last digit"),
        pytest.param(pin("new")[:-1] + "g", id="no hex"),
        pytest.param(pin("new")[:-1], id="cut short"),
        pytest.param(pin("newer"), id="no such side"),
        pytest.param("new", id="a bare side"),
        pytest.param("", id="empty"),
    ],
)
def test_a_bad_pin_is_as_good_as_none(edge: LocalEdge, cookie: str) -> None:
    edge.load(0)
    assert side_with(edge, cookie) == "old"
    edge.load(100)
    assert side_with(edge, cookie) == "new"


@pytest.mark.parametrize("key", [None, "", "short"], ids=["missing", "empty", "malformed"])
def test_no_pin_holds_without_a_proper_pin_key(edge: LocalEdge, key: str | None) -> None:
    store = {"switch": RELEASED["switch"]} | ({} if key is None else {"pin-key": key})
    edge.load(0, store)

    assert side_with(edge, pin("new", key=key or "")) == "old"


SEEDED = {**FIRST_CONTENT, "switch": RELEASED["switch"]}
LACKING = {"switch": RELEASED["switch"]}
"""A store made before the pin key was part of its first content."""
FORGED = st.one_of(
    st.text(max_size=100),
    st.from_regex(r"\A(old|new)\.[0-9]{1,12}\.[0-9a-f]{64}\Z"),
    # Signed with the text that everybody can read in this repository, or with nothing.
    st.builds(pin, st.sampled_from(["old", "new"]), key=st.sampled_from([FIRST_CONTENT["pin-key"], ""])),
)  # fmt: skip


@pytest.mark.parametrize("store", [SEEDED, LACKING], ids=["seeded", "lacking"])
@given(cookies=st.lists(FORGED, min_size=1, max_size=20))
@settings(max_examples=50)
def test_until_somebody_pins_no_cookie_pins_and_none_makes_a_read_fail(
    edge: LocalEdge, store: Mapping[str, str], cookies: list[str]
) -> None:
    for weight, side in ((0, "old"), (100, "new")):
        edge.load(weight, store)
        for cookie in cookies:
            outcome = edge.run(viewer_request(cookies={"cutover-pin": cookie}))
            assert (side_of(outcome), outcome.store_errors) == (side, 0)


def test_a_store_that_cannot_be_read_counts_as_a_read_error(edge: LocalEdge) -> None:
    edge.load(100, None)
    assert edge.run(viewer_request()).store_errors == 1


def test_a_pinned_get_has_no_failover_so_that_the_tester_sees_new_fail(edge: LocalEdge) -> None:
    edge.load(0)

    origin = edge.run(viewer_request(cookies={"cutover-pin": pin("new")})).origin

    assert origin is not None
    assert (origin.kind, origin.ids) == ("single", ("new",))
