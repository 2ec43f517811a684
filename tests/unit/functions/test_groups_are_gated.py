"""A group that joins at the weight that there is waits for the gate and bakes, as a rise does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bake.objections import Objections
from bake.request import parse as parse_bake
from bake.verdict import BakeError, passed
from cutover.declaration.groups import Group
from cutover.promotion.groups_property import groups_property
from shared.inference.verdict import Verdict
from shared.promotion.change import Change, parse_change
from shared.readiness.finding import Finding
from tests.unit.support.gate_rig import THROWN, Rig

NAMES = ("beta", "office", "late")


def group(
    name: str = "staff", *values: str, from_weight: int = 1, kind: str = "header x-staff"
) -> dict[str, Any]:
    """Return a group as CloudFormation hands it on: every number is text."""
    return {
        "Name": name,
        "FromWeight": str(from_weight),
        "By": kind,
        "Values": list(values or ("1",)),
    }


def change(before: int, after: int, had: list[dict[str, Any]], has: list[dict[str, Any]]) -> Change:
    def properties(weight: int, groups: list[dict[str, Any]]) -> dict[str, Any]:
        return {"NewWeight": str(weight), **({"Groups": groups} if groups else {})}

    return parse_change(
        {
            "RequestType": "Update",
            "OldResourceProperties": properties(before, had),
            "ResourceProperties": properties(after, has),
        }
    )


@pytest.mark.parametrize(
    ("before", "after", "had", "has", "joins"),
    [
        (10, 10, [], [group()], ("staff",)),
        (10, 10, [group()], [group()], ()),
        (10, 10, [group()], [], ()),
        (10, 10, [group("a")], [group("b")], ()),
        (10, 10, [group("staff", "1", "2")], [group("staff", "2")], ()),
        (10, 10, [group("staff", "1")], [group("staff", "1", "2")], ("staff",)),
        (10, 10, [group()], [group(kind="cookie staff")], ("staff",)),
        (10, 10, [], [group(from_weight=25)], ()),
        (10, 10, [group(from_weight=25)], [group(from_weight=10)], ("staff",)),
        (10, 10, [group("a"), group("b", "2")], [group("both", "1", "2")], ()),
        (10, 25, [group(from_weight=25)], [group(from_weight=25)], ("staff",)),
        (25, 10, [group(from_weight=25)], [group(from_weight=25)], ()),
        (25, 10, [], [group()], ("staff",)),
        (10, 0, [], [group()], ()),
        (0, 0, [], [group()], ()),
        (100, 100, [], [group()], ()),
        (100, 50, [], [group()], ()),
    ],
)  # fmt: skip
def test_who_joins(
    before: int,
    after: int,
    had: list[dict[str, Any]],
    has: list[dict[str, Any]],
    joins: tuple[str, ...],
) -> None:
    found = change(before, after, had, has)

    assert found.joins == joins
    assert found.rises is (after > before or bool(joins))


def test_a_stack_that_is_made_lets_its_groups_in_with_its_weight() -> None:
    wanted = {"NewWeight": "1", "Groups": [group()]}
    made = parse_change({"RequestType": "Create", "ResourceProperties": wanted})

    assert made == Change(0, 1, ("staff",))
    assert parse_change({"RequestType": "Delete", "ResourceProperties": wanted}) == Change(1, 0)


@given(
    st.integers(0, 100),
    st.lists(st.builds(group, st.sampled_from(NAMES), from_weight=st.integers(1, 99)), max_size=3),
)
def test_a_deploy_that_changes_nothing_is_no_rise(
    weight: int, groups: list[dict[str, Any]]
) -> None:
    assert not change(weight, weight, groups, groups).rises


@given(st.integers(0, 100), st.integers(0, 100))
def test_without_groups_a_change_is_its_weights(before: int, after: int) -> None:
    assert change(before, after, [], []) == Change(before, after)


def test_gate_and_bake_are_given_what_they_read() -> None:
    declared = Group.model_validate(
        {"name": "office", "from_weight": 5, "networks": ["192.0.2.0/24"]}
    )
    held = groups_property([declared])

    assert groups_property([]) == {}
    assert held == {
        "Groups": [{"Name": "office", "FromWeight": 5, "By": "network", "Values": ["192.0.2.0/24"]}]
    }


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Change(5, 10), "new_weight 5 to 10"),
        (Change(5, 10, ("a",)), "new_weight 5 to 10, and the group a joins"),
        (Change(5, 5, ("a", "b")), "new_weight stays at 5, and the groups a and b join"),
        (Change(5, 10, ("a", "b", "c")), "new_weight 5 to 10, and the groups a, b and c join"),
    ],
)
def test_a_change_is_said_with_its_groups(found: Change, said: str) -> None:
    assert found.said == said


def test_the_gate_looks_before_a_group_joins(rig: Rig) -> None:
    assert rig.ask(10, 10, Groups=[group()]) == ("SUCCESS", "")
    assert rig.runs == 1

    rig.findings.append(Finding("parity:/ping", Verdict.FAIL, "/ping differs"))
    status, reason = rig.ask(10, 10, Groups=[group()])
    assert status == "FAILED"
    assert "/ping differs" in reason
    refused = rig.events.sent[-1]
    assert "the gate refused new_weight stays at 10, and the group staff joins" in str(refused)


def test_a_group_that_leaves_passes_at_once(rig: Rig) -> None:
    assert rig.ask(10, 10, had=[group()]) == ("SUCCESS", "")
    assert rig.runs == 0


def test_no_group_joins_while_the_switch_is_thrown(rig: Rig) -> None:
    rig.store.items["switch"] = THROWN
    status, reason = rig.ask(10, 10, Groups=[group()])

    assert (status, rig.runs) == ("FAILED", 0)
    assert "is thrown by alarm:x" in reason
    assert "so the group staff may not join. Release it first" in reason


def test_a_group_that_joins_bakes_and_takes_the_groups_back() -> None:
    event = {
        "RequestType": "Update",
        "OldResourceProperties": {"NewWeight": "10"},
        "ResourceProperties": {
            "NewWeight": "10",
            "BakeMinutes": "5",
            "Alarms": [],
            "Groups": [group()],
        },
    }
    request = parse_bake(event)

    assert request.no_need() == ""
    with pytest.raises(BakeError) as failed:
        passed(request, 60, Objections(("it burns",)))
    assert str(failed.value) == (
        "the bake of new_weight 10 with the group staff failed after 1 min 0 s of 5 min: it burns. "
        "CloudFormation puts the weight back to 10, and the groups back."
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            10,
            10,
            "ada keeps new_weight of chatmrpt at 10 and lets the group staff in. The declared",
        ),
        (
            10,
            25,
            "ada raises new_weight of chatmrpt from 10 to 25 and lets the group staff in. The",
        ),
    ],
)
def test_an_override_says_which_group_it_lets_in(
    rig: Rig, before: int, after: int, said: str
) -> None:
    override = {"By": "ada", "Reason": "old is dying"}
    assert rig.ask(before, after, Groups=[group()], Override=override) == ("SUCCESS", "")
    assert rig.sns.published[0]["Message"].startswith(said)
