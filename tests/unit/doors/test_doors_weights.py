"""The weight of new is read from what is deployed, strictly."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutover.declaration.groups import Group, as_code
from cutover.doors.edge_code import router_code
from cutover.paths import LAMBDA
from shared.doors.weights import (
    WeightError,
    groups_in_code,
    weight_in_code,
    weight_in_records,
    weights_by_type,
)

NAME = "app.example.com"
ROUTER = LAMBDA / "edge" / "router.js"


def record(side: str, weight: int, name: str = f"{NAME}.", kind: str = "A") -> dict[str, Any]:
    return {"Name": name, "Type": kind, "SetIdentifier": side, "Weight": weight}


@given(weight=st.integers(min_value=0, max_value=100))
def test_the_weight_is_found_in_the_code_that_is_deployed(weight: int) -> None:
    source = ROUTER.read_text(encoding="utf-8")
    assert weight_in_code(source.replace("${NewWeight}", str(weight))) == weight


@pytest.mark.parametrize("code", ["", "percent('101')", "percent('${NewWeight}')"])
def test_code_without_a_weight_is_an_error(code: str) -> None:
    with pytest.raises(WeightError):
        weight_in_code(code)


@given(old=st.integers(0, 255), new=st.integers(0, 255))
def test_weights_are_shares_of_their_sum(old: int, new: int) -> None:
    records = [record("old", old), record("new", new), record("old", 7, "b.example.com.")]
    if old + new == 0:
        with pytest.raises(WeightError, match="equal shares"):
            weight_in_records(records, NAME)
    else:
        assert weight_in_records(records, NAME) == pytest.approx(100 * new / (old + new))


def test_a_missing_record_is_an_error() -> None:
    with pytest.raises(WeightError, match="no weighted records"):
        weight_in_records([record("old", 100)], NAME)


def test_each_record_type_has_its_own_weight_and_two_that_differ_make_none() -> None:
    records = [
        record("old", 75),
        record("new", 25),
        record("old", 90, kind="AAAA"),
        record("new", 10, kind="AAAA"),
    ]
    assert weights_by_type(records, NAME) == {"A": 25, "AAAA": 10}
    with pytest.raises(WeightError, match=r"differ: A 25 %, AAAA 10 %"):
        weight_in_records(records, NAME)


def test_a_side_missing_from_one_type_is_an_error_that_names_the_type() -> None:
    with pytest.raises(WeightError, match="AAAA"):
        weights_by_type(
            [record("old", 75), record("new", 25), record("old", 75, kind="AAAA")], NAME
        )


@given(weight=st.integers(0, 255))
def test_new_alone_gets_everybody_whatever_its_weight(weight: int) -> None:
    """Old has left the door, or somebody took its record away: nobody else can answer."""
    assert weight_in_records([record("new", weight)], NAME) == 100


def test_the_groups_in_the_code_that_is_deployed_are_those_that_are_in() -> None:
    groups = [
        {"name": "one", "header": {"name": "x-a", "values": ["];", "percent('1')"]}},
        {"name": "two", "from_weight": 10, "countries": ["SE"]},
    ]
    declared = [Group.model_validate(group) for group in groups]

    def code(weight: int) -> str:
        return (
            router_code(with_groups=True)
            .replace("${Groups}", as_code(declared))
            .replace("${NewWeight}", str(weight))
        )

    assert [groups_in_code(code(weight)) for weight in (0, 1, 9, 10)] == [
        (),
        ("one",),
        ("one",),
        ("one", "two"),
    ]
    assert weight_in_code(code(10)) == 10
    assert groups_in_code(router_code(with_groups=False)) == ()
