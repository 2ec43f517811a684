"""Whatever stands in a request to a custom resource: a sentence says what, and CloudFormation is answered."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bake import handler as bake
from bake.request import parse as bake_request
from capacity import handler as capacity
from gate import handler as gate
from gate.leaving import parse_phase
from gate.request import parse as gate_request
from shared.promotion.change import Change, parse_change
from shared.properties import PropertyError
from shared.readiness.reading import SpecError
from tests.unit.support.gate_rig import PROPERTIES, Clock, Rig
from tests.unit.support.places import Place, places, with_at

EARLIER: dict[str, Any] = {
    **PROPERTIES,
    "NewWeight": "5",
    "BakeMinutes": "5",
    "DistributionId": "E1",
    "Groups": [{"Name": "staff", "FromWeight": "1", "By": "header x", "Values": ["1"]}],
}
EVENT: dict[str, Any] = {
    "RequestType": "Update",
    "ResponseURL": "https://cloudformation.example/answer",
    "StackId": "arn:aws:cloudformation:us-east-1:1:stack/chatmrpt-traffic/1",
    "RequestId": "r",
    "LogicalResourceId": "Gate",
    "PhysicalResourceId": "Gate",
    "ResourceProperties": EARLIER | {"NewWeight": "10"},
    "OldResourceProperties": EARLIER,
}
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=4)
    | st.just("x" * 999),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=4,
)


PLACES = list(places(EVENT))[1:]


def _with(place: Place, *value: Any) -> dict[str, Any]:
    """Return the event with another value at `place`, or without what was there."""
    event: dict[str, Any] = with_at(EVENT, place, *value)
    return event


def _all_read(event: Any) -> None:
    parse_change(event)
    parse_phase(event)
    gate_request(event["ResourceProperties"])
    bake_request(event)


def test_what_cloudformation_sends_is_read() -> None:
    _all_read(EVENT)


@given(
    place=st.sampled_from(PLACES),
    value=st.one_of(st.just(()), st.tuples(ANYTHING)),
    kind=st.sampled_from(["Create", "Update", "Delete"]),
)
def test_a_damaged_request_is_read_or_refused_in_a_sentence(
    place: tuple[Any, ...], value: tuple[Any, ...], kind: str
) -> None:
    event = _with(place, *value)
    if place != ("RequestType",):
        event["RequestType"] = kind
    try:
        change = parse_change(event)
        assert {change.before, change.after} <= set(range(101))
        parse_phase(event)
        bake_request(event)
        said = "it was read"
    except PropertyError as error:
        said = str(error)
    assert len(said.split()) > 2
    assert said.isprintable()


@pytest.mark.parametrize("event", [None, [], "x", 1, {}])
def test_what_is_no_request_at_all_gets_a_sentence(event: Any) -> None:
    for function in (gate.handler, bake.handler):
        with pytest.raises(PropertyError, match=r"it must be an object|is missing: deploy with"):
            function(event, Clock())
    with pytest.raises(PropertyError, match="ResponseURL is missing"):
        capacity.handler({"RequestType": "Delete"}, None)


@pytest.mark.parametrize(
    "was", [{}, {"NewWeight": "x"}, None, [], {"NewWeight": "50", "Groups": 5}]
)
def test_a_fall_to_0_and_a_deletion_pass_whatever_was_there_before(rig: Rig, was: Any) -> None:
    fall = {
        **EVENT,
        "ResponseURL": rig.answers.url,
        "ResourceProperties": EARLIER | {"NewWeight": "0"},
        "OldResourceProperties": was,
    }
    assert rig.hand_over(fall) == ("SUCCESS", "")
    gone = {
        **EVENT,
        "ResponseURL": rig.answers.url,
        "RequestType": "Delete",
        "ResourceProperties": was,
    }
    assert rig.hand_over(gone) == ("SUCCESS", "")
    assert parse_change(gone).after == 0
    assert rig.runs == 0


def test_a_rollback_by_cloudformation_passes_though_it_cannot_be_read(rig: Rig) -> None:
    event = {**_with(("ResourceProperties", "NewWeight"), "ten"), "ResponseURL": rig.answers.url}
    status, reason = rig.hand_over(event)
    assert status == "FAILED"
    assert 'NewWeight is "ten": it must be a whole number from 0 to 100' in reason
    rig.stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert rig.hand_over(event) == ("SUCCESS", "")


def test_half_a_character_does_not_keep_the_answer_back(rig: Rig) -> None:
    logging.getLogger("gate").setLevel(logging.CRITICAL)
    event = {**_with(("RequestId",), "half \ud800"), "ResponseURL": rig.answers.url}
    event["ResourceProperties"]["Readiness"] = {"\udfff": "1"}
    status, reason = rig.hand_over(event)
    assert (status, "is not a known property" in reason) == ("FAILED", True)


@pytest.mark.parametrize("name", ["Promotion", "Readiness", "Alarms", "Override", "Decommission"])
@pytest.mark.parametrize("value", ["x", 5, ["x"], [None], {"x": 1}])
def test_a_part_of_the_wrong_kind_is_named(name: str, value: Any) -> None:
    with pytest.raises((SpecError, PropertyError), match=name):
        gate_request(PROPERTIES | {name: value})


def test_a_change_that_no_group_joins_reads_none() -> None:
    bare = {"NewWeight": "1"}
    event = {"RequestType": "Create", "ResourceProperties": bare}
    assert parse_change(event) == Change(0, 1)


@pytest.mark.parametrize("value", [None, "", "soon", [], float("inf"), 10**400, -1, True])
@pytest.mark.parametrize("name", [bake.STARTED_AT, bake.ASKED_AT])
def test_what_the_bake_remembers_is_read_or_named(
    name: str, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bake, "_is_put_back", lambda _event: False)
    kept = {bake.STARTED_AT: 1.5, bake.ASKED_AT: 1.0, bake.NO_NEED: "", "Data": {bake.LIVE: ""}}
    with pytest.raises(PropertyError, match=f"{name} is .*: it must be a time in seconds"):
        bake.handler(EVENT | kept | {name: value}, None)
